"""The implementation under test, seen from outside. Only this package opens connections to it."""

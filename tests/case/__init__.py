"""The cases as a whole: nothing is left out, nothing is unknown."""

"""Hostile and broken targets: whatever they do, a run ends with a true verdict, in time, and nothing leaks."""

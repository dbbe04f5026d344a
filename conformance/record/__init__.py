"""What a run leaves: observations and results, as values and as JSON."""

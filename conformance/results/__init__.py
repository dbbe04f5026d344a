"""Results files as they come in: from anybody."""

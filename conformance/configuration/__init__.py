"""Settings as values, read from file, environment and command line."""

"""The work of single commands of the command line."""

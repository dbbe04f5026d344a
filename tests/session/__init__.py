"""Whole runs as their users start them, each a process of its own."""

"""One run against one target: it observes, and decides nothing about what it saw."""

"""conformance init, and the schema of what it writes."""

"""The judging of single exchanges, from recorded ones."""

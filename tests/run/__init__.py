"""The parts of a run, each by itself: no server is started, and nothing is waited for."""

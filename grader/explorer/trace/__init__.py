"""The trace of a run: what happened, in whose name, in which line, and which steps race."""

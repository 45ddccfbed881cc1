"""Watching a node: graded again at each save, what failed before first."""

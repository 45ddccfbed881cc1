"""Instrumentation: a node's source with hooks at each access to what workers may share."""

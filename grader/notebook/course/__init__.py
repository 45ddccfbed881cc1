"""A course that remembers: what is done, what was written, and what a cell needs of those above it."""

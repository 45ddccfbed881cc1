"""The nodes from which the exercise starts."""

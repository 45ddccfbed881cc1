"""Comparison: several nodes side by side, in source, in pictures and in figures."""

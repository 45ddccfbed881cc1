"""Exercises: what is asked of a learner, and how an answer is judged."""

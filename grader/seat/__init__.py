"""The seat: a learner takes the scheduler's place on a real node, in a page, in a notebook or as text."""

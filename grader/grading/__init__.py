"""Grading: the cases of a submission run, judged and added up."""

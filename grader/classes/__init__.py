"""Grading a class: every submission in a folder, each in a process and a copy of its own."""

"""Tests of the reference nodes: whole processes, judged by what they write and in which order."""

"""Renderers of a grade, one a format. They decide nothing."""

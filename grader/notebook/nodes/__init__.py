"""Nodes in a notebook: written part by part, talked to, drawn."""

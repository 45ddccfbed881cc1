"""Strangers' code: what a node may use and reach, and who ends it and all that it starts."""

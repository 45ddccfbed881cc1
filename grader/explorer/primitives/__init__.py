"""Stand-ins: one module for each module of the standard library whose calls are scheduling points."""

"""Stand-ins for what synchronises: one module for each group of primitives, called as it is.

A stand-in behaves as what it stands for, under the scheduler. Each module has one `install()`, which puts its
stand-ins in place with `originals.put`; `installation.install()` calls them all, in the one order that works.
What the calls of the scheduler mean that a stand-in makes, ARCHITECTURE.md says ("How to write a stand-in").
"""

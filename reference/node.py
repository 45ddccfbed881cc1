"""The node to show first: the one with threads and locks."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__" and not __package__:  # run by its file: find the package all the same
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from reference.with_threads import node

__all__ = ["node"]

if __name__ == "__main__":
    node.run()

"""How much memory processes that wait for their turn may hold in all.

A fork shares all memory with its parent, until one of them writes there: so each that waits holds, at worst, as
much as the run had grown by when it was forked.
"""

import os
from contextlib import suppress

from grader.explorer.runtime import originals

MOST = 400 << 20  # bytes, for all that wait, and for the run itself
_PAGE = os.sysconf("SC_PAGE_SIZE")


def resident() -> int:
    """Bytes of this process that are in memory; 0 where the system doesn't tell."""
    with suppress(OSError, ValueError, IndexError), originals.open_file("/proc/self/statm", "rb") as file:
        return int(file.read().split()[1]) * _PAGE
    return 0


class Held:
    """What the processes of one tree hold that wait at this moment: those of the ancestors, and one's own."""

    def __init__(self) -> None:
        self.at_first = 0
        self.weights: list[int] = []

    def begin(self) -> None:
        """What there is now is shared by all."""
        self.at_first = resident()

    def has_room(self) -> bool:
        """Whether one more may wait, beside the run that goes on."""
        grown = self._grown()
        return sum(self.weights) + 2 * grown <= MOST

    def add(self) -> None:
        self.weights.append(self._grown())

    def remove(self) -> None:
        self.weights.pop()

    def _grown(self) -> int:
        return max(0, resident() - self.at_first)

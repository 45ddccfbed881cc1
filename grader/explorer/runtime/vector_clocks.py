"""Vector clocks, the accesses to a datum, and hashes of a worker's history.

Race detection is hybrid: two accesses race if they touch the same datum, one of them writes, no happens-before
edge (queue, event, start, join) orders them, and no lock is held at both. Releasing and acquiring a lock adds
no edge: that order is an accident of the schedule, and without it races are found whatever the schedule.
"""

from collections.abc import Hashable
from itertools import chain

Clock = dict[int, int]
NO_LOCKS: frozenset[int] = frozenset()
MASK = (1 << 64) - 1


def mix(*parts: Hashable) -> int:
    """A hash of all parts, in order. The same in every process: the hash seed is fixed there.

    What is done at every step of every run calls `hash` itself, with a tuple: that is the same, and cheaper.
    """
    return hash(parts)


def join(clock: Clock, other: Clock) -> None:
    """The pointwise maximum of both, in `clock`."""
    for worker, tick in other.items():
        if clock.get(worker, 0) < tick:
            clock[worker] = tick


class Sync:
    """What synchronises: its vector clock, and the hash of the operations on it."""

    __slots__ = ("clock", "seen", "users")

    def __init__(self) -> None:
        self.clock: Clock = {}
        self.seen = 0
        self.users: set[int] = set()


class Datum:
    """One place in memory: its last accesses by worker and locks, and their sites."""

    __slots__ = ("history", "number", "only", "reads", "sites", "writes")

    def __init__(self, number: int) -> None:
        self.number = number
        self.history = 0  # hash of the writes, in order
        self.only = -1  # the one worker that touched it; -2: there are several
        self.sites: set[int] = set()
        self.writes: dict[tuple[int, frozenset[int]], int] = {}  # by worker and locks: the last one's tick
        self.reads: dict[tuple[int, frozenset[int]], int] = {}

    def touch(
        self, worker: int, clock: Clock, locks: frozenset[int], site: int, *, reads: bool, writes: bool
    ) -> bool:
        """Note one access. True if it races with an earlier one."""
        self.sites.add(site)
        races = False
        if self.only == -1:
            self.only = worker
        elif self.only != worker:
            self.only = -2
            earlier = chain(self.writes.items(), self.reads.items()) if writes else self.writes.items()
            for (other, held), tick in earlier:
                if other != worker and clock.get(other, 0) < tick and not (locks and locks & held):
                    races = True
                    break
        if writes:
            self.writes[worker, locks] = clock[worker]
        if reads:
            self.reads[worker, locks] = clock[worker]
        return races

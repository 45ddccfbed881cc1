"""How many cases run at once: as many as there are cores, and beside them those whose node only waits, and as
many of which the node computes and says nothing: where more do, each takes all the longer.
"""

import os

RESTING = 40  # cases whose node waits, beside those that have a place: each holds a process and its memory
FILES = 8  # of ours that a case has open, at most
KEPT_FREE = 32  # files for everything else
UNTRIED = 4  # the same, while it isn't known whether the node answers anything at all


class CasePlaces:
    """Who runs, and who of them has a place. Used by one thread.

    `resting` is how many may run beside the places, their node at rest; 0 if `exactly` `jobs` run at once.
    """

    def __init__(self, jobs: int, exactly: bool) -> None:
        self.jobs, self.exactly = jobs, exactly
        self.resting = 0 if exactly else UNTRIED
        self.running: set[int] = set()
        self.seated: set[int] = set()
        self.computing: set[int] = set()  # without a place, and without a word
        self.met: set[int] = set()  # those beside which another one ran

    def trust(self) -> None:
        """The node is known to answer: from now on many of its cases may wait side by side."""
        self.resting = 0 if self.exactly else max(min(RESTING, _files_left() // FILES - self.jobs), 0)

    def have_room(self) -> bool:
        """Whether one more may begin."""
        is_full = len(self.seated) >= self.jobs or len(self.computing) >= self.jobs
        return not is_full and len(self.running) < self.jobs + self.resting

    def are_quiet(self) -> bool:
        """Whether of those who run nobody needs a core."""
        return not (self.seated or self.computing)

    def begin(self, case: int) -> None:
        self.running.add(case)
        self.seated.add(case)
        self.met.discard(case)
        if len(self.running) > 1:
            self.met |= self.running

    def leave(self, case: int, *, computes: bool) -> None:
        """Its node is at rest, or nobody knows for how long it computes: another one may start."""
        if not self.exactly:
            self.seated.discard(case)
            self.computing.discard(case)
            if computes:
                self.computing.add(case)

    def end(self, case: int) -> None:
        self.computing.discard(case)
        self.running.discard(case)
        self.seated.discard(case)


def _files_left() -> int:
    """How many files may be open at once, beside those that everything else needs."""
    try:
        import resource
    except ImportError:  # no such limit on this system
        return RESTING * FILES * 2
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return RESTING * FILES * 2 if soft == resource.RLIM_INFINITY else soft - KEPT_FREE


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

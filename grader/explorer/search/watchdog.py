"""Runs that say nothing: whether one is stuck or only slow, and in which line it stands.

A busy machine makes anybody late, so the clock says nothing here. A process that has spent much of the
processor's time without a word spins; one that sleeps, time and again, waits for what never comes. Where it
stands, Python's fault handler tells: it works within calls into C, too.
"""

import faulthandler
import os
import re
import signal
from contextlib import suppress

from grader.explorer.runtime import originals

LOOK = 1.0  # seconds of silence, then it is looked at
SPINS = 3.0  # CPU seconds
SLEEPS = 3  # looks, one after another
AT_LAST = 120.0  # seconds by the clock, where the system tells nothing of its processes

_SIGNAL = signal.SIGPROF  # nobody's but a profiler's
_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+) in ', re.MULTILINE)
_DUMP = 5.0  # seconds to write down where it stands


class Idleness:
    """How long a process has said nothing, and what it did meanwhile; `of_all`: its children, too.

    It is given up on once it has used so many CPU seconds, or slept at so many looks, one after another.
    """

    def __init__(self, spins: float = SPINS, sleeps: int = SLEEPS, *, of_all: bool = False) -> None:
        self.spins, self.sleeps, self.of_all = spins, sleeps, of_all
        self.pid = -1
        self.began = 0.0  # by the clock
        self.used = 0.0  # CPU seconds, when it was looked at first
        self.slept = 0  # looks at which it slept, and had used nothing since the one before
        self.last = 0.0

    def is_broken(self) -> None:
        """There was a word."""
        self.pid = -1

    def look(self, pid: int) -> str:
        """Why the process must be given up on; empty if it needs no more than time."""
        used, sleeps = _used(pid, of_all=self.of_all)
        if pid != self.pid:  # another goes on now: that is as good as a word
            self.pid, self.began, self.used, self.slept, self.last = pid, originals.now(), used, 0, used
            return ""
        self.slept = self.slept + 1 if sleeps and used == self.last else 0
        self.last = used
        if used - self.used >= self.spins:
            return "it neither ends nor waits"
        if self.slept >= self.sleeps:
            return "it waits in a call that Python can't see into"
        if originals.now() - self.began >= AT_LAST:
            return f"it has said nothing for {AT_LAST:.0f} s"
        return ""


def _used(pid: int, *, of_all: bool) -> tuple[float, bool]:
    """The CPU seconds that a process has used, and whether it sleeps; `of_all`: with all its children."""
    import psutil  # only now: most nodes never fall silent

    used, sleeps = 0.0, True
    with suppress(psutil.Error):
        mother = psutil.Process(pid)
        for process in [mother, *(mother.children(recursive=True) if of_all else ())]:
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                used += times.user + times.system
                if of_all:  # also those that have ended, and were waited for
                    used += times.children_user + times.children_system
                sleeps = sleeps and process.status() in (psutil.STATUS_SLEEPING, psutil.STATUS_IDLE)
        return used, sleeps
    return 0.0, False


def tell_where(writing: int) -> None:
    """From now on this process and its forks write into this pipe where they stand, when they are asked."""
    faulthandler.register(_SIGNAL, file=writing, all_threads=False)


def where(pid: int, reading: int, folder: str) -> tuple[str, int] | None:
    """The innermost line of the node's at which the process stands; None if it doesn't say.

    `reading` is the pipe into which it tells, `folder` the node's own.
    """
    with suppress(ProcessLookupError, PermissionError):
        originals.kill(pid, _SIGNAL)
    said, end = "", originals.now() + _DUMP
    start = _escaped(folder) + os.sep
    while (left := end - originals.now()) > 0 and originals.select([reading], [], [], left)[0]:
        chunk = originals.read(reading, 1 << 16)
        if not chunk:
            break
        said += chunk.decode("ascii", "replace")
        for found in _FRAME.finditer(said):
            if found["file"].startswith(start):
                return found["file"].removeprefix(start), int(found["line"])
        if len(said) > 1 << 16:
            break
    return None


def _escaped(path: str) -> str:
    """A path as the fault handler writes it."""
    return path.encode("ascii", "backslashreplace").decode("ascii")

"""The processes of a tree of runs: forked, heard, waited for and killed. What they run is not known here.

All are forked from the exploring process, without Python's hooks, which would touch the node's own threads.
They form a process group, so that all can be killed at once; one that ends without a result never counts as a
run.
"""

import ctypes
import math
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

from grader.explorer.coverage import BUDGET, INTERRUPT
from grader.explorer.runtime import originals
from grader.explorer.search import cpu_budget
from grader.explorer.search.framing import Letters, letter
from grader.explorer.search.memory import Held
from grader.explorer.search.watchdog import LOOK, SPINS, Idleness, tell_where, where

fork = ctypes.PyDLL(None).fork
_prctl = getattr(ctypes.CDLL(None), "prctl", None)  # of Linux
_PARENT_ENDS = 1  # the option: which signal comes then

# A child that waits for its turn: its process, and what it is told then.
Waiting = tuple[int, Callable[[], bytes]]


class Stuck(Exception):
    """A run that neither ends nor chooses any more; the text says why, and where it stands."""


class Over(Exception):
    """The runs were cut short; the text says by what."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long runs may go on: until so many CPU seconds are spent in all, or until `at_last` by the clock.

    By the clock it doesn't count how long nodes take to start, up to `starting` seconds in all.
    `stop` is a file that can be read once somebody wants them to end.
    """

    spent: float = math.inf
    at_last: float = math.inf
    starting: float = 0.0
    stop: int | None = None

    def is_over(self) -> str:
        """What ends them now; empty if they may go on."""
        if self.stop is not None and originals.select([self.stop], [], [], 0)[0]:
            return INTERRUPT
        return BUDGET if cpu_budget.spent() >= self.spent or self.left() <= 0 else ""

    def left(self) -> float:
        """Seconds by the clock."""
        return self.at_last + min(self.starting, cpu_budget.starting()) - originals.now()


@dataclass(frozen=True, slots=True)
class _Failure:
    """An error of our own, in a process that makes runs."""

    text: str


@dataclass(frozen=True, slots=True)
class _Lost:
    """A process has ended without a word."""


_TOLD = 77  # the exit status of who has told all; a node that ends its process by itself has another
LOST = "a run ended without a word: it was killed, or the system starts no more processes"


class ProcessGroup:
    """The processes of one tree of runs. Made before they start; `tell` is for them, the rest for who made it.

    `folder` is the node's own, for telling where a run stands that is stuck.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.root = -1
        self.reading, self.writing = originals.pipe()
        self.dumped, self.dumping = originals.pipe()
        self.held: list[Waiting] = []
        self.doors: list[int] = []  # the pipe that lets each of them go
        self.memory = Held()
        self.before = 0.0  # CPU seconds of this process until the first choice of its run
        self.own = 0  # the first of them that this process has forked; those before are its ancestors'

    # In its processes.

    def tell(self, message: object) -> None:
        """Tell this, and the CPU seconds that this process has cost since the node was ready to be explored."""
        data = letter((originals.used() - self.before, message))
        while data:
            data = data[originals.write(self.writing, data) :]

    def is_ready(self, *, was_started: bool) -> None:
        """The first choice of the first run has come: what the node did before is no exploring.

        `was_started`: the start was made before, once for all runs, and this one has only gone on from it.
        """
        self.before = 0.0 if was_started else originals.used()
        self.memory.begin()

    def branches(self, note: Callable[[], bytes], *, at_once: bool) -> bytes | None:
        """Fork a child: in the child, when its turn has come, what `note` says then; None in its parent.

        It waits until it is let go; with `at_once` it goes first, and its parent waits.
        """
        reading, writing = originals.pipe()
        parent = os.getpid()
        child: int = fork()
        if child < 0:
            self.tell(_Lost())
            originals.leave(1)
        if child == 0:
            end_with(parent)
            originals.close(writing)
            for other in self.doors[self.own :]:
                originals.close(other)
            self.before = 0.0
            self.own = len(self.doors)  # its parent's stay where they are: to free them would touch memory
            told = b""
            while chunk := originals.read(reading, 1 << 16):
                told += chunk
            if not told:
                originals.leave(0)  # its parent is gone
            originals.close(reading)
            return told[1:]
        originals.close(reading)
        self.held.append((child, note))
        self.memory.add()
        self.doors.append(writing)
        if at_once:
            self.let_go(1)
        return None

    def let_go(self, most: int | None = None) -> None:
        """Let so many of those that wait go, or all: the last one first, each when the one before has ended."""
        waiting = len(self.held) - self.own
        for _ in range(waiting if most is None else most):
            (child, note), writing = self.held.pop(), self.doors.pop()
            self.memory.remove()
            with suppress(BrokenPipeError):  # it has been ended
                originals.write(writing, b"\0" + note())
            originals.close(writing)
            if originals.wait_for(child, 0)[1] != _TOLD << 8:
                self.tell(_Lost())

    # In the process that explores.

    def start(self, work: Callable[[], NoReturn]) -> None:
        """Do it in a process of its own, the first of the group. Raises Stuck if the system starts none."""
        parent = os.getpid()
        self.root = fork()
        if self.root < 0:
            raise Stuck(LOST)
        if self.root == 0:
            try:
                end_with(parent)
                originals.close(self.reading)
                originals.close(self.dumped)
                originals.lead_a_group(0, 0)
                tell_where(self.dumping)
                work()
            except BaseException:
                import traceback

                self.tell(_Failure(traceback.format_exc()))
            finally:
                originals.leave(1)
        for file in (self.writing, self.dumping):
            originals.close(file)
        self.writing = self.dumping = -1

    def hear(self, limit: Limit, running: Callable[[], int]) -> Iterator[object]:
        """What they tell, until the last of them has ended. Raises Over, Stuck.

        `running` says which of them goes on; the others wait for it. Of the limit, only an interrupt comes
        before the first word: so something is shown on the busiest machine, too.
        """
        letters, silence, is_heard, began = Letters(), Idleness(), False, originals.now()
        files = [self.reading] if limit.stop is None else [self.reading, limit.stop]
        while True:
            left = max(0.0, limit.left()) if is_heard else LOOK
            ready, _, _ = originals.select(files, [], [], min(LOOK, left))
            why = limit.is_over()
            if why and (is_heard or why == INTERRUPT):  # one run comes to its end, however late it is
                raise Over(why)
            if not ready:
                if why := silence.look(running() or self.root):
                    cpu_budget.gave_up(max(SPINS, silence.last))
                    raise Stuck(why + self._at(running()))
                continue
            silence.is_broken()
            chunk = originals.read(self.reading, 1 << 20)
            if not chunk:
                break
            for told in letters.feed(chunk):
                assert isinstance(told, tuple)
                cost, message = told
                if not is_heard:
                    cpu_budget.started(originals.now() - began)
                elif why := limit.is_over():  # one reading may bring several
                    raise Over(why)
                is_heard = True
                cpu_budget.add(cost)
                if isinstance(message, _Failure):
                    raise RuntimeError(message.text)
                if isinstance(message, _Lost):
                    raise Stuck(LOST)
                yield message
        if self._kill() != _TOLD << 8:  # if it has ended already, as it should have, that changes nothing
            raise Stuck(LOST)

    def _at(self, pid: int) -> str:
        """Where this process stands, or the first, to be put behind what is said of it."""
        return at(where(pid or self.root, self.dumped, self.folder))

    def end(self) -> None:
        """End all that are left, and wait for the first."""
        for file in (self.reading, self.writing, self.dumped, self.dumping):
            if file >= 0:
                originals.close(file)
        self._kill()

    def _kill(self) -> int:
        """End all that are left; the status of the first."""
        root, self.root = self.root, -1
        if root < 0:
            return 0
        try:
            originals.kill_group(root, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # it has not made its group yet
            originals.kill(root, signal.SIGKILL)
        return originals.wait_for(root, 0)[1]


def end_with(parent: int) -> None:
    """This process ends when its parent does: else it would get another, which may be the grader itself."""
    if _prctl is not None:
        _prctl(_PARENT_ENDS, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        originals.leave(1)


def leave() -> NoReturn:
    """End this process, which has told what it had to tell, and whose children have ended."""
    originals.leave(_TOLD)


def at(place: tuple[str, int] | None) -> str:
    """A file and a line of the node's, to be put behind what is said of it."""
    return f" (line {place[1]} of {place[0]})" if place else ""

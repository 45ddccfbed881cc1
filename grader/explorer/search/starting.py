"""The process that starts the node once and searches from there: forked, watched, and waited for."""

import os
import signal
from collections.abc import Callable
from typing import NoReturn

from grader.explorer.runtime import originals
from grader.explorer.runtime.interfaces import Program
from grader.explorer.search import cpu_budget, execution
from grader.explorer.search.forks import end_with, fork
from grader.explorer.search.watchdog import LOOK, SPINS, Idleness


def search_from_one_start(program: Program, search: Callable[[], None], stop: int) -> bool:
    """Start the node in a fork, which then calls `search`, and wait for its end.

    False if nothing came of the start: it ended, or is stuck, before it was over; or `stop` can be read.
    """
    parent = os.getpid()
    reading, writing = originals.pipe()
    child = fork()
    if child == 0:
        end_with(parent)
        originals.close(reading)
        originals.lead_a_group(0, 0)

        def go() -> NoReturn:
            originals.write(writing, b"started")
            originals.close(writing)
            search()
            originals.leave(0)

        try:
            execution.start(program, go)
        finally:
            originals.leave(1)
    originals.close(writing)
    if child < 0 or not _has_started(child, reading, stop):
        return False
    status = originals.wait_for(child, 0)[1]
    if os.WIFSIGNALED(status):  # so that this is told of us
        originals.kill(parent, os.WTERMSIG(status))
    if status:
        originals.leave(os.waitstatus_to_exitcode(status))
    return True


def _has_started(child: int, reading: int, stop: int) -> bool:
    """Wait until it has; if it does not, end it."""
    silence = Idleness()
    while True:
        ready, _, _ = originals.select([reading, stop], [], [], LOOK)
        if reading in ready and originals.read(reading, 16):
            has_started = True
            break
        if ready or silence.look(child):
            cpu_budget.gave_up(SPINS)
            originals.kill(child, signal.SIGKILL)
            originals.wait_for(child, 0)
            has_started = False
            break
    originals.close(reading)
    return has_started

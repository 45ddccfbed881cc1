"""One run in a process of its own: how it begins and ends."""

import gc
import random
import sys
from collections.abc import Callable
from typing import NoReturn

from grader.cases.model import Case
from grader.explorer.primitives import lifetimes, system, threads
from grader.explorer.runtime.context import begin
from grader.explorer.runtime.environment import CaseEnvironment
from grader.explorer.runtime.interfaces import Observer, Program
from grader.explorer.runtime.scheduler import Chooser, Scheduler
from grader.explorer.runtime.worker import Places
from grader.explorer.search.started import Finish, Started, started
from grader.explorer.trace.recorder import Recorder


def play(
    program: Program,
    case: Case,
    choose: Chooser,
    places: Places,
    finish: Finish,
    observer: Observer | None = None,
    *,
    asks_always: bool = False,
) -> NoReturn:
    """Make one run, in this process, and end in `finish`. Call it in a process of its own.

    Where the node has been started already, the run goes on from there. If an observer is given, it is then
    the recorder that has seen the start which becomes the run's.
    """
    environment = CaseEnvironment(case, program.limits)

    def finish_if_told(run: Scheduler, escaped: str) -> NoReturn:
        finish(run, escaped or lifetimes.waits_for_the_collector(program))

    if (start := started()) is not None:
        start.go_on(environment, choose, places, finish_if_told, record=observer is not None)
    run = Scheduler(environment, choose, places, finish_if_told, program, observer, asks_always=asks_always)
    _enter(run, program)
    environment.begin()
    _live(run)


def start(program: Program, search: Callable[[], NoReturn]) -> NoReturn:
    """Start the node in this process, and call `search` where runs may differ: forks go on from it."""
    run = Started(program, Recorder(program.sources), search)
    _enter(run, program)
    _live(run)


def _enter(run: Scheduler, program: Program) -> None:
    gc.disable()  # when it frees something, code of the node's may run
    random.seed(0)
    run.lets_go = lifetimes.matter(program)
    begin(run)


def _live(run: Scheduler) -> NoReturn:
    """The node's whole life, in its main thread."""
    status = _outcome(run, run.program.run)
    for last in (threads.wait_for_all, *reversed(system.at_exit), sys.stdout.flush):
        status = _outcome(run, last) or status
    run.environment.exit(status)
    raise AssertionError("a run ends in finish")


def _outcome(run: Scheduler, work: Callable[[], object]) -> int:
    """Do it; the exit status that Python would end with."""
    try:
        work()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        run.environment.complain(f"{end.code}\n".encode())
        return 1
    except KeyboardInterrupt:
        return 130
    except BaseException as error:
        run.crash(error)
        return 1
    return 0

"""A process in which nodes run under the scheduler: what is replaced there, and how a run begins and ends."""

import _thread
import asyncio.base_events  # noqa: F401 - in a process that explores `prepare` has been called before
import atexit
import concurrent.futures.thread  # noqa: F401
import gc
import os
import posix
import queue
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from grader.cases.model import Case
from grader.explorer.primitives import clock, event_loop, futures, queues, stable_hashes, stdio, threads
from grader.explorer.runtime import originals
from grader.explorer.runtime.context import begin, is_running, scheduler
from grader.explorer.runtime.environment import CaseEnvironment
from grader.explorer.runtime.interfaces import Observer, Program
from grader.explorer.runtime.scheduler import Chooser, Scheduler
from grader.explorer.runtime.worker import Places

Finish = Callable[[Scheduler, str], NoReturn]


def install() -> None:
    """Replace what would escape the scheduler. For the rest of this process's life."""
    for name in ("Queue", "SimpleQueue", "LifoQueue", "PriorityQueue"):
        setattr(queue, name, getattr(queues, name))
    clock.install()
    stdio.install()
    futures.install()
    event_loop.install()
    stable_hashes.install()
    generator = random.Random(0)
    originals.put(os, urandom=generator.randbytes, _exit=_exit_at_once)
    originals.put(posix, _exit=_exit_at_once)
    originals.put(os, kill=_kill, killpg=_kill_group)
    originals.put(signal, signal=_handle)
    originals.put(random, _urandom=generator.randbytes)
    originals.put(atexit, register=_register)
    for module, name, what in (
        (os, "fork", "a process"),
        (os, "forkpty", "a process"),
        (os, "posix_spawn", "a process"),
        (os, "system", "a process"),
        (os, "execv", "another program"),
        (os, "execve", "another program"),
        (os, "setsid", "a session of its own"),
        (os, "setpgid", "a group of processes of its own"),
        (os, "setpgrp", "a group of processes of its own"),
        (subprocess, "Popen", "a process"),
        (_thread, "start_joinable_thread", "a thread below threading"),
    ):
        if hasattr(module, name):  # not every system and Python has each
            setattr(module, name, _escapes(what))


_at_exit: list[Callable[[], object]] = []


def _register(function: Callable[..., object], *args: Any, **kwargs: Any) -> Callable[..., object]:
    _at_exit.append(lambda: function(*args, **kwargs))
    return function


_handlers: dict[int, object] = {}


def _handle(number: int, handler: object) -> object:
    """`signal.signal`: no signal comes here, and what is done to SIGCHLD would be done to the runs."""
    before = _handlers.get(number, signal.getsignal(number))
    _handlers[number] = handler
    return before


def _kill(pid: int, number: int) -> None:
    """`os.kill`: a node may end itself, but the processes around it are ours."""
    if is_running() and number and pid != os.getpid():
        _signals()
    originals.kill(pid, number)


def _kill_group(group: int, number: int) -> None:
    """`os.killpg`: with a node all of its runs are in one group."""
    if is_running() and number:
        _signals()
    originals.kill_group(group, number)


def _signals() -> NoReturn:
    run = scheduler()
    run.finish(run, "it sends a signal to another process")


def _escapes(what: str) -> Callable[..., NoReturn]:
    def start(*_: object, **__: object) -> NoReturn:
        run = scheduler()
        run.finish(run, f"it starts {what}, which nobody here can hold")

    return start


def _exit_at_once(status: int) -> NoReturn:
    if is_running():
        scheduler().environment.exit(status)
    originals.leave(status)


def play(
    program: Program,
    case: Case,
    choose: Chooser,
    places: Places,
    finish: Finish,
    observer: Observer | None = None,
) -> NoReturn:
    """Make one run, in this process, and end in `finish`. Call it in a process of its own."""
    gc.disable()  # when it frees something, code of the node's may run
    random.seed(0)
    environment = CaseEnvironment(case)
    run = Scheduler(environment, choose, places, finish, program, observer)
    begin(run)
    environment.begin()
    status = _outcome(run, program.run)
    for last in (threads.wait_for_all, *reversed(_at_exit), sys.stdout.flush):
        status = _outcome(run, last) or status
    environment.exit(status)
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

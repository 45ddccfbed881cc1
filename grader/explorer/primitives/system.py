"""What stands in for calls of the system: signals, processes, exits, randomness.

A run is one process of many in one group: what would reach others of it ends the exploration, as an escape.
"""

import _thread
import atexit
import os
import posix
import random
import signal
import subprocess
from collections.abc import Callable
from typing import Any, NoReturn

from grader.explorer.runtime import originals
from grader.explorer.runtime.context import is_running, scheduler

ESCAPES = (
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
)


def install() -> None:
    """Put the stand-ins into `os`, `posix`, `signal`, `random`, `atexit`, `subprocess` and `_thread`."""
    generator = random.Random(0)
    originals.put(os, urandom=generator.randbytes, _exit=_exit_at_once, kill=_kill, killpg=_kill_group)
    originals.put(posix, _exit=_exit_at_once)
    originals.put(signal, signal=_handle)
    originals.put(random, _urandom=generator.randbytes)
    originals.put(atexit, register=_register)
    for module, name, what in ESCAPES:
        if hasattr(module, name):  # not every system and Python has each
            originals.put(module, **{name: _escapes(what)})


at_exit: list[Callable[[], object]] = []  # what the node wants done at its end


def _register(function: Callable[..., object], *args: Any, **kwargs: Any) -> Callable[..., object]:
    at_exit.append(lambda: function(*args, **kwargs))
    return function


_handlers: dict[int, object] = {}


def _handle(number: int, handler: object) -> object:
    """`signal.signal`: only noted, since no signal is delivered; SIGCHLD is needed by the forked runs."""
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

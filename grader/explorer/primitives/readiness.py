"""What stands in for `select`: whether stdin has something to read; stdout always takes more.

What a buffer of the node's has read ahead is in no pipe: as in reality, nobody who asks here hears of it.
"""

import math
import select
from typing import Any

from grader.explorer.primitives.boundary import escape
from grader.explorer.primitives.stdio import number_of
from grader.explorer.runtime import originals
from grader.explorer.runtime.context import is_running, scheduler
from grader.explorer.runtime.environment import INPUT
from grader.explorer.runtime.worker import Option


def wait_for(reading: Any, writing: Any, _errors: Any, timeout: float | None = None) -> Any:
    """`select.select`: of the files, stdin may have to be waited for; stdout always takes more."""
    if not is_running():
        return originals.select(reading, writing, _errors, timeout)
    if any(number_of(file) not in (0, 1) for file in (*reading, *writing)):
        escape("select.select")()
    files = [file for file in reading if number_of(file) == 0]
    run = scheduler()
    if writing and not files:
        return [], list(writing), []
    until = math.inf
    if timeout is not None and timeout <= 0:
        run.step("look", INPUT)
    elif not writing:
        until = math.inf if timeout is None else run.now + timeout
        ready = run.environment.readable if files else _never
        run.step("read", INPUT, ready=ready, timeout=timeout, free=True)
    can = bool(files) and run.environment.readable()
    if can and run.now >= until:
        can = is_noticed()
    run.note_seen("select", can)
    return (files if can else []), list(writing), []


def _never() -> bool:
    return False


def is_noticed() -> bool:
    """A look without waiting, while a line is in the pipe: whether it has arrived by now is a choice."""
    run = scheduler()
    options = [Option("arrival", "it has arrived", 0), Option("arrival", "it arrives later", 0)]
    return run.decide(run.current, options, False) is options[0]


class Poll:
    """`select.poll`, and with `seconds` `select.epoll`."""

    seconds = False

    def __init__(self, *_: int) -> None:
        self.masks: dict[int, int] = {}

    def register(self, fd: Any, eventmask: int = select.POLLIN | select.POLLPRI | select.POLLOUT) -> None:
        if number_of(fd) not in (0, 1):
            escape("select.poll.register")()
        self.masks[fd if isinstance(fd, int) else fd.fileno()] = eventmask

    modify = register

    def unregister(self, fd: Any) -> None:
        del self.masks[fd if isinstance(fd, int) else fd.fileno()]

    def poll(self, timeout: float | None = None, _most: int = -1) -> list[tuple[int, int]]:
        until = None if timeout is None or timeout < 0 else timeout if self.seconds else timeout / 1000
        reading = [fd for fd, mask in self.masks.items() if mask & select.POLLIN and number_of(fd) == 0]
        writing = [fd for fd, mask in self.masks.items() if mask & select.POLLOUT and number_of(fd) == 1]
        read, written, _ = wait_for(reading, writing, (), until)
        return [*((fd, select.POLLIN) for fd in read), *((fd, select.POLLOUT) for fd in written)]

    def close(self) -> None:
        self.masks.clear()

    def fileno(self) -> int:
        return int(escape("select.epoll.fileno")())

    def __enter__(self) -> "Poll":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class EPoll(Poll):
    """`select.epoll`: its masks are those of `poll`."""

    seconds = True


def install() -> None:
    """Put the stand-ins into `select`."""
    originals.put(select, select=wait_for, poll=Poll, epoll=EPoll)

"""Runs a Python node, unmodified, and notes what its threads and tasks do: `python traced TRACE NODE`.

It stands alone (nothing else of the kit is loaded into the node) and patches what nodes wait in: stdin, locks,
conditions and all that is made of them, queues, join, sleep; what a task's steps are; and by what one hands
something on to another. Locks of libraries' own are left out, and so is what a library hands on to itself.
"""

import asyncio
import io
import os
import queue
import runpy
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from handed_on import TracedEvent, TracedFuture, TracedQueue, create_task, life, queued, started
from held import TracedCondition, TracedTaskLock, maker
from tracer import Lock, RLock, trace, waiting

_read, _write = os.read, os.write
OURS = ("handed_on", "held", "tracer")  # a node may have modules of these names


class Stdin(io.FileIO):
    def readinto(self, buffer: Any) -> int:
        with waiting("reads"):
            size = super().readinto(buffer) or 0
        trace.tell("read", bytes(buffer[:size]).count(b"\n"))
        return size

    def readall(self) -> bytes:
        with waiting("reads"):
            data = super().readall() or b""
        trace.tell("read", data.count(b"\n"))
        return data


class Stdout(io.FileIO):
    def write(self, data: Any) -> int:
        with trace.stdout:
            trace.tell("wrote", bytes(data).count(b"\n"))
            return super().write(data)


def os_read(fd: int, size: int) -> bytes:
    if fd != 0:
        return _read(fd, size)
    with waiting("reads"):
        data = _read(fd, size)
    trace.tell("read", data.count(b"\n"))
    return data


def os_write(fd: int, data: Any) -> int:
    if fd != 1:
        return _write(fd, data)
    with trace.stdout:
        trace.tell("wrote", bytes(data).count(b"\n"))
        return _write(fd, data)


def traced(wait: Callable[..., Any]) -> Callable[..., Any]:
    def traced(*args: Any, **options: Any) -> Any:
        with waiting():
            return wait(*args, **options)

    return traced


def main(file: str, node: str) -> None:
    """Run the node as `python NODE` would; its trace goes to this file, event by event."""
    trace.fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    trace.folder = os.path.dirname(node) + os.sep
    for name, buffer in (
        ("stdin", io.BufferedReader(Stdin(0, closefd=False))),
        ("stdout", io.BufferedWriter(Stdout(1, "w", closefd=False))),
    ):
        old = getattr(sys, name)
        setattr(sys, name, io.TextIOWrapper(buffer, old.encoding, old.errors))
    patches: list[tuple[Any, str, Any]] = [
        (os, "read", os_read),
        (os, "write", os_write),
        (threading, "Lock", maker(Lock)),
        (threading, "RLock", maker(RLock)),
        (threading, "Condition", TracedCondition),
        (threading, "Event", TracedEvent),
        (threading.Thread, "start", started(threading.Thread.start)),
        (threading.Thread, "join", traced(threading.Thread.join)),
        (threading.Thread, "_bootstrap_inner", life(threading.Thread._bootstrap_inner)),  # type: ignore[attr-defined]
        (queue, "SimpleQueue", TracedQueue),
        (time, "sleep", traced(time.sleep)),
        *queued(queue.Queue),
        *queued(asyncio.Queue),
        (asyncio, "Lock", TracedTaskLock),
        (asyncio.BaseEventLoop, "create_future", lambda loop: TracedFuture(loop=loop)),
        (asyncio.BaseEventLoop, "create_task", create_task(asyncio.BaseEventLoop.create_task)),
    ]
    for owner, name, patch in patches:
        setattr(owner, name, patch)
    for name in OURS:
        del sys.modules[name]
    sys.argv[:] = [node]
    sys.path[0] = os.path.dirname(node)
    runpy.run_path(node, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:3])

"""Runs a Python node, unmodified, and notes what its threads and tasks do: `python traced_node.py TRACE NODE`.

It stands alone (nothing of the kit is loaded into the node) and patches what nodes wait in: stdin, locks,
conditions and all that is made of them, queues, join, sleep; and what a task's steps are. A line of the trace
is time in milliseconds, lane, kind and text, between tabs. Locks of libraries' own are left out.
"""

import asyncio
import io
import os
import queue
import re
import runpy
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

_read, _write, _get_ident = os.read, os.write, threading.get_ident
_Lock, _RLock = threading.Lock, threading.RLock

_NAME = re.compile(r"Thread-(\d+) \((\w+)\)|ThreadPoolExecutor-\d+_(\d+)")


class _Tracer:
    """Where the trace goes, and whose turn it is."""

    def __init__(self) -> None:
        self.fd = 2
        self.folder = ""
        self.lanes = {_get_ident(): "main"}
        self.task = threading.local()
        self.stdout = _Lock()  # a line is noted and written in one step, so that both have one order

    def tell(self, kind: str, text: str | int = "") -> None:
        lane = getattr(self.task, "lane", "") or self.lanes.get(_get_ident(), "?")
        _write(self.fd, f"{time.monotonic() * 1000:.4f}\t{lane}\t{kind}\t{text}\n".encode())

    def is_learners(self, frame: Any) -> bool:
        return bool(frame.f_code.co_filename.startswith(self.folder))

    def place(self) -> str | None:
        """The learner's line that waits now; empty in a thread that runs none, None while it starts one."""
        frame = sys._getframe(1)
        called = ""
        while frame is not None and not self.is_learners(frame):
            if frame.f_code.co_filename != __file__:
                called = frame.f_code.co_name
            frame = frame.f_back  # type: ignore[assignment]
        if called == "start":  # who starts a thread waits for it to be there, which is of no interest
            return None
        if frame is None:
            return ""
        return _line(frame)

    def is_called_by_learner(self) -> bool:
        frame = sys._getframe(2)
        while frame.f_code.co_filename.startswith("<") and frame.f_back is not None:
            frame = frame.f_back
        return self.is_learners(frame)


def _line(frame: Any) -> str:
    name = frame.f_code.co_name
    return f"line {frame.f_lineno}" + ("" if name == "<module>" else f", {name}")


_trace = _Tracer()


@contextmanager
def _waiting(what: str = "wait") -> Iterator[None]:
    place = _trace.place()
    if place is not None:
        _trace.tell(what, place)
    try:
        yield
    finally:
        if place is not None:
            _trace.tell("go")


class _Stdin(io.FileIO):
    def readinto(self, buffer: Any) -> int:
        with _waiting("reads"):
            size = super().readinto(buffer) or 0
        _trace.tell("read", bytes(buffer[:size]).count(b"\n"))
        return size

    def readall(self) -> bytes:
        with _waiting("reads"):
            data = super().readall() or b""
        _trace.tell("read", data.count(b"\n"))
        return data


class _Stdout(io.FileIO):
    def write(self, data: Any) -> int:
        with _trace.stdout:
            _trace.tell("wrote", bytes(data).count(b"\n"))
            return super().write(data)


def _os_read(fd: int, size: int) -> bytes:
    if fd != 0:
        return _read(fd, size)
    with _waiting("reads"):
        data = _read(fd, size)
    _trace.tell("read", data.count(b"\n"))
    return data


def _os_write(fd: int, data: Any) -> int:
    if fd != 1:
        return _write(fd, data)
    with _trace.stdout:
        _trace.tell("wrote", bytes(data).count(b"\n"))
        return _write(fd, data)


class _TracedLock:
    """A lock of the learner's: who waits for it, and who holds it."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        got = bool(self.real.acquire(False))
        if not got and blocking:
            _trace.tell("wants", id(self))
            with _waiting():
                got = bool(self.real.acquire(True, timeout))
        if got:
            _trace.tell("lock", id(self))
        return got

    def release(self) -> None:
        _trace.tell("unlock", id(self))
        self.real.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def locked(self) -> bool:
        return bool(self.real.locked())

    # What a condition asks of its lock.

    def _release_save(self) -> Any:
        _trace.tell("unlock", id(self))
        return self.real._release_save() if hasattr(self.real, "_release_save") else self.real.release()

    def _acquire_restore(self, state: Any) -> None:
        if hasattr(self.real, "_acquire_restore"):
            self.real._acquire_restore(state)
        else:
            self.real.acquire()
        _trace.tell("lock", id(self))

    def _is_owned(self) -> bool:
        if hasattr(self.real, "_is_owned"):
            return bool(self.real._is_owned())
        if self.real.acquire(False):
            self.real.release()
            return False
        return True


def _maker(real: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: _TracedLock(real()) if _trace.is_called_by_learner() else real()


class _TracedCondition(threading.Condition):
    def __init__(self, lock: Any = None) -> None:
        if lock is None and _trace.is_called_by_learner():
            lock = _TracedLock(_RLock())
        super().__init__(lock)

    def wait(self, timeout: float | None = None) -> bool:
        with _waiting():
            return bool(super().wait(timeout))


class _TracedQueue(queue.SimpleQueue):  # type: ignore[type-arg]
    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        if not block:
            return super().get(False)
        try:
            return super().get(False)
        except queue.Empty:
            with _waiting():
                return super().get(True, timeout)


def _traced(wait: Callable[..., Any]) -> Callable[..., Any]:
    def traced(*args: Any, **options: Any) -> Any:
        with _waiting():
            return wait(*args, **options)

    return traced


def _life(live: Callable[[threading.Thread], None]) -> Callable[[threading.Thread], None]:
    def traced(thread: threading.Thread) -> None:
        name = _NAME.match(thread.name)
        lane = thread.name if name is None else f"{name[2]} {name[1]}" if name[2] else f"worker {name[3]}"
        _trace.lanes[_get_ident()] = lane
        _trace.tell("born")
        try:
            live(thread)
        finally:
            _trace.tell("gone")

    return traced


class _Steps(Coroutine[Any, Any, Any]):
    """A task's coroutine: each of its steps, and where it waits between them."""

    def __init__(self, coro: Any, lane: str) -> None:
        self.coro, self.lane = coro, lane
        self.__name__ = self.__qualname__ = getattr(coro, "__qualname__", "task")

    def send(self, value: Any) -> Any:
        return self._step(self.coro.send, value)

    def throw(self, *error: Any) -> Any:
        return self._step(self.coro.throw, *error)

    def close(self) -> None:
        self.coro.close()

    def __await__(self) -> Any:
        return self.coro.__await__()

    def _step(self, step: Callable[..., Any], *args: Any) -> Any:
        before = getattr(_trace.task, "lane", "")
        _trace.task.lane = self.lane
        _trace.tell("go")
        try:
            result = step(*args)
            _trace.tell("wait", self._place())
            return result
        except BaseException:
            _trace.tell("gone")
            raise
        finally:
            _trace.task.lane = before

    def _place(self) -> str:
        coro, place = self.coro, ""
        while (frame := getattr(coro, "cr_frame", None)) is not None:
            if _trace.is_learners(frame):
                place = _line(frame)
            coro = coro.cr_await
        return place


def _create_task(create: Callable[..., Any]) -> Callable[..., Any]:
    count = 0

    def traced(loop: Any, coro: Any, **options: Any) -> Any:
        nonlocal count
        count += 1
        return create(loop, _Steps(coro, f"{coro.__name__} {count}"), **options)

    return traced


def main(trace: str, node: str) -> None:
    """Run the node as `python NODE` would; its trace goes to the file `trace`, event by event."""
    _trace.fd = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    _trace.folder = os.path.dirname(node) + os.sep
    for name, buffer in (
        ("stdin", io.BufferedReader(_Stdin(0, closefd=False))),
        ("stdout", io.BufferedWriter(_Stdout(1, "w", closefd=False))),
    ):
        old = getattr(sys, name)
        setattr(sys, name, io.TextIOWrapper(buffer, old.encoding, old.errors))
    patches: list[tuple[Any, str, Any]] = [
        (os, "read", _os_read),
        (os, "write", _os_write),
        (threading, "Lock", _maker(_Lock)),
        (threading, "RLock", _maker(_RLock)),
        (threading, "Condition", _TracedCondition),
        (threading.Thread, "join", _traced(threading.Thread.join)),
        (threading.Thread, "_bootstrap_inner", _life(threading.Thread._bootstrap_inner)),  # type: ignore[attr-defined]
        (queue, "SimpleQueue", _TracedQueue),
        (time, "sleep", _traced(time.sleep)),
        (asyncio.BaseEventLoop, "create_task", _create_task(asyncio.BaseEventLoop.create_task)),
    ]
    for owner, name, patch in patches:
        setattr(owner, name, patch)
    sys.argv[:] = [node]
    sys.path[0] = os.path.dirname(node)
    runpy.run_path(node, run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:3])

"""Where the trace goes, whose turn it is, and what the learner's lines call things.

A line of the trace is time in milliseconds, lane, kind and text, between tabs.
"""

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

Lock, RLock = threading.Lock, threading.RLock  # the real ones
NUMBER = "~"  # stands between a lane's name and a number that is none of the messages'
HERE = os.path.dirname(__file__) + os.sep

_write, _get_ident = os.write, threading.get_ident


class Tracer:
    """Where the trace goes, and whose turn it is."""

    def __init__(self) -> None:
        self.fd = 2
        self.folder = ""
        self.lanes = {_get_ident(): "main"}
        self.task = threading.local()
        self.stdout = Lock()  # a line is noted and written in one step, so that both have one order
        self.tokens = count()
        self.names: Counter[str] = Counter()  # of locks

    @property
    def thread(self) -> str:
        """The lane of this thread, whichever task it runs."""
        return self.lanes.get(_get_ident(), "?")

    def give(self) -> int:
        """This lane hands something on; who takes it tells the same token."""
        token = next(self.tokens)
        self.tell("gives", token)
        return token

    def take(self, token: int) -> None:
        """This lane has taken what was handed on with this token; -1: nobody of the learner's did."""
        if token >= 0:
            self.tell("takes", token)

    def tell(self, kind: str, text: str | int = "", lane: str = "") -> None:
        lane = lane or getattr(self.task, "lane", "") or self.thread
        _write(
            self.fd,
            f"{time.monotonic() * 1000:.4f}\t{lane}\t{kind}\t{text}\n".encode(errors="backslashreplace"),
        )

    def is_learners(self, frame: Any) -> bool:
        return bool(frame.f_code.co_filename.startswith(self.folder))

    def place(self) -> str | None:
        """The learner's line that waits now; empty in a thread that runs none, None while it starts one."""
        frame = sys._getframe(1)
        called = ""
        while frame is not None and not self.is_learners(frame):
            if not frame.f_code.co_filename.startswith(HERE):
                called = frame.f_code.co_name
            frame = frame.f_back  # type: ignore[assignment]
        if called == "start":  # who starts a thread waits for it to be there, which is of no interest
            return None
        if frame is None:
            return ""
        return line_of(frame)

    def is_called_by_learner(self) -> bool:
        frame = sys._getframe(2)
        while frame.f_code.co_filename.startswith("<") and frame.f_back is not None:
            frame = frame.f_back
        return self.is_learners(frame)

    def name_of(self, lock: object) -> str:
        """What the learner's lines call this lock; another of the same name has a number behind it."""
        frame: Any = sys._getframe(1)
        while frame is not None and not self.is_learners(frame):
            frame = frame.f_back
        name = called(lock, frame) if frame is not None else "a lock"
        self.names[name] += 1
        return name if self.names[name] == 1 else f"{name} ({self.names[name]})"


def line_of(frame: Any) -> str:
    name = frame.f_code.co_name
    place = f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
    return place + ("" if name == "<module>" else f" {name}")


def called(lock: object, frame: Any) -> str:
    own = frame.f_locals.get("self")
    for names in (getattr(own, "__dict__", {}), frame.f_locals, frame.f_globals):
        for name, value in list(names.items()):
            if value is lock or getattr(value, "_lock", None) is lock:  # a condition's
                return str(name)
    return "a lock"


trace = Tracer()


@contextmanager
def waiting(what: str = "wait") -> Iterator[None]:
    place = trace.place()
    if place is not None:
        trace.tell(what, place)
    try:
        yield
    finally:
        if place is not None:
            trace.tell("go")

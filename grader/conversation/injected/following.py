"""Loaded beside `sitecustomize.py` where a node is followed: keeps in mind what it calls and what it catches.

A case is played so once more where nobody knows why it failed. Python's own trace tells of each call, and of
each frame through which an exception goes; the last of the node's own is where it was caught, or where it left.
"""

import sys
import threading
import time
from collections import deque

TYPE_CHECKING = False  # as the module typing has it, which must not be imported here
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

KEPT = 40  # exceptions: the first say why, a thousand that come of them nothing
CALLS = 60  # the latest
# By which programs tell that something has ended, or has not come: to catch them is their use.
_NEWS = ("StopIteration", "StopAsyncIteration", "Empty", "Full", "QueueEmpty", "QueueFull", "TimeoutError")

_OPTIMIZED = 0x1  # inspect.CO_OPTIMIZED
_SUSPENDS = 0x20 | 0x80 | 0x200  # inspect.CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR


class Passed:
    """An exception, and when it was raised. Of the last frame of the node's own through which it went: file,
    line, and the file of who called it; and through how many it went.
    """

    file = called_by = ""
    line = frames = 0

    def __init__(self, error: Exception, at_ms: float) -> None:
        self.error, self.at_ms = error, at_ms
        self.frame: FrameType | None = None

    def went(self, frame: "FrameType") -> None:
        self.frames += frame is not self.frame
        self.frame = frame
        self.file, self.line = frame.f_code.co_filename, frame.f_lineno
        self.called_by = frame.f_back.f_code.co_filename if frame.f_back else ""


class Call:
    """A call of one of the node's own functions, and the line that it has come to when it last gave way."""

    def __init__(self, frame: "FrameType", at_ms: float) -> None:
        code = frame.f_code
        self.code, self.at_ms, self.end, self.is_over = code, at_ms, 0, False

    def row(self) -> "tuple[str, int, int, bool, float]":
        return self.code.co_name, self.code.co_firstlineno, self.end, self.is_over, self.at_ms


class Following:
    """Follows all threads from now on, in the files of which `is_own` says that they are the node's.

    Times are counted from `began`, by the monotonic clock, which all processes share.
    """

    def __init__(self, is_own: "Callable[[str], bool]", began: float) -> None:
        self.is_own, self.began = is_own, began
        self.passed: list[Passed] = []  # in order: all that its own code has raised, or let through
        self.calls: deque[Call] = deque(maxlen=CALLS)  # in order
        self.of_frame: dict[int, Call] = {}  # by the frame's number, which another may have later
        threading.settrace(self._called)
        sys.settrace(self._called)

    def _called(self, frame: "FrameType", _event: str, _arg: "Any") -> "Any":
        if not self.is_own(frame.f_code.co_filename):
            return None
        frame.f_trace_lines = False
        known = self.of_frame.get(id(frame))
        if not frame.f_code.co_flags & _OPTIMIZED:  # a module, or the body of a class
            return self._in_frame
        goes_on = frame.f_lineno != frame.f_code.co_firstlineno  # a coroutine, where it had given way
        if known is None or known.code is not frame.f_code or known.is_over or not goes_on:
            self._begun(frame)
        return self._in_frame

    def _begun(self, frame: "FrameType") -> None:
        self.of_frame[id(frame)] = call = Call(frame, self._now())
        self.calls.append(call)

    def _in_frame(self, frame: "FrameType", event: str, arg: "Any") -> "Any":
        if event == "exception":
            error = arg[1]
            if isinstance(error, Exception) and type(error).__name__ not in _NEWS:
                self._take(error, frame)
        elif event == "return" and (call := self.of_frame.get(id(frame))) and call.code is frame.f_code:
            call.end = frame.f_lineno
            call.is_over = not frame.f_code.co_flags & _SUSPENDS
        return self._in_frame

    def _now(self) -> float:
        return (time.monotonic() - self.began) * 1000

    def _take(self, error: Exception, frame: "FrameType") -> None:
        known = next((passed for passed in reversed(self.passed) if passed.error is error), None)
        if known is None:
            if len(self.passed) >= KEPT:
                return
            known = Passed(error, self._now())
            self.passed.append(known)
        known.went(frame)

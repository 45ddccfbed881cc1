"""Loaded beside `sitecustomize.py` where a node is followed: it keeps in mind what the node's own code catches.

A case is played so once more where nobody knows why it failed. Python's own trace tells of each frame through
which an exception goes; the last of the node's own is where it was caught, or where it left.
"""

import sys
import threading
import time

TYPE_CHECKING = False  # as the module typing has it, which must not be imported here
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

KEPT = 40  # exceptions: the first say why, a thousand that come of them nothing
# By which programs tell that something has ended, or has not come: to catch them is their use.
_NEWS = ("StopIteration", "StopAsyncIteration", "Empty", "Full", "QueueEmpty", "QueueFull", "TimeoutError")


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


class Following:
    """Follows all threads from now on, in the files of which `is_own` says that they are the node's.

    Times are counted from `began`, by the monotonic clock, which all processes share.
    """

    def __init__(self, is_own: "Callable[[str], bool]", began: float) -> None:
        self.is_own, self.began = is_own, began
        self.passed: list[Passed] = []  # in order: all that its own code has raised, or let through
        threading.settrace(self._called)
        sys.settrace(self._called)

    def _called(self, frame: "FrameType", _event: str, _arg: "Any") -> "Any":
        if not self.is_own(frame.f_code.co_filename):
            return None
        frame.f_trace_lines = False
        return self._in_frame

    def _in_frame(self, frame: "FrameType", event: str, arg: "Any") -> "Any":
        if event == "exception":
            error = arg[1]
            if isinstance(error, Exception) and type(error).__name__ not in _NEWS:
                self._take(error, frame)
        return self._in_frame

    def _take(self, error: Exception, frame: "FrameType") -> None:
        known = next((passed for passed in reversed(self.passed) if passed.error is error), None)
        if known is None:
            if len(self.passed) >= KEPT:
                return
            known = Passed(error, (time.monotonic() - self.began) * 1000)
            self.passed.append(known)
        known.went(frame)

"""Numbers of open files: which of them are the node's stdin, stdout or stderr by another name.

A node may open `/dev/stdout`, or duplicate a number: what is done to the one is done to the other.
"""

import os
import posix
import sys
from typing import Any

from grader.explorer.primitives.boundary import escape
from grader.explorer.runtime import originals
from grader.explorer.runtime.context import is_running, scheduler

STANDARD = {
    f"{folder}{name}": number
    for number, word in enumerate(("stdin", "stdout", "stderr"))
    for folder, name in (("/dev/", word), ("/dev/fd/", number), ("/proc/self/fd/", number))
}
_same: dict[int, int] = {}  # which of 0, 1 and 2 a number stands for


def stands_for(file: Any) -> Any:
    """0, 1 or 2 if a number or a path is the node's stdin, stdout or stderr; else what it was."""
    if isinstance(file, int):
        return _same.get(file, file)
    if isinstance(file, str | bytes | os.PathLike):
        return STANDARD.get(os.fsdecode(file), file)
    return file


def is_standard(file: Any) -> bool:
    found = stands_for(file)
    return isinstance(found, int) and found in (0, 1, 2)


def alias(number: int) -> int:
    """A new number for one of the three: that of a file of ours, so that nobody else gets it."""
    new: int = originals.open_fd(os.devnull, os.O_RDWR)
    _same[new] = number
    return new


def open_fd(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
    """`os.open`."""
    if is_running() and is_standard(path):
        return alias(stands_for(path))
    if is_running() and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        scheduler().settle()
    return int(originals.open_fd(path, flags, mode, dir_fd=dir_fd))


def close(fd: int) -> None:
    """`os.close`."""
    if is_running() and fd in (0, 1, 2):
        escape(f"os.close({fd})")()
    _same.pop(fd, None)
    originals.close(fd)


def dup(fd: int) -> int:
    """`os.dup`."""
    if not is_running():
        return int(_DUP(fd))
    if is_standard(fd):
        return alias(stands_for(fd))
    return int(escape("os.dup")())


def dup2(fd: int, fd2: int, inheritable: bool = True) -> int:
    """`os.dup2`: onto a number that is none of the three."""
    if not is_running():
        return int(_DUP2(fd, fd2, inheritable))
    if not is_standard(fd) or fd2 in (0, 1, 2) or fd2 in _same:
        escape("os.dup2")()
    _DUP2(alias(stands_for(fd)), fd2)
    _same[fd2] = stands_for(fd)
    return fd2


def set_blocking(fd: int, blocking: bool) -> None:
    """`os.set_blocking`, which a loop calls on what it reads, by stand-ins."""
    if is_running() and is_standard(fd):
        if sys._getframe(1).f_code.co_filename in scheduler().sources and not blocking:
            escape("os.set_blocking")()
        return
    _SET_BLOCKING(fd, blocking)


_DUP, _DUP2, _SET_BLOCKING = os.dup, os.dup2, os.set_blocking


def install() -> None:
    """Put these into `os`."""
    for module in (os, posix):
        originals.put(module, open=open_fd, close=close, dup=dup, dup2=dup2, set_blocking=set_blocking)

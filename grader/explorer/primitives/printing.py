"""`print` and `input` for a node in which `sys.stdout` may become another: each looks it up when it is called.

Written in Python, since they are given probes: in C, nobody sees that they look, nor into what they write.
"""

import sys
from typing import Any


def print(
    *values: object, sep: str | None = None, end: str | None = None, file: Any = None, flush: bool = False
) -> None:
    """`print`."""
    to = sys.stdout if file is None else file
    if to is None:
        return
    for name, text in (("sep", sep), ("end", end)):
        if text is not None and not isinstance(text, str):
            raise TypeError(f"{name} must be None or a string, not {type(text).__name__}")
    for place, value in enumerate(values):
        if place:
            to.write(" " if sep is None else sep)
        to.write(str(value))
    to.write("\n" if end is None else end)
    if flush:
        to.flush()


def input(prompt: object = "") -> str:
    """`input`."""
    if prompt:
        out: Any = sys.stdout
        out.write(str(prompt))
        out.flush()
    line: str = sys.stdin.readline()
    if not line:
        raise EOFError("EOF when reading a line")
    return line.removesuffix("\n")

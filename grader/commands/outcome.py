"""How a command ends: its exit status, and what is said where it can't do what was asked for."""

import sys
from contextlib import suppress

from grader.reports.visible import visible_lines

OK, NOT_PASSED, NOT_GRADED, INTERRUPTED = 0, 1, 2, 130


class UsageError(Exception):
    """What was asked for can't be done; the text is the one line to say so."""


def complain(text: str) -> None:
    if sys.stderr is not None:
        with suppress(OSError):
            print(f"grader: {visible_lines(text)}", file=sys.stderr)


def our_fault(text: str) -> int:
    print(f"grader: a fault of the grader's own, please report it:\n{visible_lines(text)}", file=sys.stderr)
    return NOT_GRADED


def one_line(error: Exception) -> str:
    first, *others = str(error).split("\n")
    return f"{first} (and {len(others)} more: grader cases check shows all)" if others else first

"""What really passed between grader and node, in order, with times; and how it is cut for a report."""

import signal
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

# in, out, err: a line; eof: end of input; closed: the node closed its stdout and lives on;
# limit: it went beyond one, and was ended; exit: it ended by itself. An end that the grader made is no event.
Kind = Literal["in", "out", "err", "eof", "closed", "limit", "exit"]

REFUSED = (126, 127)  # exit statuses, as a shell has them: what can't be executed, what is not found
SHOWN_EVENTS = 200  # of a transcript in a report, beside those that findings name
SHOWN_LINE = 2_000  # characters of a line in a report


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that passed. `t_ms` counts from the start of the process."""

    n: int
    t_ms: float
    kind: Kind
    line: str = ""
    status: int | None = None  # of an exit: as subprocess gives it, negative for a signal
    left: tuple[str, ...] = ()  # of an exit: the processes that the node left behind
    ended: bool = True  # of an out: whether a newline ended the line; the script hears only those


Transcript = tuple[Event, ...]


def cut(transcript: Transcript, keep: Collection[int]) -> list[Event | int]:
    """The events to show: the head and the tail of a long transcript, and all whose number is in `keep`.

    A whole number stands where so many events are left out, or were never kept.
    """
    half = SHOWN_EVENTS // 2
    last = len(transcript) - half
    kept = [e for place, e in enumerate(transcript) if place < half or place >= last or e.n in keep]
    shown: list[Event | int] = []
    n = 0
    for event in kept:
        if event.n > n:
            shown.append(event.n - n)
        shown.append(event)
        n = event.n + 1
    return shown


def describe_status(status: int | None) -> str:
    """An exit status in words: as subprocess gives it, negative for a signal."""
    if status is None or status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {-status} ({signal.Signals(-status).name})"
    except ValueError:
        return f"signal {-status}"

"""What the threads or tasks of a Python node did: the trace that `traced` writes, read."""

from dataclasses import dataclass
from pathlib import Path

TRACER = Path(__file__).with_name("traced")


@dataclass(frozen=True, slots=True)
class Did:
    """One thing that a thread or task did. `t_ms` counts from the start of the process, as in a transcript.

    Kinds: born, gone; reads and wait (with the file and line that waits), go; rests (of the thread that ran
    a task's step: it is over); read and wrote (so many lines); wants, lock, unlock, free (a lock, by its name;
    an unlock undoes one lock, a free all of them); gives, takes (a token).
    """

    t_ms: float
    lane: str
    kind: str
    text: str = ""


Trace = tuple[Did, ...]


def read_trace(file: Path, started: float) -> Trace:
    """The trace in a file, by the clock of the transcript, which began at `started` (of time.monotonic())."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    found = []
    for line in lines:
        t_ms, lane, kind, text = line.split("\t", 3)
        found.append(Did(float(t_ms) - started * 1000, lane, kind, text))
    return tuple(sorted(found, key=lambda did: did.t_ms))

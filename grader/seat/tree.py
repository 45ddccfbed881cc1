"""The tree of a node's schedules as data: positions, and the moves that lead from one to another.

Positions that can't be told apart are one, so the tree is a graph without circles. It is all that the seat
needs: whoever has it plays without a kernel and without the explorer.
"""

from dataclasses import dataclass
from typing import Any, Literal

WorkerState = Literal["ready", "waits", "ended"]


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that one worker did on the way from one position to the next, in words."""

    worker: str
    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Move:
    """One way to go on: this worker's turn, more of the input, or a wait whose time runs out.

    `token` is how it is written: the number of the worker's column, `a` for an arrival, `t1` for a timeout.
    `cost` is 1 for a preemption. `to` is the place of the position behind it; None where the tree is cut.
    """

    token: str
    kind: Literal["turn", "arrival", "timeout"]
    worker: str
    label: str
    cost: int
    to: int | None
    did: tuple[Happened, ...] = ()


@dataclass(frozen=True, slots=True)
class SeatColumn:
    """A worker, for the whole game: the main thread is number 0, the others as they begin."""

    worker: str
    title: str


@dataclass(frozen=True, slots=True)
class SeatWorker:
    """Where a worker stands: about to do `line` of `file` (0: in no line of the node's own).

    `why` says for what it waits, and who could let it go on. `names` are the locals of its function.
    """

    worker: str
    title: str
    file: str
    line: int
    function: str
    state: WorkerState
    why: str = ""
    held: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HeldLock:
    """A lock that somebody holds: who, since which line, and who waits for it."""

    name: str
    holder: str
    line: int
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeatPosition:
    """A run up to a choice, or to its end: then it has no moves, and `finding` says what failed, if it did."""

    moves: tuple[Move, ...]
    workers: tuple[SeatWorker, ...]
    shared: tuple[tuple[str, str], ...]
    locks: tuple[HeldLock, ...]
    out: tuple[str, ...]
    code: str = ""
    finding: str = ""


@dataclass(frozen=True, slots=True)
class Tree:
    """All that can happen to a node in one case, as far as it was run; its first position is that of the start.

    `first` is the place of the first position at which there is a choice. Up to `level` preemptions all is
    there; None: all is there; -1: not even all without any.
    """

    node: str
    case: str
    title: str
    sources: tuple[tuple[str, tuple[str, ...]], ...]
    columns: tuple[SeatColumn, ...]
    positions: tuple[SeatPosition, ...]
    first: int = 0
    level: int | None = None

    def as_json(self) -> dict[str, Any]:
        """What the component in the page reads."""
        return {"version": 1, **_plain(self)}


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value

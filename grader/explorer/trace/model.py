"""The record of a run: who did what, where, with which values, and why somebody else went on. Data only.

It is what the explanation, the notebooks and the replay are made from. All of it can be written as JSON.
"""

from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any, Literal

from grader.checks.findings import Finding
from grader.conversation.transcript import Transcript
from grader.explorer.runtime.operations import Op
from grader.explorer.runtime.resources import Resource

State = Literal["ready", "waits", "ended"]  # of a worker

RUNS, WAITS = "running", "waiting"  # the states of a generator


@dataclass(frozen=True, slots=True)
class Request:
    """The request that a worker serves: with its type, what one needs to name it."""

    src: str
    type: str
    msg_id: int | None

    def __str__(self) -> str:
        return f"{self.src}'s {self.type}"


@dataclass(frozen=True, slots=True)
class Awaited:
    """What a worker waits for: its kind, and its name in the source. `put`: for room to put something;
    `timeout`: for so many seconds at most.
    """

    kind: Resource
    name: str = ""
    put: bool = False
    timeout: float | None = None


class Why(StrEnum):
    """Why a worker lost its turn."""

    PREEMPTED = "preempted"
    WAITS = "waits"
    AWAITS = "awaits"
    YIELDS = "yields"  # lets others go first
    ENDED = "ended"
    OVER = "over"  # its turn is over


@dataclass(frozen=True, slots=True)
class Switch:
    """That another worker went on after a step: why, and what the step's worker then waits for."""

    why: Why
    awaited: Awaited | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that one worker did.

    `worker` is a thread's or task's name; names count up in the order of creation. `handler` is the request
    that it serves then, if one is known. `file` is relative to the node's folder, `line` counts from 1.
    `place` is the datum, lock or queue as the source writes it; `datum` tells two of the same name apart, and
    is the same number wherever the same one is meant (-1: no datum), and `owner` that of the object that holds
    it; `whole`: all that it holds is touched. `value` is what was read, or what is
    overwritten; `written` what stands there afterwards; both short, as repr writes them. `held` are the names
    of the locks held while it was done. `waits_for` is what it had to wait for first (of an `await`: what it
    awaits), `switch` why the next step is another worker's (None: it isn't). `event` is the number of the
    transcript's event (in, out, eof). `kind` is what `place` names (None: a datum of the node's), `task`
    whether the worker is a task of an event loop's; `atomic`: what is done to the datum is one step.
    """

    n: int
    worker: str
    handler: Request | None
    file: str
    line: int
    op: Op
    place: str = ""
    datum: int = -1
    value: str = ""
    written: str = ""
    held: tuple[str, ...] = ()
    waits_for: Awaited | None = None
    switch: Switch | None = None
    event: int | None = None
    owner: int = -1
    whole: bool = False
    kind: Resource | None = None
    task: bool = False
    atomic: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """One choice of the scheduler's, taken before step `n`: the anchor by which it is found again.

    `worker` was about to do `op` at `file` and `line`; `options` are those who could go on (itself first,
    if it could), and `chosen` the one who did. `cost` is 1 for a preemption. `kind` is what was chosen: whose
    turn it is, how much of the input has arrived, or that a timeout runs out now. `today`: this Python, too,
    may switch here; if not, nothing promises it, and a free-threaded build does.
    """

    n: int
    worker: str
    file: str
    line: int
    op: str
    options: tuple[str, ...]
    chosen: int
    cost: int = 0
    kind: Literal["turn", "arrival", "timeout"] = "turn"
    today: bool = True


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a worker stands. `names` are the locals of its innermost function, with short values."""

    worker: str
    handler: Request | None
    file: str
    line: int
    function: str
    state: State
    waits_for: Awaited | None = None
    held: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    task: bool = False


@dataclass(frozen=True, slots=True)
class Crash:
    """An exception that nobody caught, and so ended a thread or a task. `kind` is the name of its class,
    `callers` the lines of the node's own, with their files, from which it was called, the nearest first.
    """

    worker: str
    handler: Request | None
    file: str
    line: int
    error: str
    n: int  # the step after which it came
    kind: str = ""
    callers: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One run under one schedule. `findings` are the judge's, the leading one first; none: it passed.

    `sources` are the lines of the files that steps name; `stands` is where everybody stood at the end;
    `stuck` the workers that waited then for what could not come any more (a deadlock, if there are any).
    """

    node: str
    case: str
    seed: int
    steps: tuple[Step, ...]
    decisions: tuple[Decision, ...]
    transcript: Transcript
    findings: tuple[Finding, ...]
    stands: tuple[Stand, ...] = ()
    stuck: tuple[str, ...] = ()
    crashes: tuple[Crash, ...] = ()
    sources: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def text(self, file: str, line: int) -> str:
        """The source line, stripped; empty if there is none."""
        lines = dict(self.sources).get(file, ())
        return lines[line - 1].strip() if 0 < line <= len(lines) else ""


@dataclass(frozen=True, slots=True)
class Replayable:
    """What it takes to make a run again: its choices, and the places where there were choices.

    `dropped` are the numbers of the requests without which it is made (see `reduce_case`). `by_order`: without
    the ids that its case lists, since the node numbers its messages otherwise.
    """

    choices: tuple[int, ...]
    racy: frozenset[int]
    shared: frozenset[tuple[object, ...]]
    passing: tuple[int, ...] | None = None  # the choices of the nearest schedule that passes
    dropped: tuple[int, ...] = ()
    by_order: bool = False


IN_VAIN = -1  # no step's number


@dataclass(frozen=True, slots=True)
class Found:
    """A schedule that fails: `failing` is it, shrunk; `passing` the nearest schedule that passes, if any does.

    What went wrong is worked out from this by `diagnose`. `races` are pairs of step numbers of `failing`:
    two workers touch the same datum, at least one writes, and nothing keeps them in that order; those that
    matter most for the outcome first. `preemptions` is how many the schedule needs; `today`: this Python can
    do it too; if not, only the language's promise is missing. `lock_until` is the step of `failing` up to which
    one lock would have to be held for it to pass, as was tried (IN_VAIN: none would do; None: not tried).
    """

    failing: Run
    passing: Run | None
    races: tuple[tuple[int, int], ...] = ()
    preemptions: int = 0
    today: bool = True
    lock_until: int | None = None


def as_json(value: object) -> Any:
    """A record, or any part of one, as JSON values."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [as_json(item) for item in value]
    return value

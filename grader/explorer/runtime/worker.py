"""The parts of a run: workers, what they use and wait for, scheduling points, and the options at a choice."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.vector_clocks import NO_LOCKS, Clock, Sync, mix

if TYPE_CHECKING:  # records of runs are read where there is no greenlet
    from greenlet import greenlet

Key = tuple[Hashable, ...]  # where a lock or queue was made: the same in every run


class Thing(Protocol):
    """What a worker waits for or uses: a lock, a queue, the input."""

    @property
    def label(self) -> str: ...

    @property
    def kind(self) -> Resource: ...


class Store(Protocol):
    """Holds what one worker sends and another receives: a queue, a pool."""

    def contents(self) -> int:
        """A hash of what it keeps."""


@dataclass(frozen=True, slots=True)
class Named:
    """A thing that is no more than its kind and its name."""

    kind: Resource
    label: str


@dataclass(slots=True)
class Places:
    """Where scheduling points are needed, as learnt from earlier runs: sites that race, and shared things."""

    racy: set[int] = field(default_factory=set)  # sites of accesses
    shared: set[Key] = field(default_factory=set)  # locks, queues, … used by more than one worker

    def missing(self, other: "Places") -> bool:
        """Whether `other` has a place that is not here yet."""
        return not (other.racy <= self.racy and other.shared <= self.shared)

    def learn(self, other: "Places") -> None:
        self.racy |= other.racy
        self.shared |= other.shared


class End(Sync):
    """The end of a worker, which others wait for."""

    kind = Resource.THREAD
    __slots__ = ("is_early", "worker")

    def __init__(self, worker: "Worker") -> None:
        super().__init__()
        self.worker = worker
        self.is_early = False  # it came while the worker was begun, since nothing that it did could be seen

    @property
    def label(self) -> str:
        return self.worker.name

    def has_come(self) -> bool:
        return self.worker.state == "ended"


class Worker:
    """A thread of the node's."""

    __slots__ = (
        "begun_by", "clock", "daemon", "deadline", "doing", "end", "greenlet", "held", "locks", "made", "name",
        "number", "path", "ready", "seen", "spin", "state", "steps", "timed_out", "timeout", "twin",
        "under_way", "waited",
    )  # fmt: skip

    def __init__(self, number: int, path: str, name: str) -> None:
        self.number, self.path, self.name = number, path, name
        self.state: Literal["ready", "waits", "ended"] = "ready"
        self.clock: Clock = {number: 1}
        self.seen = mix("worker", path)  # hash of all that it has done and seen
        self.steps = 0  # that it has come to: no two stops of a worker are the same state
        self.made = 0  # workers that it started
        self.ready: Callable[[], bool] | None = None  # what it waits for
        self.timeout: float | None = None  # of its last wait, in seconds
        self.deadline: float | None = None
        self.timed_out = False
        self.doing: tuple[str, Thing | None] = ("start", None)
        self.held: list[Any] = []  # locks, in the order in which they were taken
        self.locks = NO_LOCKS
        self.end = End(self)
        self.spin = 0
        self.under_way: list[Any] = []  # calls of the library, which may call the node's own code
        self.waited: Thing | None = None  # for what, before the step that it is about to make
        self.daemon = False
        self.twin: Hashable = None  # workers of the same twin that have done nothing yet are alike
        self.begun_by: Worker | None = None  # it does what comes before its first point; then this one goes on
        self.greenlet: greenlet

    def tick(self) -> None:
        self.clock[self.number] += 1


class Option(NamedTuple):
    """One way to go on: this worker, this much of the input, or this worker's timeout now.

    `cost` is 1 for a preemption. `is_long`: a timeout too far off to be one; those are counted by themselves.
    """

    kind: Literal["turn", "arrival", "timeout"]
    name: str
    cost: int
    worker: Worker | None = None
    is_long: bool = False

"""A space-time diagram as data: lanes, bars, arrows and marks on one axis. Nothing here draws.

Time runs downwards. The axis counts either steps (one for each message, in the order in which they passed, so
that two runs of one conversation give one picture) or milliseconds. Which picture is made of it is for others.
"""

from dataclasses import dataclass
from typing import Literal

LaneKind = Literal["client", "node", "peer"]
BarKind = Literal["open", "wait", "run", "lock"]
SAYS: dict[BarKind, str] = {
    "open": "asked, not answered",
    "wait": "waits",
    "run": "at work",
    "lock": "holds",
}


@dataclass(frozen=True, slots=True)
class Lane:
    """A lifeline. The node has one for each handler, thread or task; the `name` may be empty."""

    name: str
    kind: LaneKind


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that lasts, on the lane of this number. Of a lock that is held the label is its name."""

    lane: int
    start: float
    end: float
    kind: BarKind
    label: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A message, or several alike, from one lane to another. `events` are their numbers in the transcript.

    Without events it is a hand-over: one thread or task has given something that another has taken.
    """

    source: int
    target: int
    start: float
    end: float
    label: str
    events: tuple[int, ...] = ()

    @property
    def is_handed_over(self) -> bool:
        """Whether it stays inside of the node."""
        return not self.events


@dataclass(frozen=True, slots=True)
class LaneMark:
    """Something to look at: an answer that never came, the end of input, a finding."""

    lane: int
    at: float
    label: str
    leftwards: bool = False  # the label stands left of it
    alarm: bool = False  # something is wrong here


@dataclass(frozen=True, slots=True)
class Layout:
    """One conversation as it is drawn. `length` is where the axis ends; panels of one diagram share it."""

    name: str
    node: str
    lanes: tuple[Lane, ...]
    bars: tuple[Bar, ...]
    arrows: tuple[Arrow, ...]
    marks: tuple[LaneMark, ...]
    length: float
    clock: bool  # the axis counts milliseconds, else steps

    @property
    def is_traced(self) -> bool:
        """Whether it shows what the node's threads or tasks did."""
        return any(bar.kind == "run" for bar in self.bars)

    @property
    def locks(self) -> list[str]:
        """The names of the locks that are held, in the order in which they were first taken."""
        held = sorted((bar for bar in self.bars if bar.kind == "lock"), key=lambda bar: bar.start)
        return list(dict.fromkeys(bar.label for bar in held))

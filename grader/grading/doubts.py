"""Results that are in doubt: a busy machine, a neighbour or our own haste may be the reason, not the node.

Such a case is run again, alone, before it counts. But what a node has shown beyond doubt in one case need not
be shown anew in each: where another one failed in the same way, in the same line, it counts as it is.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from grader.grading.lead import failure_key
from grader.grading.results import Result

OFTEN = 2  # cases that stand in one place: the others that do need not wait for their whole time

CUT = "cut short: the node stood where it had stood in other cases that failed"

DoubtKind = Literal["late", "hurried", "shared"]
# What is run again first: it may settle the others.
_ORDER: tuple[DoubtKind, ...] = ("shared", "late", "hurried")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A result, and what may be the reason beside the node: the machine was busy (`late`), its time was cut
    short (`hurried`), or two of its kind can't run side by side (`shared`)."""

    result: Result
    why: DoubtKind


class Doubts:
    """Who is to be run again, and which failures are beyond doubt. Used by one thread."""

    def __init__(self) -> None:
        self.of: dict[int, Doubt] = {}  # by the case's place
        self.shown: set[Hashable] = set()
        self.seen: defaultdict[Hashable, set[int]] = defaultdict(
            set
        )  # the places of cases, by what they fail by

    def add(self, place: int, result: Result, why: DoubtKind) -> None:
        self.of[place] = Doubt(result, why)

    def show(self, result: Result) -> None:
        """This result is beyond doubt."""
        if (key := _key(result)) is not None:
            self.shown |= {key, result.findings[0].code}

    def see(self, place: int, result: Result) -> bool:
        """Count the case. Whether so many have failed in its way by now that others may be cut short."""
        key = _key(result)
        if key is None:
            return False
        self.seen[key].add(place)
        return len(self.seen[key]) >= OFTEN

    def is_shown(self, result: Result) -> bool:
        """Whether the node has shown the same failure beyond doubt."""
        return (key := _key(result)) is not None and key in self.shown

    def shared(self) -> list[int]:
        return [place for place, doubt in self.of.items() if doubt.why == "shared"]

    def often_late(self) -> int | None:
        """Of those that were late one that fails as others do: late again, it settles them all."""
        late = [place for place, doubt in self.of.items() if doubt.why == "late"]
        return next((place for place in late if len(self.seen[_key(self.of[place].result)]) >= OFTEN), None)

    def next(self) -> int | None:
        """Which is to be run again next; None if none is."""
        return min(self.of, key=lambda place: (_ORDER.index(self.of[place].why), place), default=None)

    def settled(self) -> Sequence[tuple[int, Result]]:
        """Takes out those whose failure is beyond doubt by now."""
        known = [(p, d) for p, d in self.of.items() if d.why != "shared" and self.is_shown(d.result)]
        for place, _ in known:
            del self.of[place]
        return [(p, replace(d.result, note=CUT) if d.why == "hurried" else d.result) for p, d in known]


def _key(result: Result) -> Hashable | None:
    """What it fails by, if that says enough to be recognised: its cause; or where that is not known, its code,
    if it is about time: one request held up others, or the node gave up on a peer."""
    finding = result.findings[0] if result.findings else None
    if finding is None:
        return None
    if finding.cause is None:
        return finding.code if finding.late or finding.code == "blocked" else None
    return failure_key(finding)

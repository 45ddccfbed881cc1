"""Races of a recorded run, as pairs of steps; those that break atomicity come first. Pure functions."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.vector_clocks import Clock
from grader.explorer.trace.model import RUNS, Run, Step

Pair = tuple[int, int]
Trio = tuple[int, int, int]

NOTHING = "nothing"  # the value of what isn't there

# One worker's first access, another's in between, the first one's second: no serial order gives the same.
TORN = {"rww", "rwr", "wwr", "wrw"}


@dataclass(frozen=True, slots=True)
class Knew:
    """What a step's worker knew when it took it. `owner` is the number of the object that it touched."""

    worker: int
    clock: Clock
    locks: frozenset[int]
    owner: int | None = None
    whole: bool = False  # it touched all that the object holds


def pairs(steps: Sequence[Step], knew: Sequence[Knew]) -> tuple[Pair, ...]:
    """Pairs of accesses to one datum by two workers, one of them a write, that nothing keeps in this order.

    First those where one worker comes in between two accesses of another's, lost updates before all; last
    those where somebody finds nothing, and what it looks for comes later.
    """
    found: dict[Pair, tuple[int, int, int]] = {}  # how they are ranked; of equals the last in time first
    for accesses in _by_datum(steps, knew):
        for rank, trios in enumerate(_torn(accesses, knew)):
            for first, between, last in trios:
                for part, pair in enumerate(((first, between), (between, last))):
                    found[pair] = min((rank, -last, part), found.get(pair, (rank, 0, 0)))
        for pair in _unordered(accesses, knew, locked=False):
            found.setdefault(pair, (2, -pair[1], 0))
        for pair in _unordered(accesses, knew, locked=True):
            if steps[pair[0]].value == NOTHING and steps[pair[1]].op == "write":
                found.setdefault(pair, (3, -pair[1], 0))
    return tuple(sorted(found, key=lambda pair: found[pair]))


def both_inside(steps: Sequence[Step]) -> Pair | None:
    """Who ran a generator, and who then wanted its next value before it had come to its `yield`."""
    for late in steps:
        if (late.op, late.kind, late.value) == ("read", Resource.GENERATOR, repr(RUNS)):
            runs = [step.n for step in steps[: late.n] if (step.op, step.datum) == ("write", late.datum)]
            return runs[-1], late.n
    return None


def _by_datum(steps: Sequence[Step], knew: Sequence[Knew]) -> Iterator[list[Step]]:
    """The accesses to each datum in order, with those to all that its owner holds."""
    owners: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        owner = knew[step.n].owner
        if owner is not None:
            owners[owner].append(step)
    for accesses in owners.values():
        whole = {step.datum for step in accesses if knew[step.n].whole}
        for datum in {step.datum for step in accesses}:
            if datum in whole:
                yield accesses
            else:
                yield [step for step in accesses if step.datum == datum or step.datum in whole]


def _torn(accesses: Sequence[Step], knew: Sequence[Knew]) -> tuple[list[Trio], list[Trio]]:
    """Lost updates, and the other ways in which somebody comes in between."""
    lost: list[Trio] = []
    others: list[Trio] = []
    last_by: dict[str, int] = {}
    for place, last in enumerate(accesses):
        first_place = last_by.get(last.worker)
        last_by[last.worker] = place
        if first_place is None or first_place == place - 1:
            continue
        first = accesses[first_place]
        if first.handler != last.handler or (first.handler is None and first.worker == "main"):
            continue  # between two messages anybody may come
        for between in accesses[first_place + 1 : place]:
            pattern = first.op[0] + between.op[0] + last.op[0]
            trio = first.n, between.n, last.n
            if pattern == "rww":
                lost.append(trio)
            elif pattern in TORN and not knew[first.n].locks & knew[between.n].locks & knew[last.n].locks:
                others.append(trio)
    return lost, others


def _unordered(accesses: Sequence[Step], knew: Sequence[Knew], *, locked: bool) -> Iterator[Pair]:
    """Conflicts of which neither knows of the other; `locked`: with a lock that both held."""
    for place, later in enumerate(accesses):
        mine = knew[later.n]
        seen: set[int] = set()
        for earlier in reversed(accesses[:place]):
            theirs = knew[earlier.n]
            if theirs.worker == mine.worker or theirs.worker in seen:
                continue
            if "write" not in (earlier.op, later.op):
                continue
            seen.add(theirs.worker)
            ordered = mine.clock.get(theirs.worker, 0) >= theirs.clock[theirs.worker]
            if not ordered and bool(mine.locks & theirs.locks) == locked:
                yield earlier.n, later.n


def matter(
    failing: Run, races: Sequence[Pair], passing: Run | None, passing_races: Sequence[Pair]
) -> tuple[Pair, ...]:
    """The races of the failing run that the passing one doesn't have in the same order."""
    known = {_key(passing, pair) for pair in passing_races} if passing else set()
    return tuple(pair for pair in races if _key(failing, pair) not in known)


def _key(run: Run, pair: Pair) -> object:
    first, second = run.steps[pair[0]], run.steps[pair[1]]
    return tuple((step.file, step.line, step.op, step.handler or step.worker) for step in (first, second))

"""Which accesses of a recorded run race: pairs of steps. Pure functions."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from grader.explorer.happens import Clock
from grader.explorer.record import Run, Step

Knew = Sequence[tuple[int, Clock, frozenset[int]]]
Pair = tuple[int, int]

# One worker's first access, another's in between, the first one's second: no serial order gives the same.
TORN = {"rww", "rwr", "wwr", "wrw"}


def pairs(steps: Sequence[Step], knew: Knew) -> tuple[Pair, ...]:
    """Pairs of accesses to one datum by two workers, one of them a write, that nothing keeps in this order.

    First those where one worker comes in between two accesses of another's, lost updates before all.
    """
    found: dict[Pair, int] = {}
    for accesses in _by_datum(steps).values():
        for pair, rank in _torn(accesses):
            found[pair] = min(rank, found.get(pair, rank))
        for pair in _unordered(accesses, knew):
            found.setdefault(pair, 2)
    return tuple(sorted(found, key=lambda pair: (found[pair], -pair[1])))


def _by_datum(steps: Sequence[Step]) -> dict[int, list[Step]]:
    data: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        if step.op in ("read", "write") and step.datum >= 0:
            data[step.datum].append(step)
    return data


def _torn(accesses: Sequence[Step]) -> Iterator[tuple[Pair, int]]:
    for place, last in enumerate(accesses):
        first_place = next(
            (p for p in range(place - 1, -1, -1) if accesses[p].worker == last.worker), None
        )
        if first_place is None or first_place == place - 1:
            continue
        first = accesses[first_place]
        if first.handler != last.handler:
            continue  # between two requests anybody may come
        for between in accesses[first_place + 1 : place]:
            if between.op == "read" and between.value == "":
                continue
            pattern = first.op[0] + between.op[0] + last.op[0]
            if pattern in TORN:
                rank = 0 if pattern == "rww" else 1
                yield (first.n, between.n), rank
                yield (between.n, last.n), rank


def _unordered(accesses: Sequence[Step], knew: Knew) -> Iterator[Pair]:
    for place, later in enumerate(accesses):
        number, clock, locks = knew[later.n]
        seen: set[int] = set()
        for earlier in reversed(accesses[:place]):
            other, then, held = knew[earlier.n]
            if other == number or other in seen:
                continue
            if "write" not in (earlier.op, later.op):
                continue
            seen.add(other)
            if clock.get(other, 0) < then[other] and not (locks & held):
                yield earlier.n, later.n


def matter(
    failing: Run, races: Sequence[Pair], passing: Run | None, passing_races: Sequence[Pair]
) -> tuple[Pair, ...]:
    """The races of the failing run that the passing one doesn't have in the same order."""
    known = {_key(passing, pair) for pair in passing_races} if passing else set()
    return tuple(pair for pair in races if _key(failing, pair) not in known)


def _key(run: Run, pair: Pair) -> object:
    first, second = run.steps[pair[0]], run.steps[pair[1]]
    return first.file, first.line, first.op, second.file, second.line, second.op

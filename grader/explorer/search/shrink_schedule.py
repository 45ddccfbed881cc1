"""Shrinking: the same failure with fewer choices that differ from the plain schedule."""

from collections.abc import Callable, Iterator, Sequence

TRIES = 40  # runs, at most

Fails = Callable[[Sequence[int]], "tuple[int, ...] | None"]


def shrink(choices: Sequence[int], fails: Fails) -> tuple[int, ...]:
    """The choices of a schedule that fails likewise and goes its own way at fewer points.

    `fails` makes a run with these choices, the first option behind them, and gives back all choices that it
    made if it fails in the same way, else None.
    """
    best = _trimmed(choices)
    tries = 0
    if _turns(best) > 1:
        for candidate in _alone(best):
            tries += 1
            again = fails(candidate)
            if again is not None and _turns(again) < _turns(best):
                best = _trimmed(again)
                break
    place = len(best) - 1
    while place >= 0 and tries < TRIES:
        if best[place]:
            for candidate in ((*best[:place], 0, *best[place + 1 :]), best[:place]):
                tries += 1
                again = fails(candidate)
                if again is not None and _turns(again) < _turns(best):
                    best = _trimmed(again)
                    break
        place = min(place, len(best)) - 1
    return best


def _alone(choices: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Each choice that differs, without the others; the last one first, as in the tree of runs."""
    for place in reversed(range(min(TRIES, len(choices)))):
        if choices[place]:
            yield (*(0 for _ in range(place)), choices[place])


def _turns(choices: Sequence[int]) -> int:
    return sum(bool(choice) for choice in choices)


def _trimmed(choices: Sequence[int]) -> tuple[int, ...]:
    end = len(choices)
    while end and not choices[end - 1]:
        end -= 1
    return tuple(choices[:end])

"""A failing run beside the nearest that passes: which of its races matter. Pure functions."""

from collections.abc import Sequence

from grader.explorer.diagnosis.as_given import as_given
from grader.explorer.diagnosis.conflicts import HELD_BACK, TORN, in_time
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Found, Run
from grader.explorer.trace.races import Pair, matter


def compare(failing: Run, races: Sequence[Pair], passing: Run | None, passing_races: Sequence[Pair]) -> Found:
    """What was found: both runs, and the races of the failing one that may be why it fails."""
    failing, passing = as_given(failing), as_given(passing) if passing else None
    outcome = failing.findings[0].code
    relevant = matter(failing, races, passing, passing_races)
    if outcome in HELD_BACK:  # and what comes after the end of input can't be why
        relevant = tuple(pair for pair in relevant if pair[1] < in_time(failing))
    said = tuple(pair for pair in relevant if failing.steps[pair[0]].kind is Resource.STDOUT)
    # How writes to stdout follow one another matters where lines are torn, and nowhere else.
    relevant = said if outcome in TORN and said else tuple(pair for pair in relevant if pair not in said)
    costly = [decision for decision in failing.decisions if decision.cost]
    return Found(failing, passing, relevant, len(costly), all(decision.today for decision in costly))

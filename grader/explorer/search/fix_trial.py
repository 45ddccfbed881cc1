"""The fix, tried: does the failing schedule pass if one lock holds together what another came between?

In one schedule, such a lock does no more than to have its holder lose the turn only behind the places that it
holds together. So the node's source is left as it is, and the switch is moved.
"""

from collections.abc import Callable, Sequence

from grader.cases.model import Case
from grader.explorer.diagnosis.evidence import gather
from grader.explorer.runtime.interfaces import Program
from grader.explorer.runtime.worker import Places
from grader.explorer.search import execution_tree
from grader.explorer.search.execution_tree import Leaf, Recorded
from grader.explorer.trace.model import IN_VAIN, Decision, Found, Run, Step


def lock_until(
    program: Program,
    case: Case,
    places: Places,
    choices: Sequence[int],
    found: Found,
    fails: Callable[[Leaf], bool],
    stop: int | None = None,
) -> int | None:
    """The step of the failing run up to which one lock would have to be held for its schedule to pass.

    That is where the clash ends, or where the worker touches that datum for the last time; IN_VAIN if neither
    helps; None where it can't be tried, since nobody lost the turn between. At most three runs. Raises Stuck,
    Over.
    """
    run, clash = found.failing, gather(found).clash
    if clash is None or clash.first is None or clash.second is None:
        return None
    first, second = clash.first, clash.second
    lost = _where_the_turn_was_lost(run, first, second)
    if lost is None:
        return None
    switch = run.decisions[lost]
    before = (*choices[:lost], *[0] * (lost - len(choices)))
    kept = execution_tree.follow(program, case, places, before, record=True, stop=stop)  # it keeps its turn
    for end in sorted({second.n, _last_touch(run, second)}):
        place = _choice_behind(kept, lost, _same(kept.steps, run, first, run.steps[end]), switch)
        if place is None:
            return None
        moved = (*kept.leaf.choices[: place[0]], place[1])
        if not fails(execution_tree.follow(program, case, places, moved, stop=stop).leaf):
            return end
    return IN_VAIN


def _where_the_turn_was_lost(run: Run, first: Step, second: Step) -> int | None:
    """The choice by which a worker lost its turn between two of its steps, the last one; None if by none."""
    found = [
        place
        for place, one in enumerate(run.decisions)
        if one.cost and one.worker == first.worker == second.worker and first.n < one.n <= second.n
    ]
    return found[-1] if found else None


def _last_touch(run: Run, second: Step) -> int:
    """Where this worker reads or writes the datum for the last time while it serves the same request."""
    touches = (
        step.n
        for step in run.steps[second.n :]
        if (step.worker, step.handler, step.datum) == (second.worker, second.handler, second.datum)
        and step.op in ("read", "write")
    )
    return max(touches, default=second.n)


def _same(steps: Sequence[Step], run: Run, first: Step, one: Step) -> Step | None:
    """The step of another run, the same up to `first`, that is `one` of this."""

    def alike(steps: Sequence[Step]) -> list[Step]:
        return [step for step in steps if _what(step) == _what(one)]

    count = len(alike(run.steps[first.n + 1 : one.n + 1]))
    found = alike(steps[first.n + 1 :])
    return found[count - 1] if 0 < count <= len(found) else None


def _what(step: Step) -> tuple[str, str, int, str, str]:
    return step.worker, step.file, step.line, step.op, step.place


def _choice_behind(kept: Recorded, lost: int, end: Step | None, switch: Decision) -> tuple[int, int] | None:
    """The first choice behind this step at which the same worker can lose the turn to the same one, and how."""
    if end is None:
        return None
    wanted = switch.options[switch.chosen]
    for place, one in enumerate(kept.decisions[lost:], lost):
        if one.n > end.n and one.worker == switch.worker and wanted in one.options:
            return place, one.options.index(wanted)
    return None

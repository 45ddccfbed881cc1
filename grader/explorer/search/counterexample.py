"""A failing schedule made ready to be shown: shrunk, recorded, and beside it the nearest that passes."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from grader.cases.model import Case
from grader.checks.findings import Finding
from grader.checks.judge import judge
from grader.explorer.coverage import BUDGET
from grader.explorer.diagnosis.comparison import compare
from grader.explorer.runtime.interfaces import Program
from grader.explorer.runtime.worker import Places
from grader.explorer.search import cpu_budget, execution_tree
from grader.explorer.search.execution_tree import Leaf, Recorded
from grader.explorer.search.fix_trial import lock_until
from grader.explorer.search.forks import Over
from grader.explorer.search.shrink_schedule import shrink
from grader.explorer.trace.model import Found, Replayable, Run

Judge = Callable[[Leaf], tuple[Finding, ...]]


def show(
    program: Program,
    case: Case,
    seed: int,
    places: Places,
    judged: Judge,
    leaf: Leaf,
    others: Sequence[Leaf],
    stop: int | None = None,
    until: float = math.inf,
) -> tuple[Found, Replayable] | None:
    """What a failing run shows, and how it is made again; None if it can't be. `others` are runs that pass.

    Once the file `stop` can be read, or so many CPU seconds are spent, it is shown as it is. Raises Stuck.
    """
    code = judged(leaf)[0].code

    def run(choices: Sequence[int]) -> Leaf:
        if cpu_budget.spent() >= until:
            raise Over(BUDGET)
        return execution_tree.follow(program, case, places, choices, stop=stop).leaf

    def fails(choices: Sequence[int]) -> tuple[int, ...] | None:
        again = run(choices)
        findings = judged(again)
        is_like_it = findings and findings[0].code == code and again.preemptions <= leaf.preemptions
        return again.choices if is_like_it else None

    choices = leaf.choices
    with suppress(Over):
        choices = shrink(choices, fails)
    failing = execution_tree.follow(program, case, places, choices, record=True)
    if not judged(failing.leaf):
        return None
    near = _likest(choices, others)
    with suppress(Over):
        near = _nearest(choices, run, judged) or near
    passing = execution_tree.follow(program, case, places, near, record=True) if near is not None else None
    shown = found(program.sources.short(program.file), case, seed, failing, passing)
    with suppress(Over):
        shown = with_fix_tried(program, case, places, choices, shown, stop)
    racy, shared = frozenset(places.racy), frozenset(places.shared)
    return shown, Replayable(choices, racy, shared, near if shown.passing else None)


def _nearest(
    choices: Sequence[int], run: Callable[[Sequence[int]], Leaf], judged: Judge
) -> tuple[int, ...] | None:
    """The passing schedule that goes the same way for longest, if it goes on the plain way then."""
    for place in range(len(choices) - 1, -1, -1):
        if choices[place]:
            again = run(choices[:place])
            if not judged(again):
                return again.choices
    return None


def _likest(choices: Sequence[int], others: Sequence[Leaf]) -> tuple[int, ...] | None:
    """Of these schedules the one that goes the same way for longest."""

    def common(leaf: Leaf) -> int:
        pairs = zip(leaf.choices, choices, strict=False)
        return next((n for n, (one, other) in enumerate(pairs) if one != other), 0)

    best = max(others, key=common, default=None)
    return best.choices if best else None


def found(node: str, case: Case, seed: int, failing: Recorded, passing: Recorded | None) -> Found:
    """What two recorded runs of a node show, of which the first fails; the other counts only if it passes."""
    ours = _run(node, case, seed, failing)
    theirs = _run(node, case, seed, passing) if passing else None
    if passing is None or theirs is None or theirs.findings:
        return compare(ours, failing.races, None, ())
    return compare(ours, failing.races, theirs, passing.races)


def again(
    program: Program, case: Case, seed: int, places: Places, replay: Replayable
) -> Iterator[Recorded | Found]:
    """A run made again, and what it shows beside the one that passes, if it still fails. Raises Stuck."""
    failing = execution_tree.follow(program, case, places, replay.choices, record=True)
    yield failing
    if failing.leaf.escaped or not judge(case, failing.leaf.transcript).findings:
        return
    passing = None
    if replay.passing is not None:
        passing = execution_tree.follow(program, case, places, replay.passing, record=True)
    shown = found(program.sources.short(program.file), case, seed, failing, passing)
    yield with_fix_tried(program, case, places, replay.choices, shown)


def with_fix_tried(
    program: Program, case: Case, places: Places, choices: Sequence[int], shown: Found, stop: int | None = None
) -> Found:
    """What was found, and whether a lock would help. Raises Stuck, Over."""

    def fails(leaf: Leaf) -> bool:
        return bool(leaf.escaped or judge(case, leaf.transcript).findings)

    return replace(shown, lock_until=lock_until(program, case, places, choices, shown, fails, stop))


def _run(node: str, case: Case, seed: int, recorded: Recorded) -> Run:
    leaf = recorded.leaf
    return Run(
        node, case.id, seed, recorded.steps, recorded.decisions, leaf.transcript,
        judge(case, leaf.transcript).findings,
        recorded.stuck, tuple(stand.worker for stand in recorded.stuck if stand.state == "waits"),
        recorded.crashes, recorded.sources,
    )  # fmt: skip

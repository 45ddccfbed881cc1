"""Grading by exploration: what the search says of each workload becomes a result, and all of them a grade."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.cases.model import Case
from grader.conversation.interrupts import Stop
from grader.conversation.submission import Submission
from grader.explorer.client import PATIENCE, Gone, Stopped, ask, unfit
from grader.explorer.coverage import INTERRUPT, Explored
from grader.explorer.diagnosis.outcome import findings
from grader.explorer.server import Job
from grader.grading.results import Grade, Result

if TYPE_CHECKING:  # it needs greenlet and fork, and whoever has not both is told so first
    from grader.explorer.search.engine import Searched


def race(
    submission: Submission,
    cases: Sequence[Case],
    *,
    budget: float,
    seed: int = 0,
    on_result: Callable[[Result], None] | None = None,
    on_searched: "Callable[[Searched], None] | None" = None,
    stop: Stop | None = None,
) -> Grade:
    """Explore these cases for at most `budget` seconds of the processor's time; a grade as for any suite.

    `on_result` is told each result in the order of the cases, `on_searched` what it was made from, as soon as
    that is known. `stop`, once it is set, ends the exploration: the grade then holds what is known, marked as
    interrupted; a case that was under way is open, and one of which not a schedule was run is not there.
    """
    began = time.monotonic()
    known: dict[int, Result] = {}
    results: list[Result] = []

    def tell(result: Result) -> None:
        results.append(result)
        if on_result:
            on_result(result)

    interrupted = False
    faults: tuple[str, ...] = ()
    reason = unfit(submission)
    if not reason:
        from grader.explorer.search.cpu_budget import SLOWEST
        from grader.explorer.search.engine import Searched

        job = Job(submission.command[-1], tuple(cases), budget, seed)
        try:
            with closing(ask(job, SLOWEST * budget + PATIENCE, stop)) as messages:
                for message in messages:
                    assert isinstance(message, Searched)
                    if message.explored.stopped == INTERRUPT and not message.explored.schedules:
                        continue
                    if on_searched:
                        on_searched(message)
                    place = next(n for n, one in enumerate(cases) if n not in known and one == message.case)
                    known[place] = _result(message)
                    while len(results) in known:
                        tell(known[len(results)])
        except Stopped:
            interrupted = True
        except Gone as gone:
            reason = str(gone)
            faults = (gone.fault,) if gone.fault else ()
    for place in range(len(results), len(cases)):
        if place in known:
            tell(known[place])
        elif not interrupted:
            explored = Explored(stopped="inconclusive", escaped=(reason,) if reason else ())
            tell(Result(cases[place], "not-attempted", note=reason, explored=explored))
    max_points = sum(case.points for case in cases)
    took = time.monotonic() - began
    return Grade(submission.name, tuple(results), max_points, took, seed, interrupted, faults=faults)


def _result(searched: "Searched") -> Result:
    explored, found = searched.explored, searched.found
    result = Result(
        searched.case,
        "not-attempted" if explored.escaped else "failed" if found else "passed",
        findings(found, searched.shown_case) if found else (),
        searched.transcript,
        searched.duration_s,
        explored.note,
        explored=explored,
    )
    if result.status == "not-attempted":
        return replace(result, transcript=())
    return result

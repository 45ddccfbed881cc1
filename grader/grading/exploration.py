"""Grading by exploration: what the search says of each workload becomes a result, and all of them a grade."""

import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from grader.cases.model import Case
from grader.cases.select import INTERLEAVING
from grader.conversation.interrupts import Stop
from grader.conversation.submission import Submission
from grader.explorer.client import PATIENCE, Gone, Stopped, ask, unfit
from grader.explorer.coverage import INTERRUPT, Explored
from grader.explorer.diagnosis.explanation import explain
from grader.explorer.diagnosis.outcome import findings
from grader.explorer.runtime.launch import launch_of
from grader.explorer.server import Job
from grader.grading.order import NO_ORDER, OF_ORDER, keeps_order
from grader.grading.reality import Reality
from grader.grading.results import Grade, Result
from grader.sandbox.begin import lacks

if TYPE_CHECKING:  # it needs greenlet and fork, and whoever has not both is told so first
    from grader.explorer.search.engine import Searched


def race(
    submission: Submission,
    cases: Sequence[Case],
    *,
    budget: float,
    seed: int = 0,
    asked_for: Collection[str] = (),
    on_result: Callable[[Result], None] | None = None,
    on_searched: "Callable[[Searched], None] | None" = None,
    stop: Stop | None = None,
) -> Grade:
    """Explore these cases for at most `budget` seconds of the processor's time; a grade as for any suite.

    `asked_for` are the cases that somebody named: they are explored also where they are beside the point.
    `on_result` is told each result in the order of the cases, `on_searched` what it was made from, as soon as
    that is known. `stop`, once it is set, ends the exploration: the grade then holds what is known, marked as
    interrupted; a case that was under way is open, and one of which not a schedule was run is not there.
    """
    began = time.monotonic()
    exploration = _InOrder(cases, on_result)

    @cache
    def is_ordered() -> bool:
        return keeps_order(submission)

    interrupted = False
    faults: tuple[str, ...] = ()
    reason = unfit(submission)
    if not reason:
        try:
            with closing(_searched(submission, cases, budget, seed, stop)) as told:
                reality = Reality(submission)
                for searched in told:
                    asked = searched.case.id in asked_for
                    if _is_about_order(searched) and not asked and not is_ordered():
                        searched = _not_ordered(searched)
                    searched = reality.confirmed(searched)
                    if on_searched:
                        on_searched(searched)
                    exploration.take(searched)
        except Stopped:
            interrupted = True
        except Gone as gone:
            reason = str(gone)
            faults = (gone.fault,) if gone.fault else ()
    results = exploration.finish(reason, interrupted=interrupted)
    max_points = sum(case.points for case in cases)
    took = time.monotonic() - began
    return Grade(
        submission.name, results, max_points, took, seed, interrupted, faults=faults,
        strength=submission.policy.strength, lacks=lacks(submission.policy),
    )  # fmt: skip


def _searched(
    submission: Submission, cases: Sequence[Case], budget: float, seed: int, stop: Stop | None
) -> "Generator[Searched, None, None]":
    """What the exploring process says of each case, but for those of which not a schedule was run."""
    from grader.explorer.search.cpu_budget import SLOWEST, STARTING
    from grader.explorer.search.engine import Searched

    job = Job(launch_of(submission), tuple(cases), budget, seed)
    with closing(ask(job, (SLOWEST + STARTING) * budget + PATIENCE, stop)) as messages:
        for message in messages:
            assert isinstance(message, Searched)
            if message.explored.stopped != INTERRUPT or message.explored.schedules:
                yield message


class _InOrder:
    """The results so far. They come in any order, and are told in the order of the cases."""

    def __init__(self, cases: Sequence[Case], on_result: Callable[[Result], None] | None) -> None:
        self.cases, self.on_result = cases, on_result
        self.known: dict[int, Result] = {}
        self.results: list[Result] = []

    def take(self, searched: "Searched") -> None:
        place = next(n for n, one in enumerate(self.cases) if n not in self.known and one == searched.case)
        self.known[place] = result_of(searched)
        while len(self.results) in self.known:
            self._tell(self.known[len(self.results)])

    def finish(self, reason: str, *, interrupted: bool) -> tuple[Result, ...]:
        """All results. What nothing is known of was not attempted, unless somebody interrupted it."""
        for place in range(len(self.results), len(self.cases)):
            if place in self.known:
                self._tell(self.known[place])
            elif not interrupted:
                explored = Explored(stopped="inconclusive", escaped=(reason,) if reason else ())
                self._tell(Result(self.cases[place], "not-attempted", note=reason, explored=explored))
        return tuple(self.results)

    def _tell(self, result: Result) -> None:
        self.results.append(result)
        if self.on_result:
            self.on_result(result)


def _is_about_order(searched: "Searched") -> bool:
    """Whether it says no more than that the node doesn't keep the order that a case of ours asks for."""
    found, case = searched.found, searched.case
    if found is None or case.file != INTERLEAVING or case.order != "exact":
        return False
    return found.failing.findings[0].code in OF_ORDER


def _not_ordered(searched: "Searched") -> "Searched":
    explored = replace(searched.explored, escaped=(NO_ORDER,), stopped="not supported")
    return replace(searched, explored=explored, found=None, replay=None)


def result_of(searched: "Searched") -> Result:
    """What one case has shown, by what the search says of it."""
    explored, found = searched.explored, searched.found
    explanation = explain(found) if found else None
    result = Result(
        searched.case,
        "not-attempted" if explored.escaped else "failed" if found else "passed",
        findings(found, explanation) if found and explanation else (),
        searched.transcript,
        searched.duration_s,
        explored.note,
        explored=explored,
        explanation=explanation,
        searched=searched if found else None,
    )
    if result.status == "not-attempted":
        return replace(result, transcript=(), explanation=None, searched=None)
    return result

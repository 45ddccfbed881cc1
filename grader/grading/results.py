"""What a case has shown, and what all of them add up to. Data only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from grader.cases.model import Case
from grader.cases.select import INTERLEAVING
from grader.checks.findings import Finding
from grader.conversation.transcript import Transcript
from grader.explorer.coverage import Explored
from grader.sandbox.policy import Strength, Used, in_force

if TYPE_CHECKING:  # data that is only handed on: who has no explorer needn't load it
    from grader.explorer.diagnosis.explanation import Explanation
    from grader.explorer.search.engine import Searched

Status = Literal["passed", "failed", "not-attempted"]

NOT_TO_BLAME = "the node is not to blame"  # in the note of a case at which the grader or the explorer failed

NO_INIT = ("did-not-start", "no-reply", "not-flushed", "blocked")  # what an unanswered init is found as


@dataclass(frozen=True, slots=True)
class Result:
    """What one case has shown. `duration_s` is that of its last run.

    `explanation` is that of the schedule that the explorer has found, if it has.
    """

    case: Case
    status: Status
    findings: tuple[Finding, ...] = ()
    transcript: Transcript = ()
    duration_s: float = 0.0
    note: str = ""
    answered_init: bool = True  # before time was up
    answered_live: bool = False  # while the input was open
    rests: bool = False  # the node waited for ever, and was not waited for; seen in one run
    cut_short: bool = False  # it might have had more time
    held_up: bool = False  # time was up while lines still came, and the machine was busy
    explored: Explored | None = None
    explanation: "Explanation | None" = None
    searched: "Searched | None" = None  # what the explanation was made from
    used: Used | None = None  # by the node, where it ran for real
    held: frozenset[str] = frozenset()  # what it held in its folder until it ended

    @property
    def is_silent(self) -> bool:
        """Whether the node did not answer init, so that to run further cases would only take time."""
        return (
            not self.answered_init
            and self.case.starts_with_init
            and bool(self.findings)
            and self.findings[0].code in NO_INIT
        )

    @property
    def is_late(self) -> bool:
        """Whether it fails by being late, as anybody may on a busy machine."""
        return bool(self.findings) and (self.findings[0].late or self.held_up)

    @property
    def is_our_fault(self) -> bool:
        """Whether it was not attempted because the grader itself failed."""
        return self.status == "not-attempted" and NOT_TO_BLAME in self.note

    @property
    def points(self) -> float:
        return self.case.points if self.status == "passed" else 0.0


def is_left_out(result: Result) -> bool:
    """Whether its points can't be had: a case of `interleaving` that can't be attempted."""
    return result.status == "not-attempted" and result.case.file == INTERLEAVING


def points_to_have(cases: Sequence[Case], results: Sequence[Result | None]) -> float:
    """The points of all cases, but for those that can't be had."""
    left_out = {place for place, result in enumerate(results) if result and is_left_out(result)}
    return sum(case.points for place, case in enumerate(cases) if place not in left_out)


def not_begun(case: Case, silent: Result) -> Result:
    """The result of a case that is not begun, since the node did not answer init in another one."""
    finding = replace(silent.findings[0], events=(), follows=True)
    note = f"not begun: the node did not answer init in {silent.case.id}"
    return Result(case, "failed", (finding,), note=note, answered_init=False)


@dataclass(frozen=True, slots=True)
class Grade:
    """A submission's result. `asked_for` are the suites that were named and so must be attempted."""

    submission: str
    results: tuple[Result, ...]
    max_points: float
    duration_s: float
    seed: int = 0
    interrupted: bool = False
    asked_for: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()  # tracebacks: where the grader itself failed
    strength: Strength = "off"  # of the sandbox that was asked for
    lacks: tuple[str, ...] = ()  # what the system has not got for it

    @property
    def sandbox(self) -> str:
        """What was in force."""
        return in_force(self.strength, self.lacks)

    @property
    def points(self) -> float:
        return sum(result.points for result in self.results)

    @property
    def passed(self) -> bool:
        """None failed, at least one passed, and no suite that was asked for was left out, from first to last.

        A case that was not attempted is no failure.
        """
        statuses = [result.status for result in self.results]
        attempted = {r.case.suite for r in self.results if r.status != "not-attempted"}
        left_out = {result.case.suite for result in self.results} - attempted
        return (
            not self.interrupted
            and not self.faults
            and "passed" in statuses
            and "failed" not in statuses
            and not left_out & set(self.asked_for)
        )

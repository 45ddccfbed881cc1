"""What a case has shown, and what all of them add up to. Data, and the report of section 8."""

from dataclasses import dataclass
from typing import Any, Literal

from grader.cases.model import Case
from grader.checks.findings import Finding
from grader.conversation.transcript import Transcript, cut

Status = Literal["passed", "failed", "not-attempted"]

INTERRUPT = "interrupt"  # what stopped an exploration that somebody interrupted
NO_INIT = ("did-not-start", "no-reply", "not-flushed", "blocked")  # what an unanswered init is found as


def preemptions(count: int) -> str:
    """So many preemptions, in words."""
    return f"{count} preemption{'s' * (count != 1)}"


@dataclass(frozen=True, slots=True)
class Result:
    """What one case has shown. `duration_s` is that of its last run."""

    case: Case
    status: Status
    findings: tuple[Finding, ...] = ()
    transcript: Transcript = ()
    duration_s: float = 0.0
    note: str = ""
    answered_init: bool = True
    explored: dict[str, Any] | None = None  # what the explorer covered

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
    def points(self) -> float:
        return self.case.points if self.status == "passed" else 0.0

    def as_json(self) -> dict[str, Any]:
        """The result as section 8 of the design writes it."""
        keep = {n for finding in self.findings for n in finding.events}
        report = {
            "suite": self.case.suite,
            "case": self.case.id,
            "title": self.case.title,
            "status": self.status,
            "points": self.points,
            "max_points": self.case.points,
            "duration_s": round(self.duration_s, 3),
            "note": self.note,
            "findings": [finding.as_json() for finding in self.findings],
            "transcript": [
                {"kind": "cut", "events": event} if isinstance(event, int) else event.as_json()
                for event in cut(self.transcript, keep)
            ],
        }
        if self.explored is not None:
            report["explored"] = self.explored
        return report


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

    @property
    def points(self) -> float:
        return sum(result.points for result in self.results)

    @property
    def passed(self) -> bool:
        """None failed, at least one passed, and no suite that was asked for was left out."""
        statuses = [result.status for result in self.results]
        left_out = {r.case.suite for r in self.results if r.status == "not-attempted"}
        return (
            not self.interrupted
            and not self.faults
            and "passed" in statuses
            and "failed" not in statuses
            and not left_out & set(self.asked_for)
        )

    def as_json(self) -> dict[str, Any]:
        """The report as section 8 of the design writes it."""
        return {
            "version": 1,
            "submission": self.submission,
            "passed": self.passed,
            "points": self.points,
            "max_points": self.max_points,
            "duration_s": round(self.duration_s, 3),
            "seed": self.seed,
            "interrupted": self.interrupted,
            "cases": [result.as_json() for result in self.results],
        }

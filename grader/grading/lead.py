"""The lead of a report: the one finding that a learner should read first. Pure functions."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial

from grader.cases.model import Case, Send
from grader.checks.findings import CauseKind, Finding
from grader.grading.results import Result

# What says most comes first. A schedule of the explorer's says most where another schedule passes: where none
# does, no order is to blame, a real run fails alike, and where it stood says more.
_RANKS: dict[CauseKind, int] = {
    "exception": 0,
    "spelling": 1,
    "shape": 1,
    "newline": 1,
    "schedule": 2,
    "lock": 3,
    "wait": 3,
    "reading": 3,
}
AT_THE_END = ("lost-at-eof", "hung-after-eof")
_IN_EVERY_SCHEDULE = max(_RANKS.values()) + 1
_UNKNOWN = _IN_EVERY_SCHEDULE + 1


@dataclass(frozen=True, slots=True)
class Lead:
    """A finding, by its case and its place among the findings of that case."""

    result: Result
    place: int

    @property
    def finding(self) -> Finding:
        return self.result.findings[self.place]


def lead(results: Sequence[Result]) -> Lead | None:
    """The finding that says most; of equals the earliest event of the earliest case. None if nothing failed."""
    found = [Lead(result, place) for result in results for place in range(len(result.findings))]
    is_racy = any(one.finding.code == "data-race" for one in found)
    is_blocked = any(
        one.finding.code == "blocked" and not one.finding.others_went_on and one.finding.schedule is None
        for one in found
    )
    plain = (result for result in results if result.explored is None and _has_one_request(result.case))
    alone = frozenset(finding.code for result in plain for finding in result.findings)
    rank = partial(_rank, is_racy=is_racy, is_blocked=is_blocked, alone=alone)
    return min(found, key=rank, default=None)


def failure_key(finding: Finding) -> Hashable:
    """Findings with the same key have the same to say: one cause, or, where none is known, one code."""
    cause = finding.cause
    if cause is None:
        return finding.code
    return cause.kind, (cause.file, cause.line) if cause.line is not None else cause.text


def _has_one_request(case: Case) -> bool:
    """Whether nothing else is read meanwhile, no peer's reply either: what fails here fails in every order."""
    return sum(len(step.messages) for step in case.steps if isinstance(step, Send)) <= 2  # with init


def _rank(
    one: Lead, *, is_racy: bool, is_blocked: bool, alone: frozenset[str]
) -> tuple[int, bool, bool, bool, bool]:
    """A node that does not start shows it in many ways: what they come from is the same.

    Of a case that was not begun there is nothing to see: it tells the finding of another one. Where a race has
    been found, a newline at the wrong place is what came of it for real. Where a wait has held up everybody, a
    reply that was not found in another case was not read. What is missing at the end of input, without a known
    cause, may be what is missing in the midst of it, too, and that says more. What goes wrong with one request
    `alone`, no race has brought about.
    """
    cause, ran = one.finding.cause, bool(one.result.transcript)
    rank = _RANKS[cause.kind] if cause else _UNKNOWN
    if cause and cause.kind == "schedule" and cause.in_every_schedule:
        rank = _IN_EVERY_SCHEDULE
    came_of_it = {finding.code for finding in one.result.findings if finding.follows}
    if one.finding.code == "data-race" and came_of_it & alone:
        rank = _UNKNOWN
    if cause and cause.kind == "newline" and is_racy:
        rank = _UNKNOWN
    is_unread = is_blocked and cause is None and one.finding.late and one.finding.code == "wrong-type"
    is_of_the_end = cause is None and one.finding.code in AT_THE_END
    return rank, one.finding.code != "did-not-start", is_of_the_end, is_unread, not ran

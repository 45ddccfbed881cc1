"""The report as HTML: the cases as a ladder, each failure explained once, and what to do first.

A fragment for a notebook's cell or a page of its own. It needs no script and no style to be read: sites that
show notebooks drop both. What passed and what did not is said by mark and word, never by colour alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from grader.grading.results import Grade, Result
from grader.reports.finding_text import FindingLine, again, explain
from grader.reports.html_templates import fill
from grader.reports.summary import covered, left_out

MARKS = {"passed": "✓", "failed": "✗", "not-attempted": "–"}
WORDS = {"passed": "passed", "failed": "not passed", "not-attempted": "not attempted"}

TEMPLATE = Path(__file__).with_name("report.html.jinja")


@dataclass(frozen=True, slots=True)
class Rung:
    """One case. `lines` explain it, if it failed; or it is `before`, the case, where its code was explained."""

    result: Result
    lines: Sequence[FindingLine] = ()
    before: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    """The cases of one suite; `covered` says what was explored."""

    name: str
    rungs: Sequence[Rung]
    is_left_out: bool
    covered: str


def render(grade: Grade, *, is_command: bool = False) -> str:
    """The whole report of a grade as one HTML fragment; everything that a node wrote is escaped."""
    return fill(
        TEMPLATE,
        grade=grade,
        status="passed" if grade.passed else "failed",
        passed=sum(result.status == "passed" for result in grade.results),
        marks=MARKS,
        words=WORDS,
        suites=_ladders(grade, is_command),
        left_out=left_out(grade.results),
        first=next((result for result in grade.results if result.status == "failed"), None),
    )


def _ladders(grade: Grade, is_command: bool) -> list[Ladder]:
    explained: dict[str, str] = {}
    ladders = []
    for suite, results in groupby(grade.results, key=lambda result: result.case.suite):
        of_suite = list(results)
        is_left_out = len(of_suite) > 1 and all(result.status == "not-attempted" for result in of_suite)
        rungs = [_rung(r, again(grade.submission, r, is_command), explained) for r in of_suite]
        ladders.append(Ladder(suite, rungs, is_left_out, covered(of_suite)))
    return ladders


def _rung(result: Result, command: str, explained: dict[str, str]) -> Rung:
    """One case, with what was found, if it failed. `explained` says in which case each code was."""
    if result.status != "failed":
        return Rung(result)
    finding = result.findings[0]
    before = explained.setdefault(finding.code, result.case.id)
    if before == result.case.id:
        return Rung(result, explain(result, finding, command))
    return Rung(result, before=before)

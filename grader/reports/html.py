"""The report as HTML: the cases as a ladder, each failure explained once, and what to do first.

The fragment for a notebook's cell; `--html` is `page.py`. It needs no script and no style to be read: sites
that show notebooks drop both. What passed and what did not is said by mark and word, never by colour alone.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from grader.grading.lead import failure_key
from grader.grading.results import Grade, Result
from grader.reports.finding_text import FindingLine, again, explain, picture
from grader.reports.html_templates import fill
from grader.reports.leading import first, is_repetition, next_step
from grader.reports.summary import covered, left_out

MARKS = {"passed": "✓", "failed": "✗", "not-attempted": "–"}
WORDS = {"passed": "passed", "failed": "not passed", "not-attempted": "not attempted"}

TEMPLATE = Path(__file__).with_name("report.html.jinja")


@dataclass(frozen=True, slots=True)
class Rung:
    """One case. `lines` explain it, if it failed, and `picture` shows its schedule.

    Or it is `before`, the case, where its failure was explained.

    Of several that say the same again, `more` of them, the first stands for all.
    """

    result: Result
    lines: Sequence[FindingLine] = ()
    picture: str = ""
    before: str = ""
    more: int = 0


@dataclass(frozen=True, slots=True)
class Ladder:
    """The cases of one suite; `covered` says what was explored."""

    name: str
    rungs: Sequence[Rung]
    left_out: int
    covered: str


def render(grade: Grade, *, is_command: bool = False) -> str:
    """The whole report of a grade as one HTML fragment; everything that a node wrote is escaped."""
    said = " ".join(filter(None, first(grade.results) or ()))
    return fill(TEMPLATE, first=said, **shown(grade, is_command=is_command))


def shown(grade: Grade, *, is_command: bool) -> dict[str, object]:
    """What the fragment and the page both show of a grade, as their templates name it."""
    return {
        "grade": grade,
        "status": "passed" if grade.passed else "failed",
        "passed": sum(result.status == "passed" for result in grade.results),
        "marks": MARKS,
        "words": WORDS,
        "suites": ladders(grade, is_command),
        "left_out": left_out(grade.results),
        "next": next_step(grade, is_command=is_command),
    }


def ladders(grade: Grade, is_command: bool) -> list[Ladder]:
    """The suites, each with its cases in order."""
    explained: dict[Hashable, str] = {}
    ladders = []
    for suite, results in groupby(grade.results, key=lambda result: result.case.suite):
        of_suite = list(results)
        is_left_out = len(of_suite) > 1 and all(result.status == "not-attempted" for result in of_suite)
        commands = {result.case.id: again(grade.submission, result, is_command) for result in of_suite}
        rungs = list(_rungs(of_suite, commands, explained))
        ladders.append(Ladder(suite, rungs, len(of_suite) if is_left_out else 0, covered(of_suite)))
    return ladders


def _rungs(
    results: Sequence[Result], commands: Mapping[str, str], explained: dict[Hashable, str]
) -> Iterator[Rung]:
    """A rung a case; cases that only say once more what was said already are one."""
    for is_again, group in groupby(results, key=lambda r: is_repetition(r) and _key(r) in explained):
        cases = list(group)
        if is_again and len(cases) > 1:
            yield Rung(cases[0], before=explained[_key(cases[0])], more=len(cases))
        else:
            yield from (_rung(result, commands[result.case.id], explained) for result in cases)


def _key(result: Result) -> Hashable:
    return failure_key(result.findings[0])


def _rung(result: Result, command: str, explained: dict[Hashable, str]) -> Rung:
    """One case, with what was found, if it failed. `explained` says in which case each failure was."""
    if result.status != "failed":
        return Rung(result)
    before = explained.setdefault(_key(result), result.case.id)
    if before == result.case.id:
        finding = result.findings[0]
        return Rung(result, explain(result, finding, command), "\n".join(picture(result, finding)))
    return Rung(result, before=before)

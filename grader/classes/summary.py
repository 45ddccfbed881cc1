"""How a class did: case by case, and grouped by what leads: that is to be taught again tomorrow. Pure."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path
from typing import Any

from grader.classes.ledger import GradeRow, file_name, leading, left_out
from grader.explorer.coverage import FEW
from grader.reports.html_templates import fill

TEMPLATE = Path(__file__).with_name("summary.html.jinja")
MISSING = "not-handed-in"
ALIKE = 0.9  # of the text, without names' lengths, spaces and remarks, that two near-equal submissions share


@dataclass(frozen=True, slots=True)
class CaseCount:
    """How many passed a case, of how many that attempted it."""

    suite: str
    case: str
    title: str
    passed: int
    attempted: int


@dataclass(frozen=True, slots=True)
class Member:
    """A submission in a group, and the line of it that its cause names."""

    row: GradeRow
    report: str
    where: str


@dataclass(frozen=True, slots=True)
class DiagnosisGroup:
    """Submissions with the same diagnosis: the same code, and the same advice."""

    code: str
    hint: str
    lesson: str
    members: tuple[Member, ...]


def render(
    title: str,
    rows: Sequence[GradeRow],
    reports: Mapping[str, Mapping[str, Any]],
    alike: Sequence[Sequence[str]] = (),
    left: int = 0,
) -> str:
    """The page. `reports` are the JSON reports by id; `alike` are ids of near-equal submissions.

    Of `left` submissions nothing is known yet.
    """
    return fill(
        TEMPLATE,
        title=title,
        rows=rows,
        left=left,
        missing=[row for row in rows if row.status == MISSING],
        passed=sum(row.passed for row in rows),
        graded=sum(row.status == "graded" for row in rows),
        groups=groups(rows, reports),
        others=[row for row in rows if row.status not in ("graded", MISSING)],
        cases=cases(reports.values()),
        unshown=unshown(rows, reports),
        shallow=[row for row in rows if row.id in reports and _is_shallow(reports[row.id])],
        alike=alike,
        file_name=file_name,
    )


def in_brief(report: Mapping[str, Any]) -> dict[str, Any]:
    """What of a report the summary needs: of two hundred whole ones a machine would have to hold 400 MB."""
    kept = ("code", "message", "hint", "lesson", "cause")
    cases = [
        {
            **{key: case[key] for key in ("suite", "case", "title", "status", "note")},
            "findings": [{key: finding[key] for key in kept} for finding in case["findings"]],
        }
        for case in report["cases"]
    ]
    return {"lead": report["lead"], "cases": cases}


def groups(rows: Sequence[GradeRow], reports: Mapping[str, Mapping[str, Any]]) -> list[DiagnosisGroup]:
    """The submissions that failed, by their diagnosis.

    The code that leads most often is first; of one code's groups, the largest.
    """
    found: dict[tuple[str, str, str], list[Member]] = {}
    for row in rows:
        finding = leading(reports[row.id]) if row.id in reports else None
        if finding is None:
            continue
        cause = finding["cause"] or {}
        line = f"{cause['file']}:{cause['line']}" if cause.get("line") is not None else ""
        key = finding["code"], finding["hint"], finding["lesson"]
        found.setdefault(key, []).append(Member(row, f"reports/{file_name(row.id)}.html", line))
    made = [DiagnosisGroup(*key, tuple(members)) for key, members in found.items()]
    of_code = Counter(group.code for group in made for _ in group.members)
    return sorted(made, key=lambda one: (-of_code[one.code], one.code, -len(one.members), one.hint))


def unshown(
    rows: Sequence[GradeRow], reports: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, list[GradeRow]]]:
    """What was not attempted, and in whose submissions: their maximum of points may be another."""
    found: dict[str, list[GradeRow]] = {}
    for row in rows:
        for _, why in left_out(reports[row.id]) if row.id in reports else ():
            found.setdefault(why, []).append(row)
    return sorted(found.items(), key=lambda one: -len(one[1]))


def _is_shallow(report: Mapping[str, Any]) -> bool:
    return any(FEW in case["note"] for case in report["cases"])


def cases(reports: Any) -> list[CaseCount]:
    """How the class did in each case, in the order of the suites."""
    counts: dict[tuple[str, str, str], list[int]] = {}
    for report in reports:
        for case in report["cases"]:
            count = counts.setdefault((case["suite"], case["case"], case["title"]), [0, 0])
            count[0] += case["status"] == "passed"
            count[1] += case["status"] != "not-attempted"
    return [CaseCount(*key, *count) for key, count in counts.items()]


def near_equal(texts: Mapping[str, str]) -> list[list[str]]:
    """Groups of ids whose texts are near-equal, whatever their remarks, spaces and names."""
    plain = {id_: _shape(text) for id_, text in texts.items()}
    group_of = {id_: {id_} for id_ in texts}
    for one, other in combinations(plain, 2):
        matcher = SequenceMatcher(None, plain[one], plain[other], autojunk=False)
        if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE:
            joined = group_of[one] | group_of[other]
            for id_ in joined:
                group_of[id_] = joined
    unique = {frozenset(group) for group in group_of.values() if len(group) > 1}
    return sorted((sorted(group) for group in unique), key=lambda group: (-len(group), group))


def _shape(text: str) -> list[str]:
    """The words and signs of a source, each name as the order in which it first stands there."""
    text = re.sub(r"#[^\n]*|//[^\n]*|\"\"\".*?\"\"\"|/\*.*?\*/", "", text, flags=re.DOTALL)
    names: dict[str, str] = {}
    return [
        names.setdefault(word, f"n{len(names)}") if word.isidentifier() else word
        for word in re.findall(r"\w+|[^\w\s]", text)
    ]

"""What a run on GitHub Actions shows by itself: annotations at lines to mend, and the job's summary. Pure.

No line of it begins with a node's own text, and line ends in it are escaped: so a node can give no command.
"""

import os
from collections.abc import Hashable, Iterator
from pathlib import PurePath

from grader.grading.lead import failure_key, lead
from grader.grading.results import Grade
from grader.reports.html import MARKS
from grader.reports.leading import first, next_step
from grader.reports.visible import visible

LARGEST = 1 << 20  # bytes of a summary, all of them together
SHOWN = 200  # cases in the table of a summary
ANNOTATED = 10  # of one kind in one step; more are not shown


def annotations(grade: Grade, folder: str, root: str) -> Iterator[str]:
    """A line for each failure, what leads first; each at its cause's line, if that is known.

    `folder` is the submission's, `root` the repository's.
    """
    leading = lead(grade.results)
    failed = [result for result in grade.results if result.status == "failed" and result.findings]
    failed.sort(key=lambda result: leading is None or result is not leading.result)
    told: set[Hashable] = set()
    for result in failed:
        finding = result.findings[0]
        if failure_key(finding) in told or len(told) == ANNOTATED:
            continue
        told.add(failure_key(finding))
        cause = finding.cause
        text = f"{cause.text if cause else finding.message}\n{finding.hint}"
        where = {"title": f"{finding.code} in {result.case.id}"}
        if cause is not None and cause.file and cause.line is not None:
            file = os.path.relpath(PurePath(folder, cause.file), root)
            if not file.startswith(".."):
                where = {"file": file, "line": str(cause.line), **where}
        properties = ",".join(f"{key}={_property(value)}" for key, value in where.items())
        yield f"::error {properties}::{_data(text)}"


def summary(grade: Grade) -> str:
    """The job's summary, in Markdown."""
    said = first(grade.results)
    mark = "✓ passed" if grade.passed else "✗ not passed"
    lines = [
        f"## {mark}: {_inline(grade.submission)}",
        "",
        f"{sum(r.status == 'passed' for r in grade.results)} of {len(grade.results)} cases, "
        f"{grade.points:g} of {grade.max_points:g} points",
        "",
    ]
    if said:
        lines += [f"> **First:** {_inline(said[0])}", ">", f"> {_inline(' '.join(said[1:]))}", ""]
    elif step := next_step(grade):
        lines += [f"> **Next:** {_inline(step)}", ""]
    lines += ["| | case | points | |", "| --- | --- | --- | --- |"]
    for result in grade.results[:SHOWN]:
        code = result.findings[0].code if result.findings else ""
        cells = (
            MARKS[result.status],
            _inline(result.case.title),
            f"{result.points:g}/{result.case.points:g}",
            code,
        )
        lines.append(f"| {' | '.join(cells)} |")
    if len(grade.results) > SHOWN:
        lines.append(f"\n{len(grade.results) - SHOWN} more cases are not shown here.")
    return "\n".join(lines).encode("utf-8", "backslashreplace")[: LARGEST - 1].decode("utf-8", "ignore") + "\n"


def _data(text: str) -> str:
    lines = "\n".join(map(visible, text.split("\n")))
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _inline(text: str) -> str:
    """Text in Markdown that stays text: nothing of it is a mark, a tag or the end of a cell."""
    shown = visible(text)
    for mark in "\\`*_{}[]<>()#+!|~@":
        shown = shown.replace(mark, f"\\{mark}" if mark not in "<>@" else f"&#{ord(mark)};")
    return shown

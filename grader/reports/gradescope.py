"""The report as Gradescope reads it: `results.json` of an autograder. Pure."""

from typing import Any

from grader.grading.results import Grade, Result, is_left_out
from grader.reports.finding_text import as_text, explain
from grader.reports.leading import first, next_step
from grader.reports.visible import visible


def render(grade: Grade) -> dict[str, Any]:
    """The whole report; what a student sees of a hidden case is its title, status and points.

    The score is in proportion to the points of all cases, so that it is out of the same for everybody: a node
    that could not have some, being written in another language than Python, is not the worse for it.
    """
    total = grade.max_points + sum(result.case.points for result in grade.results if is_left_out(result))
    score = round(grade.points / grade.max_points * total, 4) if grade.max_points else 0.0
    said = first(grade.results)
    lead = "\n".join(filter(None, said)) if said else next_step(grade)
    what = f"First: {lead}" if said else f"Next: {lead}" if lead else ""
    return {
        "score": score,
        "execution_time": round(grade.duration_s, 3),
        "output": visible_lines("\n".join(filter(None, [_points(grade, score, total), what]))),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"submission": visible(grade.submission), "seed": grade.seed, "passed": grade.passed},
        "tests": [_test(result, number) for number, result in enumerate(grade.results, 1)],
    }


def _points(grade: Grade, score: float, total: float) -> str:
    """How the score comes about, where that can't be seen from the cases."""
    if total == grade.max_points:
        return ""
    return f"Points: {grade.points:g} of the {grade.max_points:g} that it can have, so {score:g} of {total:g}."


def visible_lines(text: str) -> str:
    """`text` with what hides shown, its lines left as they are."""
    return "\n".join(map(visible, text.split("\n")))


def _test(result: Result, number: int) -> dict[str, Any]:
    output = result.note
    if result.status == "failed":
        lines = explain(result, result.findings[0], "")
        output = as_text(line for line in lines if line.label != "again")
    is_graded = result.status != "not-attempted"
    return {
        "score": result.points,
        "max_score": result.case.points if is_graded else 0.0,
        **({"status": result.status} if is_graded else {}),
        "name": visible(f"{result.case.suite}: {result.case.title}"),
        "number": str(number),
        "output": visible_lines(output),
        "tags": [result.case.suite, *(finding.code for finding in result.findings)],
        "visibility": "visible",
        "extra_data": {"case": result.case.id, "status": result.status},
    }

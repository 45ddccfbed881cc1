"""The report as Gradescope reads it: `results.json` of an autograder. Pure."""

from typing import Any

from grader.grading.results import Grade, Result
from grader.reports.finding_text import as_text, explain
from grader.reports.leading import first, next_step
from grader.reports.visible import visible


def render(grade: Grade) -> dict[str, Any]:
    """The whole report; what a student sees of a hidden case is its title, status and points."""
    said = first(grade.results)
    lead = "\n".join(filter(None, said)) if said else next_step(grade)
    return {
        "score": grade.points,
        "execution_time": round(grade.duration_s, 3),
        "output": visible_lines(f"First: {lead}" if said else f"Next: {lead}" if lead else ""),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"submission": visible(grade.submission), "seed": grade.seed, "passed": grade.passed},
        "tests": [_test(result, number) for number, result in enumerate(grade.results, 1)],
    }


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

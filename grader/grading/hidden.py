"""Hidden cases: what a learner may know of them is their title, whether they passed, and the points. Pure."""

from dataclasses import replace

from grader.checks.findings import CODES, Finding
from grader.grading.results import Result


def for_learners(result: Result) -> Result:
    """The result as learners may see it: of a hidden case neither messages nor expected values."""
    if not result.case.hidden:
        return result
    return replace(
        result,
        case=replace(result.case, steps=(), hints=(), source=()),
        findings=tuple(map(_only_its_code, result.findings)),
        transcript=(),
        note="" if result.status == "failed" else result.note,
        explanation=None,
        searched=None,
    )


def _only_its_code(finding: Finding) -> Finding:
    code = CODES[finding.code]
    text = f"In a hidden case {code.says}."
    return Finding(finding.code, text, 0, hint=code.hint, lesson=code.lesson, follows=finding.follows)

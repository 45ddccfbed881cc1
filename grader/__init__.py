"""The grader's public API, on one screen.

    from grader import submit
    grade = submit("node.py")
    grade.passed, grade.points, [result.findings for result in grade.results]

Names are imported when they are first used, so that `grader --help` need not load what runs a node.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.cases.model import Case, Suite
    from grader.cases.parser import CaseFileError, load
    from grader.cases.select import select
    from grader.checks.findings import Finding
    from grader.checks.judge import judge
    from grader.conversation.submission import NotGradable, Submission, from_command, from_file
    from grader.conversation.transcript import Event, Transcript
    from grader.grading.results import Grade, Result
    from grader.grading.runner import grade
    from grader.grading.submitting import submit

_HOMES = {
    "submit": "grading.submitting",  # grade a file or a command: a submission's name in, a Grade out
    "grade": "grading.runner",  # the same, for a Submission and Cases already at hand
    "select": "cases.select",  # the cases of suites, by id, renamed by a seed
    "load": "cases.parser",  # a suite by its name or file
    "judge": "checks.judge",  # from a case and a transcript to a verdict; needs no process
    "from_file": "conversation.submission",
    "from_command": "conversation.submission",
    "Case": "cases.model",
    "CaseFileError": "cases.parser",
    "Event": "conversation.transcript",
    "Finding": "checks.findings",
    "Grade": "grading.results",
    "NotGradable": "conversation.submission",
    "Result": "grading.results",
    "Submission": "conversation.submission",
    "Suite": "cases.model",
    "Transcript": "conversation.transcript",
}

__all__ = [
    "Case",
    "CaseFileError",
    "Event",
    "Finding",
    "Grade",
    "NotGradable",
    "Result",
    "Submission",
    "Suite",
    "Transcript",
    "from_command",
    "from_file",
    "grade",
    "judge",
    "load",
    "select",
    "submit",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"grader.{_HOMES[name]}"), name)

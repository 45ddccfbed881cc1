"""The grader's public API, on one screen.

    from grader import submit
    grade = submit("node.py")
    grade.passed, grade.points, [result.findings for result in grade.results]

Names are imported when they are first used, so that `grader --help` need not load what runs a node.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.casefile import CaseFileError, load
    from grader.cases import Case, Suite
    from grader.findings import Finding
    from grader.grading import grade, submit
    from grader.results import Grade, Result
    from grader.selection import select
    from grader.submission import NotGradable, Submission, from_command, from_file
    from grader.transcript import Event, Transcript
    from grader.verdict import judge

_HOMES = {
    "submit": "grading",  # grade a file or a command: a submission's name in, a Grade out
    "grade": "grading",  # the same, for a Submission and Cases already at hand
    "select": "selection",  # the cases of suites, by id, renamed by a seed
    "load": "casefile",  # a suite by its name or file
    "judge": "verdict",  # from a case and a transcript to a verdict; needs no process
    "from_file": "submission",
    "from_command": "submission",
    "Case": "cases",
    "CaseFileError": "casefile",
    "Event": "transcript",
    "Finding": "findings",
    "Grade": "results",
    "NotGradable": "submission",
    "Result": "results",
    "Submission": "submission",
    "Suite": "cases",
    "Transcript": "transcript",
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

"""The files for reports that a command was asked for: opened before anything runs, written at the end."""

import argparse
from typing import TYPE_CHECKING

from grader.commands.outcome import UsageError

if TYPE_CHECKING:
    from grader.conversation.submission import Submission
    from grader.grading.results import Grade
    from grader.reports.report_file import ReportFile

# By their options; what they hold is known to `reports.formats`.
FORMATS = {
    "json": "as JSON",
    "html": "as a page to open in a browser",
    "junit": "for CI systems, as JUnit's XML",
    "gradescope": "for Gradescope, as results.json",
    "classroom": "for Classroom 50, as result.json",
}


def open_reports(args: argparse.Namespace) -> "dict[str, ReportFile]":
    """The files for reports that were asked for, by their options, opened before anything runs."""
    from grader.reports.report_file import CantWrite, ReportFile

    files: dict[str, ReportFile] = {}
    try:
        for option in FORMATS:
            if name := getattr(args, option):
                files[option] = ReportFile(f"--{option}", name)
    except CantWrite as error:
        for file in files.values():
            file.close()
        raise UsageError(str(error)) from None
    if sum(file.is_stdout for file in files.values()) > 1:
        raise UsageError("only one report can go to stdout (-)")
    return files


def write_reports(
    files: "dict[str, ReportFile]", grade: "Grade", submission: "Submission", *, is_command: bool
) -> None:
    from grader.reports.formats import render
    from grader.reports.report_file import CantWrite

    refused = []
    for option, file in files.items():
        try:
            file.write(render(option, grade, submission, is_command=is_command))
        except CantWrite as error:  # the others are written all the same
            refused.append(str(error))
    if refused:
        raise UsageError("; ".join(refused))

"""The files for reports that a command was asked for: opened before anything runs, written at the end."""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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


@contextmanager
def open_reports(args: argparse.Namespace) -> "Iterator[dict[str, ReportFile]]":
    """The files for reports that were asked for, by their options, opened before anything runs.

    Of one that was not written nothing is left, whatever ended the command.
    """
    from grader.reports.report_file import CantWrite, ReportFile

    with ExitStack() as opened:
        files: dict[str, ReportFile] = {}
        for option in FORMATS:
            if name := getattr(args, option):
                try:
                    files[option] = ReportFile(f"--{option}", name)
                except CantWrite as error:
                    raise UsageError(str(error)) from None
                opened.callback(files[option].close)
        if sum(file.is_stdout for file in files.values()) > 1:
            raise UsageError("only one report can go to stdout (-)")
        yield files


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

"""Which renderer makes which format, by the command line's options: each from one grade."""

import json
import os
from datetime import UTC, datetime

from grader.conversation.submission import Submission
from grader.grading.results import Grade


def render(option: str, grade: Grade, submission: Submission, *, is_command: bool = False) -> str:
    """The text of this format. `is_command`: the submission was given as a command."""
    match option:
        case "json":
            from grader.reports.json_report import report

            return _json(report(grade))
        case "html":
            from grader.reports.page import page
            from grader.reports.submitted import played, source_of

            return page(grade, source_of(submission), played(submission), is_command=is_command)
        case "junit":
            from grader.reports import junit

            return junit.render(grade, is_command=is_command)
        case "gradescope":
            from grader.reports import gradescope

            return _json(gradescope.render(grade))
        case "classroom":
            from grader.reports import classroom

            return _json(classroom.render(grade, os.environ, datetime.now(UTC)))
    raise ValueError(option)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"

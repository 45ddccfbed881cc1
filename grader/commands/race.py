"""`grader race`: explore the schedules of a Python node."""

import argparse

from grader.commands.named_node import node_after_list
from grader.commands.outcome import INTERRUPTED, NOT_GRADED, NOT_PASSED, OK, UsageError, one_line, our_fault
from grader.commands.report_files import open_reports, write_reports


def run(args: argparse.Namespace) -> int:
    """Explore it, or replay a schedule, and write the reports that were asked for."""
    from grader.cases.parser import CaseFileError
    from grader.explorer.client import missing

    if reason := missing():  # what comes next can't even be imported then
        raise UsageError(reason)
    from grader.cases.select import NoSuchCase
    from grader.conversation.node_process import prepare
    from grader.conversation.submission import NotGradable, from_command, from_file
    from grader.reports.race_terminal import Refusal
    from grader.reports.race_terminal import run as explore

    args.node = args.node or node_after_list(args)
    if bool(args.node) == bool(args.command):
        raise UsageError("name one node: grader race NODE, or grader race -- python -m MODULE")
    try:
        submission = from_command(args.command) if args.command else from_file(args.node, args.python)
    except NotGradable as error:
        raise UsageError(str(error)) from None
    with open_reports(args) as files:
        prepare()
        try:
            grade = explore(args, submission, to_stderr=any(file.is_stdout for file in files.values()))
        except CaseFileError as error:
            raise UsageError(one_line(error)) from None
        except (NoSuchCase, Refusal) as error:
            raise UsageError(str(error)) from None
        write_reports(files, grade, submission, is_command=bool(args.command))
    if grade.faults:
        return our_fault(grade.faults[0])
    if grade.interrupted:
        return INTERRUPTED
    statuses = {result.status for result in grade.results}
    if "failed" in statuses:
        return NOT_PASSED
    return OK if "passed" in statuses else NOT_GRADED

"""`grader submit`: grade a node."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, cast

from grader.commands.named_node import node_after_list, too_many
from grader.commands.outcome import INTERRUPTED, NOT_PASSED, OK, UsageError, complain, one_line, our_fault
from grader.commands.report_files import open_reports, write_reports
from grader.commands.sandbox_options import given, limits_of

if TYPE_CHECKING:
    from grader.cases.model import Case
    from grader.conversation.submission import Submission
    from grader.grading.results import Grade
    from grader.reports.report_file import ReportFile
    from grader.reports.terminal import TerminalReport


def run(args: argparse.Namespace) -> int:
    """Grade it, and write the reports that were asked for."""
    from grader.cases.parser import CaseFileError
    from grader.cases.select import NoSuchCase, select, suites_of
    from grader.conversation.submission import NotGradable, from_command, from_file
    from grader.grading.lodging import lodged

    node = args.node or node_after_list(args)
    if bool(node) == bool(args.command):
        raise UsageError("name one node: grader submit NODE, or grader submit -- COMMAND")
    if args.more:
        raise UsageError(too_many([node or "", *args.more]))
    try:
        submission = from_file(node, args.python) if node else from_command(args.command)
        cases = select(suites_of(args.suite, args.also), args.case, args.seed, args.but)
    except CaseFileError as error:
        raise UsageError(one_line(error)) from None
    except (NotGradable, NoSuchCase) as error:
        raise UsageError(str(error)) from None
    with open_reports(args) as files:
        keep_out = [*args.suite, *args.also, *(file.target for file in files.values())]
        try:
            with lodged(submission, args.sandbox, limits_of(args), keep_out) as lodger:
                return _grade(args, lodger, cases, files)
        except NotGradable as error:
            raise UsageError(str(error)) from None


def _grade(
    args: argparse.Namespace,
    submission: "Submission",
    cases: "Sequence[Case]",
    files: "dict[str, ReportFile]",
) -> int:
    import gc
    from functools import cache

    from grader.conversation.exhausted import Exhausted
    from grader.grading.runner import grade
    from grader.reports.lasting_stream import Lasting

    to_stderr = any(file.is_stdout for file in files.values())
    screen = Lasting(sys.stderr if to_stderr else sys.stdout)

    @cache
    def report() -> "TerminalReport":  # takes its time to load: by now the first nodes are at work
        from rich.console import Console

        from grader.reports.terminal import TerminalReport

        return TerminalReport(
            Console(file=cast("IO[str]", screen), highlight=False, soft_wrap=True),
            submission.name,
            len(cases),
            is_command=bool(args.command),
            options=_given(args),
            full=args.full,
            hints=args.hints,
        )

    gc.disable()  # a grading makes hardly any cycles; to look for them takes a third of its time
    try:
        result = grade(
            submission,
            cases,
            slow=args.slow,
            seed=args.seed,
            budget=args.budget,
            jobs=args.jobs,
            fail_fast=args.fail_fast,
            asked_for=[*args.suite, *args.also],
            on_result=lambda result: report().result(result),
            on_waiting=lambda results: report().so_far(results),
        )
    except Exhausted as error:
        raise UsageError(str(error)) from None
    gc.freeze()  # nor should the interpreter look for them when it ends
    report().grade(result)
    write_reports(files, result, submission, is_command=bool(args.command))
    screen.flush()
    if screen.error and not isinstance(screen.error, BrokenPipeError):
        raise UsageError(f"the output can't be written: {screen.error.strerror}")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        _tell_github(result, submission, sys.stderr if to_stderr else sys.stdout)
    if result.faults:
        return our_fault(result.faults[0])
    if result.interrupted:
        return INTERRUPTED
    has_run = "classroom" in files  # whoever reads that takes status 0 for having run, whatever the score
    return OK if result.passed or has_run else NOT_PASSED


def _tell_github(grade: "Grade", submission: "Submission", stream: IO[str]) -> None:
    """Annotations, and the job's summary."""
    from grader.reports.github_actions import annotations, summary

    root = os.environ.get("GITHUB_WORKSPACE", os.getcwd())
    for line in annotations(grade, str(submission.original or submission.folder), root):
        print(line, file=stream)
    if file := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with open(file, "a", encoding="utf-8", errors="backslashreplace") as opened:
                opened.write(summary(grade))
        except OSError as error:
            complain(f"the job's summary can't be written: {error.strerror}")


def _given(args: argparse.Namespace) -> list[str]:
    """The options that change what a case does: the command that runs it again needs them too."""
    words = ["--seed", str(args.seed)] if args.seed else []
    words += ["--slow", f"{args.slow:g}"] if args.slow != 1 else []
    words += given(args, "limits")
    return words + (["--python", args.python] if args.python else [])

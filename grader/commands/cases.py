"""`grader cases`: list the cases, check a case file, show a case."""

import argparse
import sys

from grader.commands.outcome import NOT_GRADED, NOT_PASSED, OK, UsageError, one_line
from grader.reports.visible import visible, visible_lines


def run(_args: argparse.Namespace) -> int:
    from grader.cases.parser import built_in_names, load
    from grader.cases.select import DEFAULT_SUITES

    for name in sorted(built_in_names(), key=lambda name: (name not in DEFAULT_SUITES, name)):
        print(name if name in DEFAULT_SUITES else f"{name} (only with --suite {name})")
        for case in load(name).cases:
            print(visible_lines(f"  {case.id:<22} {case.title}"))
    return OK


def check(args: argparse.Namespace) -> int:
    from pathlib import Path

    from grader.cases.meaning import doubtful
    from grader.cases.parser import BOM, CaseFileError, Problem, load
    from grader.conversation.submission import NotGradable, from_file
    from grader.grading.trial import failures, references, says_nothing

    try:
        suite = load(args.file)
        nodes = [from_file(args.against)] if args.against else references()
    except CaseFileError as error:
        print(visible_lines(str(error)), file=sys.stderr)
        return NOT_GRADED
    except NotGradable as error:
        raise UsageError(f"--against {error}") from None
    path = Path(args.file)
    text = path.read_text("utf-8") if path.is_file() else ""
    lines = text.split("\n")
    if text.startswith(BOM):
        print(f"{visible(args.file)}:1: note: begins with a byte order mark (BOM), which is read over")
    headers = {}  # each case's line
    numbers = [number for number, line in enumerate(lines, 1) if line.strip()]
    for case in suite.cases:
        headers[case.id], numbers = (numbers or [1])[0], numbers[len(case.source) :]
    problems = list(doubtful(suite.cases, lines, args.file)) if text else []
    for case, why in failures(suite.cases, nodes):
        problems.append(Problem(args.file, headers[case.id], f"{case.id}: {why}"))
    remarks = [
        Problem(args.file, headers[case.id], f"note: {case.id}: {why}")
        for case, why in says_nothing(suite.cases)
    ]
    for problem in sorted((*problems, *remarks), key=lambda problem: problem.line):
        print(visible_lines(str(problem)))
    if problems:
        return NOT_PASSED
    count = f"{len(suite.cases)} case{'s' * (len(suite.cases) != 1)}"
    tried = f", passed by {len(nodes)} node{'s' * (len(nodes) != 1)}" if nodes else ""
    print(f"{visible(args.file)}: nothing wrong; {count}{tried}")
    return OK


def show(args: argparse.Namespace) -> int:
    from grader.cases.parser import CaseFileError, built_in_names
    from grader.cases.select import NoSuchCase, select
    from grader.reports.case_text import input_of, text_of

    try:
        case = select(args.suite or built_in_names(), [args.id])[0]
    except CaseFileError as error:
        raise UsageError(one_line(error)) from None
    except NoSuchCase as error:
        raise UsageError(str(error)) from None
    print(input_of(case) if args.input else visible_lines(text_of(case)), end="")
    return OK

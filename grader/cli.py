"""The command line: reads the words, calls the rest, and turns every refusal into one line and a status.

Heavy modules are imported where they are used, so that `grader --help` answers at once.
"""

import argparse
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, NoReturn, cast

if TYPE_CHECKING:
    from grader.conversation.submission import Submission
    from grader.grading.results import Grade
    from grader.reports.report_file import ReportFile

_LIST: dict[str, Any] = {"nargs": "+", "action": "extend", "default": []}  # may be given several times

OK, NOT_PASSED, NOT_GRADED, INTERRUPTED = 0, 1, 2, 130


class _UsageError(Exception):
    """What was asked for can't be done; the text is the one line to say so."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{message}; {self.prog} --help shows what it takes")


class _Version(argparse.Action):
    """Prints the version of the installed distribution, looked up only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from importlib.metadata import version

        print(f"grader {version('concurrent-message-kit')}")
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. The exit status: 0 exactly if the report says `passed` (`race`: if nothing was found),
    else 1; 2 if it could not be graded, with one line on stderr that says why; 130 if it was interrupted.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if os.environ.get("COLUMNS", "1").strip("0") == "":
        del os.environ["COLUMNS"]  # a width of 0 is none
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(
                errors="backslashreplace"
            )  # a terminal that can't show a mark must not end a grading
    try:
        command: list[str] = []
        if "--" in words:
            cut = words.index("--")
            words, command = words[:cut], words[cut + 1 :]
        args = _parser().parse_args(words)
        args.command = command
        _see_that_one_can_speak()
        run: Callable[[argparse.Namespace], int] = args.run
        status = run(args)
        print(end="", flush=True)  # what can't be written is told here, not when the interpreter ends
        return status
    except _UsageError as refusal:
        _complain(str(refusal))
        return NOT_GRADED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone, and wants no more of it
        return NOT_PASSED
    except (OSError, RuntimeError, MemoryError) as error:
        from grader.conversation.exhausted import lack

        if not isinstance(error, OSError) and not lack(error):
            raise
        sys.stdout = None  # the interpreter would try to write the rest again
        _complain(lack(error) or f"the output can't be written: {getattr(error, 'strerror', None) or error}")
        return NOT_GRADED


def _complain(text: str) -> None:
    if sys.stderr is not None:
        with suppress(OSError):
            print(f"grader: {text}", file=sys.stderr)


def _see_that_one_can_speak() -> None:
    """Before anything runs: what is needed by every command."""
    if sys.stdout is None:
        raise _UsageError("the output is closed; nothing could be shown")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - for as long as we live
    try:
        os.getcwd()
    except FileNotFoundError:
        raise _UsageError("the folder that you are in has been deleted; go to another one") from None


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="grader", description="Grades nodes that handle messages concurrently.")
    parser.add_argument("--version", action=_Version, nargs=0, help="say which version this is")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)

    submit = commands.add_parser(
        "submit",
        help="grade a node",
        description="Grade a node: a file (.py, .js, or anything executable), or after -- a command.",
        usage="%(prog)s [options] NODE | -- COMMAND [ARG ...]",
    )
    submit.add_argument("node", nargs="?", metavar="NODE", help="the file of the node")
    submit.add_argument("more", nargs="*", help=argparse.SUPPRESS)  # to say what to do about it
    option = submit.add_argument
    option("--suite", metavar="NAME_OR_FILE", help="these suites, not the default ones", **_LIST)
    option("--case", metavar="ID", help="only these cases", **_LIST)
    option("--seed", type=int, default=0, metavar="N", help="rename ids and texts (0: as written)")
    option("--slow", type=_factor, default=1.0, metavar="FACTOR", help="multiply every time limit")
    option("--python", metavar="PATH", help="the interpreter for a .py file")
    option(
        "--budget",
        type=_seconds,
        default=4.0,
        metavar="SECONDS",
        help="of CPU time, to explore (default 4)",
    )
    option(
        "--jobs",
        type=_count,
        metavar="N",
        help="how many cases run at once (default: one a core, and beside them those that only wait)",
    )
    option("--fail-fast", action="store_true", help="end with the first case that fails")
    option("--hints", action="store_true", help="all hints, for each case that fails")
    option("--full", action="store_true", help="whole explanations")
    option("--json", metavar="FILE", help="write the report as JSON (- is stdout)")
    option("--html", metavar="FILE", help="write the report as a page to open in a browser")
    submit.set_defaults(run=_submit)

    new = commands.add_parser("new", help="write the synchronous node from which the exercise starts")
    new.add_argument("file", metavar="FILE")
    new.set_defaults(run=_new)

    race = commands.add_parser(
        "race",
        help="explore the schedules of a Python node",
        description="Run a Python node under many schedules, and show one that fails: a .py file, or after -- "
        "a command that starts Python (python node.py ARG, python -m MODULE).",
        usage="%(prog)s [options] NODE | -- python [-m MODULE | FILE] [ARG ...]",
    )
    race.add_argument("node", nargs="?", metavar="NODE", help="the file of the node (.py)")
    option = race.add_argument
    option("--seed", type=int, default=0, metavar="N", help="rename ids and texts (0: as written)")
    option(
        "--budget", type=_seconds, default=30.0, metavar="SECONDS", help="of the processor's time (default 30)"
    )
    option("--suite", metavar="NAME_OR_FILE", help="these workloads, not the built-in ones", **_LIST)
    option("--case", metavar="ID", help="only these workloads", **_LIST)
    option("--python", metavar="PATH", help="the interpreter for a .py file")
    option("--save", metavar="FILE", help="write the replay of what was found")
    option("--seat", metavar="FILE", help="write a page (HTML) where you schedule what was found")
    option("--replay", metavar="FILE", help="show the schedule of such a file again")
    option("--full", action="store_true", help="whole explanations")
    option("--json", metavar="FILE", help="write the report as JSON (- is stdout)")
    option("--html", metavar="FILE", help="write the report as a page to open in a browser")
    race.set_defaults(run=_race)

    cases = commands.add_parser("cases", help="list the cases, check a case file, show a case")
    cases.set_defaults(run=_cases)
    actions = cases.add_subparsers(metavar="ACTION", parser_class=_Parser)
    check = actions.add_parser(
        "check",
        help="say what is wrong with a case file, by line",
        description="Say what is wrong with a case file, by line: how it is written, what cannot be meant, "
        "and which cases a right node fails or a useless one passes.",
    )
    check.add_argument("file", metavar="FILE")
    check.add_argument("--against", metavar="NODE", help="a node that passes them (default: the references)")
    check.set_defaults(run=_cases_check)
    show = actions.add_parser("show", help="print a case")
    show.add_argument("id", metavar="ID")
    show.add_argument("--suite", metavar="NAME_OR_FILE", **_LIST)
    show.add_argument("--input", action="store_true", help="just the lines to pipe into a node by hand")
    show.set_defaults(run=_cases_show)
    return parser


def _factor(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1000:
        raise argparse.ArgumentTypeError("expected a number above 0, at most 1000")
    return value


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 3600:
        raise argparse.ArgumentTypeError("expected a number of seconds above 0, at most 3600")
    return value


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 1000):
        raise argparse.ArgumentTypeError("expected a whole number from 1 to 1000")
    return int(text)


def _submit(args: argparse.Namespace) -> int:
    from grader.cases.parser import CaseFileError
    from grader.cases.select import NoSuchCase, select
    from grader.conversation.submission import NotGradable, from_command, from_file

    node = args.node or _node_after_list(args)
    if bool(node) == bool(args.command):
        raise _UsageError("name one node: grader submit NODE, or grader submit -- COMMAND")
    if args.more:
        raise _UsageError(_too_many([node or "", *args.more]))
    try:
        submission = from_file(node, args.python) if node else from_command(args.command)
        cases = select(args.suite, args.case, args.seed)
    except CaseFileError as error:
        raise _UsageError(_one_line(error)) from None
    except (NotGradable, NoSuchCase) as error:
        raise _UsageError(str(error)) from None
    files = _reports(args)

    import gc
    from functools import cache

    from grader.conversation.exhausted import Exhausted
    from grader.conversation.node_process import end_all_children
    from grader.grading.runner import grade
    from grader.reports.lasting_stream import Lasting

    to_stderr = any(file.is_stdout for file in files.values())
    screen = Lasting(sys.stderr if to_stderr else sys.stdout)

    if TYPE_CHECKING:
        from grader.reports.terminal import TerminalReport

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
            asked_for=args.suite,
            on_result=lambda result: report().result(result),
        )
    except Exhausted as error:
        raise _UsageError(str(error)) from None
    finally:
        end_all_children()
    gc.freeze()  # nor should the interpreter look for them when it ends
    report().grade(result)
    _write_reports(files, result, submission, is_command=bool(args.command))
    screen.flush()
    if screen.error and not isinstance(screen.error, BrokenPipeError):
        raise _UsageError(f"the output can't be written: {screen.error.strerror}")
    if result.faults:
        return _our_fault(result.faults[0])
    if result.interrupted:
        return INTERRUPTED
    return OK if result.passed else NOT_PASSED


def _our_fault(text: str) -> int:
    print(f"grader: a fault of the grader's own, please report it:\n{text}", file=sys.stderr)
    return NOT_GRADED


def _given(args: argparse.Namespace) -> list[str]:
    """The options that change what a case does: the command that runs it again needs them too."""
    given = ["--seed", str(args.seed)] if args.seed else []
    given += ["--slow", f"{args.slow:g}"] if args.slow != 1 else []
    return given + (["--python", args.python] if args.python else [])


def _too_many(words: list[str]) -> str:
    """What to do where more than one node was named: a command, or a pattern that the shell has spread."""
    if shutil.which(words[0]) and not os.path.isfile(words[0]):
        return f"a command goes after --: grader submit -- {shlex.join(words)}"
    return f"{len(words)} nodes were named; submit grades one: grader submit {shlex.quote(words[0])}"


def _node_after_list(args: argparse.Namespace) -> str | None:
    """`--suite rpc node.py`: the list has swallowed the node, which is its last word."""
    if args.command:
        return None
    for words in (args.case, args.suite):
        if len(words) > 1 and not words[-1].endswith(".jsonl"):
            last: str = words.pop()
            return last
    return None


def _one_line(error: Exception) -> str:
    first, *others = str(error).split("\n")
    return f"{first} (and {len(others)} more: grader cases check shows all)" if others else first


def _reports(args: argparse.Namespace) -> "dict[str, ReportFile]":
    """The files for reports that were asked for, by their options, opened before anything runs."""
    from grader.reports.report_file import CantWrite, ReportFile

    files: dict[str, ReportFile] = {}
    try:
        for option in ("json", "html"):
            if name := getattr(args, option):
                files[option] = ReportFile(f"--{option}", name)
    except CantWrite as error:
        for file in files.values():
            file.close()
        raise _UsageError(str(error)) from None
    if sum(file.is_stdout for file in files.values()) > 1:
        raise _UsageError("only one report can go to stdout (-)")
    return files


def _write_reports(
    files: "dict[str, ReportFile]", grade: "Grade", submission: "Submission", *, is_command: bool
) -> None:
    from grader.reports.report_file import CantWrite

    texts = {"json": lambda: _as_json(grade), "html": lambda: _as_html(grade, submission, is_command)}
    refused = []
    for option, file in files.items():
        try:
            file.write(texts[option]())
        except CantWrite as error:  # the others are written all the same
            refused.append(str(error))
    if refused:
        raise _UsageError("; ".join(refused))


def _as_json(grade: "Grade") -> str:
    import json

    from grader.reports.json_report import report

    return json.dumps(report(grade), ensure_ascii=False) + "\n"


def _as_html(grade: "Grade", submission: "Submission", is_command: bool) -> str:
    from grader.reports.page import page
    from grader.reports.submitted import played, source_of

    return page(grade, source_of(submission), played(submission), is_command=is_command)


def _race(args: argparse.Namespace) -> int:
    from grader.cases.parser import CaseFileError
    from grader.explorer.client import missing

    if reason := missing():  # what comes next can't even be imported then
        raise _UsageError(reason)
    from grader.cases.select import NoSuchCase
    from grader.conversation.node_process import end_all_children, prepare
    from grader.conversation.submission import NotGradable, from_command, from_file
    from grader.reports.race_terminal import Refusal, run

    args.node = args.node or _node_after_list(args)
    if bool(args.node) == bool(args.command):
        raise _UsageError("name one node: grader race NODE, or grader race -- python -m MODULE")
    try:
        submission = from_command(args.command) if args.command else from_file(args.node, args.python)
    except NotGradable as error:
        raise _UsageError(str(error)) from None
    files = _reports(args)
    prepare()
    try:
        grade = run(args, submission, to_stderr=any(file.is_stdout for file in files.values()))
    except CaseFileError as error:
        raise _UsageError(_one_line(error)) from None
    except (NoSuchCase, Refusal) as error:
        raise _UsageError(str(error)) from None
    finally:
        end_all_children()
    _write_reports(files, grade, submission, is_command=bool(args.command))
    if grade.faults:
        return _our_fault(grade.faults[0])
    if grade.interrupted:
        return INTERRUPTED
    statuses = {result.status for result in grade.results}
    if "failed" in statuses:
        return NOT_PASSED
    return OK if "passed" in statuses else NOT_GRADED


def _new(args: argparse.Namespace) -> int:
    from grader.templates.new_node import write_new_node

    try:
        write_new_node(args.file)
    except ValueError as error:
        raise _UsageError(str(error)) from None
    except FileExistsError:
        raise _UsageError(f"{args.file} is there already; name a new file") from None
    except OSError as error:
        raise _UsageError(f"{args.file}: can't be written: {error.strerror}") from None
    print(f"{args.file}: a node that handles one message at a time. Next: grader submit {args.file}")
    return OK


def _cases(_args: argparse.Namespace) -> int:
    from grader.cases.parser import built_in_names, load
    from grader.cases.select import DEFAULT_SUITES

    for name in sorted(built_in_names(), key=lambda name: (name not in DEFAULT_SUITES, name)):
        print(name if name in DEFAULT_SUITES else f"{name} (only with --suite {name})")
        for case in load(name).cases:
            print(_plain(f"  {case.id:<22} {case.title}"))
    return OK


def _cases_check(args: argparse.Namespace) -> int:
    from pathlib import Path

    from grader.cases.meaning import doubtful
    from grader.cases.parser import BOM, CaseFileError, Problem, load
    from grader.conversation.node_process import end_all_children
    from grader.conversation.submission import NotGradable, from_file
    from grader.grading.trial import failures, references, says_nothing

    try:
        suite = load(args.file)
        nodes = [from_file(args.against)] if args.against else references()
    except CaseFileError as error:
        print(_plain(str(error)), file=sys.stderr)
        return NOT_GRADED
    except NotGradable as error:
        raise _UsageError(f"--against {error}") from None
    path = Path(args.file)
    text = path.read_text("utf-8") if path.is_file() else ""
    lines = text.split("\n")
    if text.startswith(BOM):
        print(f"{args.file}:1: note: begins with a byte order mark (BOM), which is read over")
    headers = {}  # each case's line
    numbers = [number for number, line in enumerate(lines, 1) if line.strip()]
    for case in suite.cases:
        headers[case.id], numbers = (numbers or [1])[0], numbers[len(case.source) :]
    problems = list(doubtful(suite.cases, lines, args.file)) if text else []
    try:
        for case, why in failures(suite.cases, nodes):
            problems.append(Problem(args.file, headers[case.id], f"{case.id}: {why}"))
        remarks = [
            Problem(args.file, headers[case.id], f"note: {case.id}: {why}")
            for case, why in says_nothing(suite.cases)
        ]
    finally:
        end_all_children()
    for problem in sorted((*problems, *remarks), key=lambda problem: problem.line):
        print(_plain(str(problem)))
    if problems:
        return NOT_PASSED
    count = f"{len(suite.cases)} case{'s' * (len(suite.cases) != 1)}"
    tried = f", passed by {len(nodes)} node{'s' * (len(nodes) != 1)}" if nodes else ""
    print(f"{args.file}: nothing wrong; {count}{tried}")
    return OK


def _plain(text: str) -> str:
    """`text` with what a terminal would act on, or not show, written as in a string."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def _cases_show(args: argparse.Namespace) -> int:
    from grader.cases.parser import CaseFileError, built_in_names
    from grader.cases.select import NoSuchCase, select
    from grader.reports.case_text import input_of, text_of

    try:
        case = select(args.suite or built_in_names(), [args.id])[0]
    except CaseFileError as error:
        raise _UsageError(_one_line(error)) from None
    except NoSuchCase as error:
        raise _UsageError(str(error)) from None
    print(input_of(case) if args.input else _plain(text_of(case)), end="")
    return OK

"""The command line: reads the words, calls the rest, and turns every refusal into one line and a status.

Heavy modules are imported where they are used, so that `grader --help` answers at once.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NoReturn, cast

from grader.commands.outcome import INTERRUPTED, NOT_GRADED, NOT_PASSED, UsageError, complain
from grader.commands.report_files import FORMATS
from grader.commands.sandbox_options import add_sandbox_options

_LIST: dict[str, Any] = {"nargs": "+", "action": "extend", "default": []}  # may be given several times


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; {self.prog} --help shows what it takes")


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
        parser = _parser()
        if "_ARGCOMPLETE" in os.environ:  # a shell asks what could come next
            import argcomplete

            argcomplete.autocomplete(parser)
        args = parser.parse_args(words)
        args.command = command
        _see_that_one_can_speak()
        run: Callable[[argparse.Namespace], int] = args.run
        status = run(args)
        print(end="", flush=True)  # what can't be written is told here, not when the interpreter ends
        return status
    except UsageError as refusal:
        complain(str(refusal))
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
        complain(lack(error) or f"the output can't be written: {getattr(error, 'strerror', None) or error}")
        return NOT_GRADED


def _see_that_one_can_speak() -> None:
    """Before anything runs: what is needed by every command."""
    if sys.stdout is None:
        raise UsageError("the output is closed; nothing could be shown")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - for as long as we live
    try:
        os.getcwd()
    except FileNotFoundError:
        raise UsageError("the folder that you are in has been deleted; go to another one") from None


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
    option("--also", metavar="NAME_OR_FILE", help="these suites, besides the default ones", **_LIST)
    option("--case", metavar="ID", help="only these cases", **_LIST)
    option("--but", metavar="ID", help="not these cases", **_LIST)
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
    add_sandbox_options(option, "limits")
    _format_options(option)
    submit.set_defaults(run=_lazily("submit"))

    new = commands.add_parser(
        "new",
        help="write the synchronous node from which the exercise starts",
        description="Write the node from which the exercise starts, in the language of the file's name (.py, "
        ".js, .go, .java), or, for .yml, the workflow that grades it on GitHub Actions.",
    )
    new.add_argument("file", metavar="FILE")
    new.set_defaults(run=_lazily("new"))

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
    _format_options(option)
    race.set_defaults(run=_lazily("race"))

    watch = commands.add_parser("watch", help="grade a node again at each save, what failed first")
    watch.add_argument("node", metavar="NODE", help="the file of the node")
    option = watch.add_argument
    option("--suite", metavar="NAME_OR_FILE", help="these suites, not the default ones", **_LIST)
    option("--case", metavar="ID", help="only these cases", **_LIST)
    option("--python", metavar="PATH", help="the interpreter for a .py file")
    option(
        "--budget", type=_seconds, default=4.0, metavar="SECONDS", help="of CPU time, to explore (default 4)"
    )
    watch.set_defaults(run=_lazily("watch"))

    of_class = commands.add_parser("class", help="grade every submission in a folder")
    of_class.add_argument(
        "folder", nargs="?", metavar="DIR", help="each file and each folder in it is a submission"
    )
    option = of_class.add_argument
    option("--roster", metavar="FILE", help="a CSV: file, id, name, email")
    option("--out", metavar="DIR", help="where the grades go (default: DIR-grades)")
    option(
        "--entry", metavar="FILE", action="append", default=[],
        help="the file to start in a folder: a path or a pattern; given several times, the first that is there",
    )  # fmt: skip
    option("--lesson", metavar="NN", help="what the node of this lesson should pass (00, 01, 03 to 05, 07)")
    option("--suite", metavar="NAME_OR_FILE", help="these suites, not the default ones", **_LIST)
    option("--also", metavar="NAME_OR_FILE", help="these suites, besides the default ones", **_LIST)
    option("--case", metavar="ID", help="only these cases", **_LIST)
    option("--but", metavar="ID", help="not these cases", **_LIST)
    option("--seed", type=int, default=0, metavar="N", help="rename ids and texts (0: as written)")
    option("--slow", type=_factor, default=1.0, metavar="FACTOR", help="multiply every time limit")
    option(
        "--budget", type=_seconds, default=30.0, metavar="SECONDS", help="of CPU time, to explore (default 30)"
    )
    option("--limit", type=_seconds, default=300.0, metavar="SECONDS", help="for each submission (default 300)")
    option("--jobs", type=_count, metavar="N", help="how many at once (default: one a core)")
    option("--dask", metavar="ADDRESS", help="on this Dask cluster (local: one of its own)")
    option("--alike", action="store_true", help="group near-equal submissions in the summary")
    option("--gradebook", nargs=2, metavar=("KIND", "FILE"), help="fill in a file of canvas, moodle, nbgrader")
    option("--column", metavar="NAME", help="the assignment in that file, where it has several")
    option("--heading", type=_pair, metavar="NAME=ITS", help="how that file calls one of its columns", **_LIST)
    option("--overwrite", action="store_true", help="also grades in that file that are others than ours")
    option("--gradescope-zip", metavar="FILE", help="write the autograder for Gradescope, and grade nothing")
    add_sandbox_options(option, "full")
    of_class.set_defaults(run=_lazily("class_"))

    explain = commands.add_parser("explain", help="say what the code of a finding means, or a word")
    explain.add_argument("code", nargs="?", metavar="CODE")
    explain.set_defaults(run=_lazily("explain"))

    cases = commands.add_parser("cases", help="list the cases; check, show or record one")
    cases.set_defaults(run=_lazily("cases"))
    actions = cases.add_subparsers(metavar="ACTION", parser_class=_Parser)
    check = actions.add_parser(
        "check",
        help="say what is wrong with a case file, by line",
        description="Say what is wrong with a case file, by line: how it is written, what cannot be meant, "
        "and which cases a right node fails or a useless one passes.",
    )
    check.add_argument("file", metavar="FILE")
    check.add_argument("--against", metavar="NODE", help="a node that passes them (default: the references)")
    check.set_defaults(run=_lazily("cases", "check"))
    record = actions.add_parser(
        "record",
        help="write a case from a conversation with a node that is right",
        description="Talk to a node that is right, a message a line; what it answers is what the case expects. "
        "A body alone is sent by client c1; an empty line waits for more; the end of the lines ends it.",
        usage="%(prog)s [options] NODE | -- COMMAND [ARG ...]",
    )
    record.add_argument("node", nargs="?", metavar="NODE", help="the file of the node")
    option = record.add_argument
    option("--id", default="recorded", metavar="ID", help="the case's name (default: recorded)")
    option("--title", metavar="TEXT", help="what it is about, for learners")
    option("--order", choices=("any", "per_client", "exact"), default="any", help="how answers are compared")
    option("--hidden", action="store_true", help="reports for learners show nothing of what was said")
    option("--script", metavar="FILE", help="the lines to say (default: as you type them)")
    option("--out", metavar="FILE", help="the suite to which it is added (default: it is printed)")
    option("--python", metavar="PATH", help="the interpreter for a .py file")
    record.set_defaults(run=_lazily("record"))
    show = actions.add_parser("show", help="print a case")
    show.add_argument("id", metavar="ID")
    show.add_argument("--suite", metavar="NAME_OR_FILE", **_LIST)
    show.add_argument("--input", action="store_true", help="just the lines to pipe into a node by hand")
    show.set_defaults(run=_lazily("cases", "show"))
    return parser


def _lazily(module: str, function: str = "run") -> Callable[[argparse.Namespace], int]:
    """What a command does, in a module that is loaded when it is called."""
    return lambda args: cast("int", getattr(import_module(f"grader.commands.{module}"), function)(args))


def _format_options(option: Callable[..., Any]) -> None:
    for name, what in FORMATS.items():
        option(f"--{name}", metavar="FILE", help=f"write the report {what} (- is stdout)")


def _pair(text: str) -> tuple[str, str]:
    name, equals, other = text.partition("=")
    if not (equals and name.strip() and other.strip()):
        raise argparse.ArgumentTypeError("expected two names with = between them: Grade=Bewertung")
    return name.strip(), other.strip()


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

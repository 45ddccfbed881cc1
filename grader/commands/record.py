"""`grader cases record`: write a case from a conversation with a node that is right."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.commands.outcome import INTERRUPTED, NOT_PASSED, OK, UsageError, complain, one_line
from grader.reports.visible import visible, visible_lines

if TYPE_CHECKING:
    from grader.conversation.submission import Submission

SHOWN = {"in": "→ {}", "out": "← {}", "err": "  stderr: {}", "as": "  its msg_id is {} from here on"}
HELP = (
    "Type a message a line. A body alone is client c1's; an empty line waits for more; Ctrl-D ends. "
    "A peer answers by $m1, $m2, …, the names of the node's own ids."
)


def run(args: argparse.Namespace) -> int:
    """Talk to it, and write the case, once the node has passed it."""
    from grader.conversation.submission import NotGradable, from_command, from_file
    from grader.recording.dialogue import NotRight
    from grader.recording.recorder import record

    if bool(args.node) == bool(args.command):
        raise UsageError("name one node: grader cases record NODE, or grader cases record -- COMMAND")
    before = _suite(args)
    try:
        submission = from_file(args.node, args.python) if args.node else from_command(args.command)
    except NotGradable as error:
        raise UsageError(str(error)) from None
    is_typed = not args.script and sys.stdin.isatty()
    if is_typed:
        print(HELP, file=sys.stderr)
    lines = _ScriptFile(args.script)

    def show(what: str, text: str) -> None:
        for line in text.split("\n"):
            print(visible_lines(SHOWN[what].format(line)), file=sys.stderr, flush=True)

    def refuse(error: Exception) -> None:
        if not is_typed:
            raise UsageError(f"{lines.name}:{lines.number}: {error}")
        complain(str(error))

    try:
        text = record(submission, lines.read(), show, refuse, _header(args))
        return _write(args, before, text, submission)
    except NotRight as error:
        complain(f"{submission.name}: {error}; only of a node that is right a case is made: nothing is written")
        return NOT_PASSED
    except KeyboardInterrupt:
        complain("interrupted: nothing is written")
        return INTERRUPTED


class _ScriptFile:
    """What to say, and where it stands."""

    def __init__(self, file: str | None) -> None:
        self.file, self.name, self.number = file, file or "stdin", 0
        try:
            self.text = Path(file).read_text("utf-8-sig").splitlines() if file else None
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"--script {file}: can't be read: {getattr(error, 'strerror', error)}") from None

    def read(self) -> Iterator[str]:
        for line in sys.stdin if self.text is None else self.text:
            self.number += 1
            yield line


def _suite(args: argparse.Namespace) -> str:
    """The suite that is there already, to which the case is added."""
    from grader.cases.parser import CaseFileError, load
    from grader.cases.schema import HEADER

    if not HEADER["case"].accepts(args.id):
        raise UsageError(f"--id {args.id}: expected {HEADER['case'].expected}")
    if not args.out or not Path(args.out).exists():
        return ""
    try:
        known = load(Path(args.out))
    except CaseFileError as error:
        raise UsageError(f"--out {one_line(error)}") from None
    if args.id in [case.id for case in known.cases]:
        raise UsageError(f"--out {args.out}: has a case {args.id} already; --id gives this one another name")
    text = Path(args.out).read_text("utf-8")
    return text if text.endswith("\n") else f"{text}\n"


def _header(args: argparse.Namespace) -> dict[str, Any]:
    words = args.id.replace("-", " ").replace("_", " ").capitalize()
    header = {"case": args.id, "title": args.title or words}
    if args.order != "any":
        header["order"] = args.order
    return {**header, "hidden": True} if args.hidden else header


def _write(args: argparse.Namespace, before: str, text: str, submission: "Submission") -> int:
    """Try it, and write it: it must be passed by the node that it was recorded from."""
    from grader.cases.parser import parse
    from grader.grading.trial import failures, references, says_nothing
    from grader.recording.dialogue import NotRight

    name = args.out or "recorded.jsonl"
    cases = parse(text, Path(name).stem, name).cases
    for _, why in failures(cases, [submission]):
        raise NotRight(f"it does not pass the case that was made of its own words ({why})")
    try:
        if args.out:
            Path(args.out).write_text(before + text, "utf-8")
        else:
            print(text, end="", flush=True)
    except OSError as error:
        raise UsageError(f"--out {args.out}: can't be written: {error.strerror}") from None
    for _, why in (*failures(cases, references()), *says_nothing(cases)):
        complain(f"note: {why}")
    if args.out:
        print(f"{visible(args.out)}: the case {visible(args.id)} is there now; the node has passed it")
    return OK

"""Where a node failed, and where each of its threads stood when it was ended: read from its stderr."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_THREAD = re.compile(r"^(?:Current thread|Thread) 0x[0-9a-f]+.*\(most recent call first\):$")
_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)$')
_RAISED_AT = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+)')
_RAISED_IN_JS = re.compile(r"^    at .*?(?P<file>[^\s(]+\.[cm]?js):(?P<line>\d+):\d+\)?$")
_ERROR = re.compile(r"^(Uncaught )?[\w.]*(Error|Exception|Interrupt)\b")
_RUNTIME = re.compile(r"^    at .*\bnode:|^Node\.js v|^\s*[~^]+\s*$")
_LIBRARY = re.compile(r"^<|[/\\][Ll]ib[/\\](python3|\w+\.py$)|[/\\](site|dist)-packages[/\\]")

DUMP = "Fatal Python error: Aborted"  # the line with which it begins
CALLERS = 2  # shown of each place
SHOWN = 4  # threads; a hundred that all wait for the same thing say no more than a few


@dataclass(frozen=True, slots=True)
class Frame:
    file: str
    line: int
    function: str

    @property
    def is_learners(self) -> bool:
        return _LIBRARY.search(self.file) is None

    @property
    def base(self) -> str:
        return re.split(r"[/\\]", self.file)[-1]


def spoken(stderr: Iterable[str]) -> list[str]:
    """What the node itself has to say: without blank lines, the dump, and what an interpreter adds."""
    lines = list(stderr)
    if DUMP in lines:
        lines = lines[: lines.index(DUMP)]
    return [line for line in lines if line.strip() and not _RUNTIME.search(line)]


def failure(stderr: Iterable[str]) -> str:
    """The error that the node ended with, on one line: what it says, and where in the learner's own files."""
    lines = spoken(stderr)
    at = max((n for n, line in enumerate(lines) if _ERROR.match(line)), default=len(lines) - 1)
    if at < 0:
        return ""
    raised = map(_RAISED_AT.match, reversed(lines[:at]))  # a traceback of Python's ends with the innermost
    for match in (*raised, *map(_RAISED_IN_JS.match, lines[at + 1 :])):
        if match and (frame := Frame(match["file"], int(match["line"]), "")).is_learners:
            return f"{lines[at]} ({frame.base} line {frame.line})"
    return lines[at]


def threads(stderr: Iterable[str]) -> list[list[Frame]]:
    """The stack of each thread, innermost frame first, as the last dump in `stderr` tells them."""
    found: list[list[Frame]] = []
    for line in stderr:
        if line == DUMP:
            found = []
        elif _THREAD.match(line):
            found.append([])
        elif found and (frame := _FRAME.match(line)):
            found[-1].append(Frame(frame["file"], int(frame["line"]), frame["function"]))
    return found


def describe(stderr: Iterable[str]) -> tuple[str, ...]:
    """A line for each place at which threads stood, in the learner's own files, with what each waited in."""
    places: dict[str, int] = {}
    for stack in threads(stderr):
        learners = [frame for frame in stack if frame.is_learners]
        if not learners:
            continue
        inner, (own, *callers) = stack[0], learners
        main = stack[-1].function == "<module>"
        text = "the main thread stood" if main else "{} stood"
        text += f" at {own.base} line {own.line}, in {own.function}"
        if inner is not own:
            text += f", waiting in {inner.function} ({inner.base})"
        by = [f"{frame.function} (line {frame.line})" for frame in callers[:CALLERS]]
        if by:
            text += f"; called by {', by '.join(by)}"
        places[text] = places.get(text, 0) + 1
    lines = [
        text.replace("{}", "a thread" if count == 1 else f"{count} threads") for text, count in places.items()
    ]
    if len(lines) > SHOWN:
        lines[SHOWN - 1 :] = [f"and {len(lines) - SHOWN + 1} other places"]
    return tuple(lines)

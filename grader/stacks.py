"""Where each thread of a Python node stood, read from what faulthandler wrote to stderr when it was ended."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_THREAD = re.compile(r"^(?:Current thread|Thread) 0x[0-9a-f]+.*\(most recent call first\):$")
_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)$')
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

"""What an exception left on stderr: Python's, and the form in which those of all languages are told. Pure.

Only one that ended something is told: the program, a thread, a task, a callback. A traceback that the node
itself prints, and survives, is none.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.conversation.thread_dumps import Frame

MODULE = "<module>"  # as a traceback calls what is in no function
BEFORE = 4  # lines above a traceback that may say what it ended


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception: its last line, the node's own innermost line, what it ended, and its place on stderr."""

    text: str
    ended: str
    at: int
    file: str = ""
    line: int | None = None
    language: str = ""
    source: str = ""  # of that line, where the traceback shows it
    is_unawaited: bool = False  # no exception: a coroutine that was called, and never ran
    called_in: int | None = None  # the line of the same file that called the function in which it came


# Python. What stands above a traceback, and what it says has ended; nothing there: the program, if it ended.
_ENDED = (
    (re.compile(r"^Exception in thread |^Exception ignored in thread started by"), "a thread"),
    (re.compile(r"Task exception was never retrieved|unhandled exception during asyncio"), "a task"),
    (re.compile(r"Future exception was never retrieved"), "what a future waited for"),
    (
        re.compile(r"Exception in callback |exception calling callback|Unhandled exception in event loop"),
        "a callback",
    ),
    (re.compile(r"^Process .+:$"), "a process"),
)
_CHAINED = re.compile(r"^(During handling of the above exception|The above exception was the direct cause)")
_TRACEBACK = re.compile(r"^(?P<prefix>[ |+]*)(?P<group>Exception Group )?Traceback \(most recent call last\):$")
_FRAME = re.compile(r'^\s+File "(?P<file>.*)", line (?P<line>\d+)')
_IN_MODULE = re.compile(r'^\s+File ".*", line \d+, in <module>$')
_SYNTAX = re.compile(r"^(SyntaxError|IndentationError|TabError): ")
_UNAWAITED = re.compile(
    r"^(?P<file>.*):(?P<line>\d+): RuntimeWarning: (?P<text>coroutine '.*' was never awaited)$"
)
_FATAL = re.compile(r"^Fatal Python error: (?!Aborted$)")


def of_python(lines: Sequence[str], *, has_failed: bool, main_is_over: bool = False) -> Iterator[Raised]:
    """Each exception in order. `has_failed` says whether the program ended with an exit status of its own,
    `main_is_over` that it goes on without its main thread.
    """
    n = 0
    while n < len(lines):
        if match := _UNAWAITED.match(lines[n]):
            file = match["file"]
            line = int(match["line"]) if file != "sys" else None
            base = Frame(file, 0, "").base if line else ""
            yield Raised(match["text"], "", n, base, line, "python", is_unawaited=True)
        elif match := _TRACEBACK.match(lines[n]):
            end, text, own = _traceback(lines, n, len(match["prefix"]) if match["group"] is None else 2)
            while (chained := _goes_on(lines, end)) is not None:
                # One that was raised in a library has its own lines in what it came of.
                end, text, own = _traceback(lines, chained, 0, own)
            ended = _what_ended(lines[max(n - BEFORE, 0) : n])
            if not ended and not any(map(_TRACEBACK.match, lines[end:])):
                of_main = main_is_over and any(map(_IN_MODULE.match, lines[n + 1 : n + 2]))
                ended = "the program" if has_failed else "the main thread" if of_main else ""
            if ended and text:
                file, at, source = (own[0].base, own[0].line, own[0].source) if own else ("", None, "")
                yield Raised(text, ended, n, file, at, "python", source, called_in=_caller(own))
            n = end
            continue
        elif has_failed and _SYNTAX.match(lines[n]):
            spot = next((f for f in map(_frame, reversed(lines[max(n - BEFORE, 0) : n])) if f), None)
            yield Raised(
                lines[n], "the program", n, spot.base if spot else "", spot.line if spot else None, "python"
            )
        elif _FATAL.match(lines[n]):
            spot = next((f for f in map(_frame, lines[n:]) if f and f.is_learners), None)
            yield Raised(
                lines[n], "the program", n, spot.base if spot else "", spot.line if spot else None, "python"
            )
        n += 1


def _traceback(
    lines: Sequence[str], n: int, indent: int, of_cause: tuple[Frame, ...] = ()
) -> tuple[int, str, tuple[Frame, ...]]:
    """Where a traceback ends, its last line, and the frames that are the learner's own, the innermost first.

    `of_cause` are those of the exception it came of, which hold where this one has none.
    """
    own: tuple[Frame, ...] = ()
    if indent:  # of an exception group: the first of what is in it
        inner = next((m for m in range(n + 1, len(lines)) if _TRACEBACK.match(lines[m])), None)
        match = _TRACEBACK.match(lines[inner]) if inner is not None else None
        if inner is None or match is None:
            return n + 1, "", ()
        width = len(match["prefix"])
        part = [line[width:] for line in lines[inner:]]
        _, text, own = _traceback(part, 0, 0)
        end = next(
            (m for m in range(inner, len(lines)) if not lines[m].startswith((" ", "+", "|"))), len(lines)
        )
        return end, text, own
    for m in range(n + 1, len(lines)):
        if (frame := _frame(lines[m])) is not None:
            below = lines[m + 1].strip() if m + 1 < len(lines) and lines[m + 1][:1].isspace() else ""
            own = (replace(frame, source=below), *own) if frame.is_learners else own
        elif lines[m] and not lines[m][0].isspace():
            if _TRACEBACK.match(lines[m]) or _what_ended([lines[m]]):  # another thread's, in the midst of it
                return m, "", own or of_cause
            return m + 1, lines[m], own or of_cause
    return len(lines), "", own or of_cause


def _caller(own: Sequence[Frame]) -> int | None:
    """The line of the function that called the innermost one; to start a program is no call to speak of."""
    if len(own) < 2 or own[1].file != own[0].file or own[1].function == MODULE:
        return None
    return own[1].line


def _goes_on(lines: Sequence[str], end: int) -> int | None:
    """Where the traceback of the exception stands that was raised while the one before was handled."""
    for n in range(end, min(end + BEFORE, len(lines))):
        if _CHAINED.match(lines[n]):
            return next((m for m in range(n, min(n + BEFORE, len(lines))) if _TRACEBACK.match(lines[m])), None)
    return None


def _what_ended(above: Sequence[str]) -> str:
    for line in reversed(above):
        for pattern, ended in _ENDED:
            if pattern.search(line):
                return ended
    return ""


def _frame(line: str) -> Frame | None:
    match = _FRAME.match(line)
    return Frame(match["file"], int(match["line"]), MODULE if _IN_MODULE.match(line) else "") if match else None


_SAYS = re.compile(r"^(Uncaught )?[\w.]*(Error|Exception|Interrupt)\b")
_IN_JS = re.compile(r"^    at .*?(?P<file>[^\s(]+\.[cm]?js):(?P<line>\d+):\d+\)?$")


def failure(lines: Sequence[str]) -> str:
    """The last error that a node spoke of, whether it ended anything or not: what it says, and where."""
    at = max((n for n, line in enumerate(lines) if _SAYS.match(line)), default=len(lines) - 1)
    if at < 0:
        return ""
    raised = map(_FRAME.match, reversed(lines[:at]))  # a traceback of Python's ends with the innermost
    for match in (*raised, *map(_IN_JS.match, lines[at + 1 :])):
        if match and (frame := Frame(match["file"], int(match["line"]), "")).is_learners:
            return f"{lines[at]} ({frame.base} line {frame.line})"
    return lines[at]

"""Lines: each line on stdout is one message and nothing else."""

import re
from collections.abc import Iterator
from contextlib import suppress

from grader.checks.causes import newline, shape, spelling
from grader.checks.findings import Cause, Finding
from grader.checks.observation import Reading
from grader.checks.wording import BY_LIBRARY
from grader.protocol.json_values import loads, shorten
from grader.protocol.messages import NotAMessage, NotJSON, TooMuch, parse

AN_OBJECT = "A message is an object with src, dest and body. Is a body written without the other two?"

TOO_MUCH = "No case sends so much: what is added to this value again and again, and never taken out?"

_WHOLE_ONES = re.compile(r'\}\s*\{\s*"')
_KEY = re.compile(r'"(?:src|dest|body)"\s*:')
SHOWN = 120  # characters of a line that is no message
BEFORE_TEAR = 24  # characters shown before the place where two messages meet
_WHOLE = '{"src": …, "dest": …, "body": {…}}'


def check(reading: Reading) -> Iterator[Finding]:
    """`not-json` or `torn-line`, for the first line that is no message."""
    if reading.script.junk is None:
        return
    n, why = reading.script.junk
    line = next(event.line for event in reading.transcript if event.n == n)
    if is_torn(line):
        seam = _WHOLE_ONES.search(line)
        cause = newline.between() if seam else None
        text = "Two messages are mixed on one line of stdout, so that neither can be read."
        if seam:
            text = "Two messages stand on one line of stdout, with no newline between them."
        yield Finding("torn-line", text, n, (n,), "one message a line", _tear(line), cause=cause)
    else:
        text = f"A line on stdout is no message: {why}."
        shown = shorten(line, SHOWN) or "(an empty line)"
        yield Finding(
            "not-json",
            text,
            n,
            (n,),
            f"a message: {_WHOLE}",
            shown,
            hint=_hint(line, why),
            cause=None if isinstance(why, TooMuch) else _cause(line),
        )


def _cause(line: str) -> Cause | None:
    """Why a line is no message, where that can be seen."""
    if not line.strip():
        return newline.twice()
    try:
        value = loads(line)
    except ValueError:
        return None
    return spelling.of_line(value, ("src", "dest", "body")) or shape.of_line(value)


def _tear(line: str) -> str:
    """The line from shortly before the place where a second message begins."""
    begins = [match.start() for match in re.finditer(r'"src"\s*:', line)]
    begin = max(begins[1] - BEFORE_TEAR, 0) if len(begins) > 1 else 0
    return "… " * (begin > 0) + line[begin : begin + SHOWN] + " …" * (len(line) > begin + SHOWN)


def _hint(line: str, why: NotAMessage) -> str:
    """A hint that knows more than the code's own, which is about debug prints."""
    if isinstance(why, TooMuch):
        return TOO_MUCH
    if not line.lstrip().startswith("{"):
        return ""
    return BY_LIBRARY if isinstance(why, NotJSON) else AN_OBJECT


def is_torn(line: str) -> bool:
    """Whether a line that is no message looks like two messages, or a piece of one.

    A message names each of src, dest and body once, and begins and ends with a brace. A whole one with
    something around it that is no part of a message (a label, a byte order mark, brackets) is not torn.
    """
    names = [match[0] for match in _KEY.finditer(line)]
    if not names:
        return False
    if _is_wrapped(line):
        return False
    text = line.strip()
    return len(names) > len(set(names)) or not (text.startswith("{") and text.endswith("}"))


def _is_wrapped(line: str) -> bool:
    """Whether the line holds one whole message, and around it nothing that looks like a piece of another."""
    first, last = line.find("{"), line.rfind("}") + 1
    around = line[:first] + line[last:]
    if first < 0 or any(char in around for char in '{}"'):
        return False
    with suppress(NotAMessage):
        parse(line[first:last])
        return True
    return False

"""Lines: each line on stdout is one message and nothing else."""

import re
from collections.abc import Iterator
from contextlib import suppress

from grader.findings import Finding
from grader.jsonvalue import shorten
from grader.messages import NotAMessage, parse
from grader.reading import Reading

_KEY = re.compile(r'"(?:src|dest|body)"\s*:')
_WHOLE = '{"src": …, "dest": …, "body": {…}}'


def check(reading: Reading) -> Iterator[Finding]:
    """`not-json` or `torn-line`, for the first line that is no message."""
    if reading.script.junk is None:
        return
    n, reason = reading.script.junk
    line = next(event.line for event in reading.transcript if event.n == n)
    shown = shorten(line, 120) or "(an empty line)"
    if is_torn(line):
        text = "Two messages are mixed on one line of stdout, so that neither can be read."
        yield Finding("torn-line", text, n, (n,), f"one message a line: {_WHOLE}", shown)
    else:
        text = f"A line on stdout is no message: {reason}."
        yield Finding("not-json", text, n, (n,), f"a message: {_WHOLE}", shown)


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

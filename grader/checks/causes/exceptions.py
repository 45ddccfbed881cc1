"""The first exception that ended a handler, a thread, a task or the program, as the cause of what failed."""

import re
import sys
from collections.abc import Sequence

from grader.checks.causes.raised import Raised, of_python
from grader.checks.causes.runtimes import of_others
from grader.checks.findings import Cause
from grader.conversation.thread_dumps import looks
from grader.conversation.transcript import Event
from grader.protocol.json_values import shorten

LONG = 600  # characters of what an exception says: nearly all of them say less
MEND = "Mend this first, at the line that it names: what else failed comes from it."
SPOKEN_OF = (  # Python's exceptions, and what usually helps
    (
        re.compile(r"^NameError: name '(?P<name>\w+)' is not defined"),
        "Nothing has this name there: is it spelt as where it gets its value?",
    ),
    (
        re.compile(r"^KeyError: "),
        "Nothing is under this key: print to stderr what is there, and compare; some replies are without it.",
    ),
    (
        re.compile(r"^AttributeError: "),
        "There is nothing of this name: compare how it is spelt with where it is defined.",
    ),
    (
        re.compile(r"^TypeError: .*\bargument"),
        "Compare what is passed with what the function takes; a thread's args is a tuple: args=(message,).",
    ),
    (
        re.compile(r"^UnboundLocalError: |^NameError: cannot access"),
        "The name gets its value later in this function: give it one first (or say global, nonlocal, self.).",
    ),
)
UNAWAITED = (
    "Calling a coroutine does not run it: put await before the call, or make a task of it: "
    "asyncio.create_task(…)."
)


def cause(stderr: Sequence[Event], status: int | None) -> Cause | None:
    """The first exception that ended something; `status` is the node's exit status, if it ended by itself."""
    raised = first(stderr, status)
    return None if raised is None else _cause(raised)


def first(stderr: Sequence[Event], status: int | None) -> Raised | None:
    """The first one on stderr, or in a task that failed and that nobody has asked for it."""
    lines = [event.line for event in stderr]
    has_failed = status not in (None, 0)
    found = [*of_others(lines, has_failed=has_failed), *of_python(lines, has_failed=has_failed)]
    for look in looks(lines):
        for failed in look.failed:
            file = re.split(r"[/\\]", failed.file)[-1]
            found.append(Raised(failed.text, "a task", look.at, file, failed.line or None, "python"))
    return min(found, key=lambda one: one.at, default=None)


def _cause(raised: Raised) -> Cause:
    where = f" ({raised.file} line {raised.line})" if raised.line is not None else ""
    ended = f"; it ended {raised.ended}" if raised.ended else ""
    text = f"{shorten(raised.text, LONG)}{where}{ended}."
    return Cause("exception", text, raised.file, raised.line, hint=_hint(raised))


def _hint(raised: Raised) -> str:
    if raised.is_unawaited:
        return UNAWAITED
    if raised.language == "python":
        for pattern, hint in SPOKEN_OF:
            if match := pattern.match(raised.text):
                name = match.groupdict().get("name")
                if name in sys.stdlib_module_names:
                    return f"Is “import {name}” missing at the top of the file?"
                return hint
    return MEND

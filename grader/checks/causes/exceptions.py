"""The first exception that ended a handler, a thread, a task or the program, as the cause of what failed."""

import re
from collections.abc import Sequence
from dataclasses import replace

from grader.checks.causes.raised import Raised, of_python
from grader.checks.causes.runtimes import of_others
from grader.checks.causes.spoken_of import hint
from grader.checks.findings import Cause
from grader.conversation.thread_dumps import looks
from grader.conversation.transcript import Event
from grader.protocol.json_values import shorten

LONG = 600  # characters of what an exception says: nearly all of them say less
MEND = "Mend this first, at the line that it names: what else failed comes from it."
OF_A_COROUTINE = re.compile(
    r"^\w+: (.*\bcoroutine is not JSON serializable|.*'coroutine' object (is not|has no|does not)"
    r"|argument of type 'coroutine'|cannot unpack non-iterable coroutine)"
)
OF_WHAT_CAME = re.compile(  # what a function was given may be to blame, and so who called it
    r"^(KeyError|IndexError|AttributeError)\b|^TypeError: .*(not subscriptable|indices must be|'NoneType')"
)
_NEVER_AWAITED = re.compile(r"coroutine '(?:\w+\.|<locals>\.)*(?P<name>\w+)' was never awaited")
AWAIT = "A coroutine was called and not awaited: write await before {call}, and the value is what it returns."
UNAWAITED = (
    "Calling a coroutine does not run it: put await before the call, or make a task of it: "
    "asyncio.create_task(…)."
)


def cause(stderr: Sequence[Event], status: int | None, *, main_is_over: bool = False) -> Cause | None:
    """The first exception that ended something; `status` is the node's exit status, if it ended by itself,
    `main_is_over` says that it went on without its main thread.
    """
    raised = first(stderr, status, main_is_over=main_is_over)
    if raised is None:
        return None
    found = of(raised)
    if raised.language != "python" or not OF_A_COROUTINE.match(raised.text):
        return found
    names = {match["name"] for event in stderr if (match := _NEVER_AWAITED.search(event.line))}
    call = f"{names.pop()}(…)" if len(names) == 1 else "the call"
    return replace(found, hint=AWAIT.format(call=call))


def first(stderr: Sequence[Event], status: int | None, *, main_is_over: bool = False) -> Raised | None:
    """The first one on stderr, or in a task that failed and that nobody has asked for it."""
    lines = [event.line for event in stderr]
    has_failed = status not in (None, 0)
    found = [
        *of_others(lines, has_failed=has_failed),
        *of_python(lines, has_failed=has_failed, main_is_over=main_is_over),
    ]
    for look in looks(lines):
        for failed in look.failed:
            file = re.split(r"[/\\]", failed.file)[-1]
            found.append(Raised(failed.text, "a task", look.at, file, failed.line or None, "python"))
    return min(found, key=lambda one: one.at, default=None)


def of(raised: Raised) -> Cause:
    """An exception as a cause: what it says, where, and what to do."""
    where = ""
    if raised.line is not None:
        is_told = raised.called_in and OF_WHAT_CAME.match(raised.text)
        called = f", called in line {raised.called_in}" if is_told else ""
        where = f" ({raised.file} line {raised.line}{called})"
    ended = f"; it ended {raised.ended}" if raised.ended else ""
    said = shorten(raised.text, LONG)
    text = f"{said.removesuffix('.') if where or ended else said}{where}{ended}".removesuffix(".") + "."
    return Cause("exception", text, raised.file, raised.line, hint=_hint(raised))


def _hint(raised: Raised) -> str:
    if raised.is_unawaited:
        return UNAWAITED
    spoken_of = hint(raised.text, raised.source) if raised.language == "python" else ""
    return spoken_of or MEND

"""Endings: how the node started, how it ended, and what it used up or left behind."""

import signal
from collections.abc import Iterator

from grader.checks.answers import missing_error, silent_line
from grader.findings import Finding
from grader.messages import name
from grader.reading import Reading

TAIL = 6  # lines at the end of stderr that a finding shows


def check(reading: Reading) -> Iterator[Finding]:
    """All that the node's start, its end and its limits show."""
    if reading.limit is not None:
        text = f"The node went beyond a limit: {reading.limit.line}. It was ended."
        yield Finding("limit-exceeded", text, reading.limit.n, (reading.limit.n,), actual=reading.limit.line)
        return
    if reading.exit is not None:
        yield from _exit(reading)
    elif reading.closed is not None and reading.awaited:
        request = reading.request_of(reading.awaited[0])
        asked = name(request.message) if request else "what is still expected"
        text = f"The node closed its stdout before {asked} was answered."
        events = (*((request.event,) if request else ()), reading.closed.n)
        yield Finding("no-reply", text, reading.closed.n, events)
    elif reading.case.closes and reading.script.stage is None and not reading.script.is_clear:
        text = "Everything was answered, but the process was still there 3 s after the end of input."
        events = (reading.eof.n,) if reading.eof else ()
        yield Finding("hung-after-eof", text, reading.end, events, "exit status 0", "no exit")


def _exit(reading: Reading) -> Iterator[Finding]:
    assert reading.exit is not None
    at, status = reading.exit.n, reading.exit.status
    if reading.exit.left:
        text = f"The node ended and left processes behind (they were ended): {', '.join(reading.exit.left)}."
        yield Finding("left-processes", text, at, (at,), "none", reading.exit.left[0])
    if reading.timeout is not None:  # it was given up before; how it took that is not judged
        return
    how = describe_status(status)
    tail = "\n".join(reading.stderr[-TAIL:])
    early = reading.eof is None
    if (
        reading.awaited
        and reading.case.starts_with_init
        and reading.script.init_ok is None
        and (status or early)
    ):
        bad = silent_line(reading, at)
        if bad is None:
            text = f"The node ended with {how} before it answered init."
            yield Finding("did-not-start", text, at, (at,), "init_ok", tail or "nothing on stderr")
            return
    if status or early:
        if (bad := silent_line(reading, at)) is not None:
            text = f"The node ended with {how} after the malformed line {bad[1]!r}."
            yield Finding("bad-input", text, at, (bad[0], at), "the node goes on", tail or how)
        when = " before the end of input" if early else ""
        text = f"The node ended with {how}{when}."
        expected = "the node goes on" if early else "exit status 0"
        yield Finding("crashed", text, at, (at,), expected, tail or how)
    if reading.awaited and not early:
        yield from missing_error(reading, reading.awaited, at)
        requests = [r for r in map(reading.request_of, reading.awaited) if r]
        asked = name(requests[0].message) if requests else "a request"
        more = f" and {len(reading.awaited) - 1} more" if len(reading.awaited) > 1 else ""
        text = f"The node ended at the end of input, with {asked}{more} read and not answered."
        events = (*(r.event for r in requests[:3]), at)
        yield Finding("lost-at-eof", text, at, events, "an answer to every request", "exit without it")


def describe_status(status: int | None) -> str:
    """An exit status in words: as subprocess gives it, negative for a signal."""
    if status is None or status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {-status} ({signal.Signals(-status).name})"
    except ValueError:
        return f"signal {-status}"

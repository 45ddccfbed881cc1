"""Endings: how the node started, how it ended, and what it used up or left behind."""

from collections.abc import Iterator

from grader.checks.answers import missing_error, of_bad_line, silent_line
from grader.checks.causes import exceptions
from grader.checks.findings import Finding
from grader.checks.observation import Reading
from grader.checks.wording import WHO_ENDED_IT
from grader.conversation.thread_dumps import describe, looks, spoken
from grader.conversation.transcript import Event, describe_status
from grader.protocol.messages import name

OF_LIMITS = {  # what to look for, by what there was too much of
    "memory": "What grows with each message, and is never let go? Keep no more than who waits needs.",
    "processes": "What starts processes or threads again and again, and who waits for their end?",
    "files": "What is written with each message, and who removes it?",
}
TAIL = 6  # lines at the end of stderr that a finding shows
NEVER_READ = "It said nothing and went: does the program call its main function, and loop over its input?"
LEFT_AT = "No error came: what leaves the loop that reads (a break, a return) at a line that is no message?"
LEFT_AT_BLANK = (
    "No error came: the loop that reads ended by itself. Does a break leave it, or is a blank line, stripped, "
    "taken for the end of input? Strip only after you have looked: the end alone has no newline."
)
REFUSED_HINT = "Start it by hand: is its interpreter installed, and its first line (#!) right?"
SIGNALLED = "The system ended it (bad memory, say): start it by hand in a debugger, with the same input."


def check(reading: Reading) -> Iterator[Finding]:
    """All that the node's start, its end and its limits show."""
    if reading.limit is not None:
        yield _limit(reading, reading.limit)
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
        if any("in_reply_to" in pattern["body"] for pattern in reading.script.optional):
            text = "All that had to be answered was (a proxy whose peer can't answer any more need not be), but"
            text += " the process was still there 3 s after the end of input."
        if not reading.script.heard:
            text = "The input had ended, but 10 s after its start the process was still there."
        events = (reading.eof.n,) if reading.eof else ()
        yield Finding("hung-after-eof", text, reading.end, events, "exit status 0", "no exit")


def _limit(reading: Reading, limit: Event) -> Finding:
    kind = limit.line.partition(":")[0]
    text = f"The node went beyond a limit, and was ended: {limit.line}."
    seen = looks([event.line for event in reading.stderr])
    stands = describe(seen[-1]) if seen else ()
    hint = OF_LIMITS.get(kind, "")
    return Finding("limit-exceeded", text, limit.n, (limit.n,), actual=limit.line, hint=hint, stands=stands)


def _exit(reading: Reading) -> Iterator[Finding]:
    assert reading.exit is not None
    at, status = reading.exit.n, reading.exit.status
    if reading.exit.left:
        text = f"The node ended and left processes behind (they were ended): {', '.join(reading.exit.left)}."
        yield Finding("left-processes", text, at, (at,), "no process", reading.exit.left[0])
    if reading.timeout is not None:  # it was given up before; how it took that is not judged
        return
    how = describe_status(status)
    tail = "\n".join(spoken(event.line for event in reading.stderr)[-TAIL:])
    early = reading.eof is None
    unanswered_init = reading.case.starts_with_init and reading.script.init_ok is None
    never_ran = reading.was_refused or (reading.awaited and unanswered_init and (status or early))
    if never_ran and silent_line(reading, at) is None:
        before = "it answered init" if unanswered_init else "it said a word"
        text = f"The node ended with {how} before {before}."
        expected = "init_ok" if unanswered_init else "a node that runs"
        hint = "" if tail and status else NEVER_READ
        if reading.was_refused:
            text, hint = f"The node could not be started ({how}).", REFUSED_HINT
        yield Finding("did-not-start", text, at, (at,), expected, tail or "nothing on stderr", hint=hint)
        return
    if status or early:
        if (bad := silent_line(reading, at)) is not None:
            text = f"The node ended with {how} after the malformed line {bad[1]!r}."
            hint = of_bad_line(bad[1])
            if status == 0 and exceptions.first(reading.stderr, status) is None:
                hint = LEFT_AT_BLANK if not bad[1].strip() else LEFT_AT
            yield Finding("bad-input", text, at, (bad[0], at), "the node goes on", tail or how, hint=hint)
        when = f" {'before' if early else 'after'} the end of input"
        text = f"The node ended with {how}{when}."
        expected = "the node goes on" if early else "exit status 0"
        hint = "" if status and tail else SIGNALLED if status and status < 0 else WHO_ENDED_IT
        yield Finding("crashed", text, at, (at,), expected, tail or "nothing on stderr", hint=hint)
    if reading.awaited and not early:
        yield from missing_error(reading, reading.awaited, at)
        requests = [r for r in map(reading.request_of, reading.awaited) if r]
        asked = name(requests[0].message) if requests else "a request"
        more = f" and {len(reading.awaited) - 1} more" if len(reading.awaited) > 1 else ""
        text = f"The node ended at the end of input, with {asked}{more} read and not answered."
        if requests and requests[0].message["body"].get("type") == "proxy" and reading.replies:
            text = (
                f"The node ended at the end of input: {asked}{more} was read, answered by its peer, and never"
            )
            text += " answered."
        events = (*(r.event for r in requests[:3]), at)
        yield Finding("lost-at-eof", text, at, events, "an answer to every request", "the node's end")

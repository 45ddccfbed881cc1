"""Why a node did not do something: the exception that ended it, or where it stood. Pure functions."""

from dataclasses import replace

from grader.checks import peers
from grader.checks.causes import (
    exceptions,
    followed,
    missing_key,
    newline,
    not_woken,
    standing,
    uncalled,
)
from grader.checks.causes.whereabouts import Question
from grader.checks.findings import Cause, Finding
from grader.checks.observation import Reading
from grader.conversation.thread_dumps import Look, looks
from grader.protocol.messages import error_code

# What an exception can bring about: that something is missing, or that the node is gone.
MISSING = (
    "did-not-start",
    "bad-input",
    "crashed",
    "missing-error",
    "blocked",
    "not-flushed",
    "lost-at-eof",
    "no-reply",
    "hung-after-eof",
)
NO_ENTRY = "KeyError: "
NO_MSG_ID = "KeyError: 'msg_id'"
UNFOUND = ("blocked", "no-reply", "wrong-type")  # what a reply is found as that did not find who waits for it
NO_REQUEST = (
    "A request has one: what was without was a reply (it has an in_reply_to), and wants no answer. Whether "
    "anybody waits for it or not, go no further with it (return)."
)
STANDS = ("bad-input", "missing-error", "blocked", "no-reply", "hung-after-eof")


def cause(reading: Reading, finding: Finding) -> Cause | None:
    """Why this finding, the leading one, came about."""
    gave_up = _gave_up(reading, finding)
    if finding.code not in MISSING and not gave_up:
        return followed.cause(reading, finding)
    status = reading.exit.status if reading.exit else None
    main_is_over = _is_without_main(reading, finding)
    if (raised := exceptions.cause(reading.stderr, status, main_is_over=main_is_over)) is not None:
        if raised.text.startswith(NO_ENTRY) and (deeper := _misnoted(reading, finding)) is not None:
            return deeper
        if finding.code in ("bad-input", "missing-error"):  # the finding's own hint says more
            return replace(raised, hint="")
        if raised.hint == missing_key.NO_REQUEST and _is_of_a_reply(reading, raised):
            return replace(raised, hint=NO_REQUEST)
        return raised
    if reading.unended is not None and finding.at >= reading.unended.n:
        return newline.of_unended(reading.unended)
    looks_then = seen(reading, finding.at)
    if (hidden := followed.cause(reading, finding) or uncalled.cause(looks_then)) is not None:
        return hidden
    if finding.code in STANDS or gave_up:
        asking = peers.is_asking(reading, finding)
        asked = _question(reading, finding)
        named = _named(reading, finding)
        return standing.cause(looks_then, asked.code, named=named, is_asking=asking, at_end=asked.at_end)
    return None


def _question(reading: Reading, finding: Finding) -> Question:
    return Question(finding.code, reading.eof is not None and reading.eof.n < finding.at)


def _named(reading: Reading, finding: Finding) -> str | None:
    """What the reply names that had been sent and did not find who waits for it; None if there is no such."""
    reply = peers.reply_read(reading, finding) if finding.code in UNFOUND else None
    return repr(reply.message["body"]["in_reply_to"]) if reply else None


def _misnoted(reading: Reading, finding: Finding) -> Cause | None:
    """Where who waited was noted under a key that no reply names: that there is no such entry comes of it."""
    named, asked = _named(reading, finding), _question(reading, finding)
    found = [not_woken.misnoted(look, asked, named) for look in seen(reading, finding.at)] if named else []
    return next(filter(None, found), None)


def _is_of_a_reply(reading: Reading, raised: Cause) -> bool:
    """Whether a reply was taken for a request: nothing else that was sent has no `msg_id`."""
    said = next((event.n for event in reading.stderr if event.line == NO_MSG_ID), None)
    if said is None or not raised.text.startswith(NO_MSG_ID):
        return False
    return not reading.bad_lines and any(sent.event < said for sent in reading.replies)


def _gave_up(reading: Reading, finding: Finding) -> bool:
    """Whether it is of an error 0 that came instead of the answer."""
    stray = reading.script.stray
    if stray is None or stray.event != finding.at:
        return False
    body = stray.message["body"]
    return bool(body.get("type") == "error" and error_code(body) == 0)


def _is_without_main(reading: Reading, finding: Finding) -> bool:
    """Whether the main thread had ended while there was input, and others kept the process alive."""
    if reading.eof is not None and reading.eof.n < finding.at:
        return False
    return any(stack.is_over for look in seen(reading, finding.at) for stack in look.stacks)


def seen(reading: Reading, until: int) -> list[Look]:
    """What the node said of where it stood, up to this event; if only later, what it said first.

    Where it stood before it had answered init, while it was starting, say, explains nothing of later.
    """
    times = {event.n: event.t_ms for event in reading.transcript}
    init_ok = reading.script.init_ok
    start = times[init_ok.event] if init_ok is not None and init_ok.event < until else 0.0
    end = times.get(until, float("inf"))
    told = [
        (look, reading.stderr[look.at].t_ms if look.at < len(reading.stderr) else float("inf"))
        for look in looks([event.line for event in reading.stderr])
    ]
    told = [(look, at) for look, at in told if at >= start]
    before = [look for look, at in told if at <= end]
    return before or [look for look, _ in told[:1]]

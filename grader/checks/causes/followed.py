"""What a node tells that was followed: an exception that nobody saw, an unstarted thread, what ran. Pure.

An `except` for whatever may come takes an exception, and the request with it. One that comes from the same line
before the request was there belongs to how the node works.
"""

from dataclasses import replace

from grader.checks.causes import exceptions
from grader.checks.causes.raised import Raised
from grader.checks.findings import Cause, Finding
from grader.checks.observation import Reading
from grader.conversation.thread_dumps import Frame, Ran, Swallowed, looks

ALL = "as it catches whatever comes"
ANY = "as it does from all that is called there"
SEEN = "Catch by its name what you expect, and let all else be seen, with its traceback."
ASK = "Ask for it: future.result() raises it, or future.add_done_callback(…) can print it to stderr."

START = "Call its start(), with its parentheses, where it is to begin: made is not started."

SILENT = ("no-reply", "lost-at-eof")  # what is found where something did not run
LOG = "Log to stderr when"  # so begins a hint on how to find the way
WHICH = "Which step is missing, or ended too soon?"
SHOWN = 5  # functions
NOTHING_RAN = "Since the request came no function of the node's was called"


def cause(reading: Reading, finding: Finding) -> Cause | None:
    """What was made and not started, or was swallowed first, after what this finding is about was sent; None if
    neither is known.
    """
    told = [
        look for look in looks([event.line for event in reading.stderr]) if look.swallowed or look.unstarted
    ]
    if not told:
        return None
    sent = _sent_ms(reading, finding)
    for made in told[-1].unstarted:
        if made.at_ms >= sent and finding.code in SILENT:
            at = Frame(made.file, made.line, "")
            text = f"The {made.kind} that {at.base} line {made.line} makes is never started."
            return Cause("wait", text, at.base, made.line, START)
    if finding.code == "not-flushed":  # the answer did come: nothing kept it from being made
        return None
    usual = {(one.file, one.line) for one in told[-1].swallowed if one.at_ms < sent}
    for one in told[-1].swallowed:
        if (one.file, one.line) in usual:
            continue
        found = exceptions.of(Raised(one.text, "", 0, Frame(one.file, 0, "").base, one.line or None, "python"))
        text = f"{found.text.removesuffix('.')}; {_where_it_ended(one)}."
        seen = SEEN if one.by else ASK
        return replace(found, text=text, hint=seen if found.hint == exceptions.MEND else f"{found.hint} {seen}")
    return None


def is_seen(cause: Cause) -> bool:
    """Whether it is a cause that each run has: not the place at which a node happened to stand in this one."""
    return cause.kind == "exception" or cause.hint == START


def way(reading: Reading, finding: Finding) -> str:
    """Which functions of the node's ran since what this finding is about was sent; empty if nobody knows."""
    told = [look for look in looks([event.line for event in reading.stderr]) if look.ran]
    if finding.code not in SILENT or not told:
        return ""
    ran = next((look for look in reversed(told) if look.stacks), told[-1]).ran  # at the end all are over
    sent = _sent_ms(reading, finding)
    calls = [call for call in ran if call.at_ms >= sent and not call.function.startswith("<")]
    if not calls:
        at_work = [call for call in ran if not call.is_over and not call.end]
        return NOTHING_RAN + (f": {', '.join(map(_named, at_work[:SHOWN]))}." if at_work else ".")
    names = [_named(call) for call in {(call.function, call.line): call for call in calls}.values()]
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"Since the request came these ran: {', '.join(names[:SHOWN])}{more}."


def hint(ran: str, before: str) -> str:
    """What to do, where it is known what `ran`: nobody need log it."""
    return f"{ran} {WHICH if before.startswith(LOG) else before}"


def _named(call: Ran) -> str:
    if call.is_over:
        how = f", ended in {call.end}"
    else:
        how = f", came to {call.end}" if call.end else ", still at work"
    return f"{call.function} (line {call.line}{how})"


def _where_it_ended(one: Swallowed) -> str:
    if not one.by:
        return "it stays in the future that the pool gave back"
    return f"line {one.by} caught it, {ALL if one.is_broad else ANY}"


def _sent_ms(reading: Reading, finding: Finding) -> float:
    """When the request was sent; where the finding names none, when the last that came before it was."""
    named = [e.t_ms for e in reading.transcript if e.kind == "in" and e.n in finding.events]
    before = [e.t_ms for e in reading.transcript if e.kind in ("in", "eof") and e.n < finding.at]
    return min(named) if named else max(before, default=0.0)

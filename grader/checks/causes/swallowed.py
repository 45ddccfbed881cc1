"""An exception that nobody saw: an `except` for whatever may come took it, and the request with it. Pure.

Only a node that was followed tells of those. One that comes from the same line before the request was there
belongs to how the node works.
"""

from dataclasses import replace

from grader.checks.causes import exceptions
from grader.checks.causes.raised import Raised
from grader.checks.findings import Cause, Finding
from grader.checks.observation import Reading
from grader.conversation.thread_dumps import Frame, Swallowed, looks

SEEN = "Catch by its name what you expect, and let all else be seen: print it to stderr at least."

ALL = "as it catches whatever comes"
ANY = "as it does from all that is called there"
ASK = "Ask for it: future.result() raises it, or future.add_done_callback(…) can print it to stderr."


def cause(reading: Reading, finding: Finding) -> Cause | None:
    """The first that was swallowed after what this finding is about was sent; None if none is known."""
    told = [look for look in looks([event.line for event in reading.stderr]) if look.swallowed]
    if not told:
        return None
    sent = _sent_ms(reading, finding)
    usual = {(one.file, one.line) for one in told[-1].swallowed if one.at_ms < sent}
    for one in told[-1].swallowed:
        if (one.file, one.line) in usual:
            continue
        found = exceptions.of(Raised(one.text, "", 0, Frame(one.file, 0, "").base, one.line or None, "python"))
        text = f"{found.text.removesuffix('.')}; {_where_it_ended(one)}."
        seen = SEEN if one.by else ASK
        return replace(found, text=text, hint=seen if found.hint == exceptions.MEND else f"{found.hint} {seen}")
    return None


def _where_it_ended(one: Swallowed) -> str:
    if not one.by:
        return "it stays in the future that the pool gave back, and nobody asks for it"
    return f"line {one.by} caught it, {ALL if one.is_broad else ANY}"


def _sent_ms(reading: Reading, finding: Finding) -> float:
    """When the request was sent; where the finding names none, when the conversation began."""
    return min((e.t_ms for e in reading.transcript if e.kind == "in" and e.n in finding.events), default=0.0)

"""Is a proxy answered when its peer has replied, or only when its own time is over? Pure functions.

Only for what the explorer plays: on its virtual clock no time passes while anybody has something to do.
"""

from collections.abc import Iterator

from grader.checks import peers
from grader.checks.findings import Cause, Finding
from grader.checks.observation import Reading
from grader.protocol.messages import name, sentence

WAITED_MS = 700  # more than timeouts of some tenths that run out early can add up to
SUITE = "interleaving"
HINT = (
    "What woke it was its time, and not the reply: who reads must wake who waits. A loop of asyncio's is woken "
    "by loop.call_soon_threadsafe(…) only, never by what another thread sets."
)


def check(reading: Reading) -> Iterator[Finding]:
    """Answers that were there, and came only because time ran out."""
    if reading.case.suite != SUITE:
        return
    times = {event.n: event.t_ms for event in reading.transcript}
    for heard in reading.script.heard:
        proxy = reading.named_by(heard.message)
        if heard.message["body"].get("type") != "proxy_ok" or proxy is None:
            continue
        question = peers.asked(reading, proxy)
        replies = peers.replies_to(reading, question, heard.event) if question else []
        waited = times[heard.event] - times[replies[0].event] if replies else 0.0
        if waited >= WAITED_MS:
            text = (
                f"{sentence(name(proxy.message))} was answered only {waited:.0f} ms after its peer had replied."
            )
            events = proxy.event, replies[0].event, heard.event
            why = Cause(
                "wait", "The answer came because time ran out, not because the reply was there.", hint=HINT
            )
            yield Finding(
                "no-reply", text, heard.event, events, hint=HINT, cause=why, lesson="05", by_clock=True
            )

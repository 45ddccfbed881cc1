"""A proxy and its peer: was it asked, had it replied, how long was waited for it? Pure functions."""

from grader.checks.findings import Finding
from grader.checks.observation import Reading, Sent
from grader.conversation.script import Heard
from grader.protocol.json_values import same
from grader.protocol.messages import is_reply

SOON_MS = 500  # in which nobody has waited for a second
NOT_FOUND = " Its peer's reply had been sent: was it read, and was the one who waits for it found?"


def asked(reading: Reading, proxy: Sent) -> Heard | None:
    """What the node has sent to the peer of this proxy, as it was asked to."""
    target, inner = proxy.message["body"].get("target"), proxy.message["body"].get("inner")
    for heard in reading.script.heard:
        body = {key: value for key, value in heard.message["body"].items() if key != "msg_id"}
        if heard.event > proxy.event and same(heard.message["dest"], target) and same(body, inner):
            return heard
    return None


def replies_to(reading: Reading, question: Heard, before: int) -> list[Sent]:
    """What its peer had sent in answer to this question by then."""
    return [
        sent
        for sent in reading.replies
        if sent.event < before
        and same(sent.message["src"], question.message["dest"])
        and same(sent.message["body"]["in_reply_to"], question.message["body"].get("msg_id"))
    ]


def reply_read(reading: Reading, finding: Finding) -> Sent | None:
    """The reply that had been sent by the peer of the first request that this is about, if that is a proxy."""
    requests = {sent.event: sent for sent in reading.requests.values()}
    proxy = next((requests[n] for n in finding.events if n in requests), None)
    question = asked(reading, proxy) if proxy else None
    return next(iter(replies_to(reading, question, finding.at)), None) if question else None


def is_asking(reading: Reading, finding: Finding) -> bool:
    """Whether this is about a proxy whose peer has been asked and that has no answer yet: its handler may wait.

    Where it is about no request (the node's end, say), any proxy may be meant.
    """
    sent = list(reading.requests.values())
    first = next((one for n in finding.events for one in sent if one.event == n), None)
    return any(
        asked(reading, one) is not None and not is_answered(reading, one, finding.at)
        for one in ([first] if first else sent)
        if one.message["body"].get("type") == "proxy"
    )


def is_answered(reading: Reading, request: Sent, before: int) -> bool:
    """Whether a reply of the node's had named this request by then."""
    return any(
        heard.event < before and is_reply(heard.message) and reading.named_by(heard.message) is request
        for heard in reading.script.heard
    )


def gave_up_at_once(reading: Reading, proxy: Sent | None, answer: Heard) -> float | None:
    """How many milliseconds before this answer the peer was asked; None if a second may have been waited."""
    question = asked(reading, proxy) if proxy else None
    if question is None:
        return None
    times = {event.n: event.t_ms for event in reading.transcript}
    waited = times.get(answer.event, 0.0) - times.get(question.event, 0.0)
    return waited if waited < SOON_MS else None

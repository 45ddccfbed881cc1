"""Whose is it: an address, a type or an answer that is another message's. Pure functions."""

from grader.checks import peers
from grader.checks.observation import Reading, Sent
from grader.conversation.script import Heard
from grader.protocol.json_values import dumps, same
from grader.protocol.messages import error_code, is_reply

WHOLE_RESULT = "Under result goes the whole body of the peer's reply, with its ids, even if it is an error."
NOT_SPREAD = (
    "The peer's body goes under result, as one value: it is not the reply itself, and is not spread over it "
    "({…, **answer} takes its type, too)."
)
SHARED = (
    "Handlers share a variable, or a message that is changed before it is written: the next request overwrites "
    "what this one needs. Keep it in local variables, make a new message for each reply, or pass it on."
)
CODE_0 = (
    "A timeout is an error with code 0, and 0 is a number like any other: what tests a code for truth "
    "(code or 13, if code) takes it for none."
)
LATE = "Whoever gives up takes the request out of the table: a reply that comes later finds nobody."
IN_TIME = (
    "The reply came in time, and the timeout answered, too: who comes first takes the request out of the "
    "table, and who does not find it there any more says nothing."
)
TWO_REPLIES = (
    "Two replies of the peer have reached this request: take it out of the table when the first comes, so that "
    "the second finds nobody."
)


def address(reading: Reading, stray: Heard) -> Sent | None:
    """The request, other than init, of the one to whom a reply is addressed that is for somebody else."""
    theirs = [
        sent
        for sent in reading.requests.values()
        if sent.event < stray.event
        and same(sent.message["src"], stray.message["dest"])
        and sent.message["body"].get("type") != "init"
    ]
    return theirs[-1] if theirs else None


def of_peer(reading: Reading, proxy: Sent, stray: Heard) -> tuple[str, str] | None:
    """What the answer to a proxy has of the peer's reply in the place of its own, and a hint."""
    question = peers.asked(reading, proxy)
    body = stray.message["body"]
    if question is None or "result" in body:
        return None
    for reply in peers.replies_to(reading, question, stray.event):
        theirs = reply.message["body"]
        if not same(theirs.get("type"), body.get("type")):
            continue
        if theirs.get("type") != "error":
            return "it is that of its peer's reply, and result is missing", NOT_SPREAD
        if same(theirs.get("code"), body.get("code")):
            return f"its peer's error {dumps(error_code(theirs))} stands in the place of proxy_ok", WHOLE_RESULT
    return None


def of_both(reading: Reading, request: Sent, first: Heard, stray: Heard) -> str:
    """What to do where a proxy was answered twice, by what its peer had said by then; empty: nobody knows."""
    question = peers.asked(reading, request)
    if question is None:
        return ""
    replies = peers.replies_to(reading, question, stray.event)
    has_its_reply = any(same(stray.message["body"].get("result"), reply.message["body"]) for reply in replies)
    if _is_error_0(first):  # an answer without the peer's words was made by who gave up, in the same breath
        return LATE if has_its_reply else ""
    if _is_error_0(stray):
        return IN_TIME if replies else ""
    return TWO_REPLIES if has_its_reply and len(replies) > 1 else ""


def _is_error_0(heard: Heard) -> bool:
    body = heard.message["body"]
    return is_reply(heard.message) and body.get("type") == "error" and bool(error_code(body) == 0)

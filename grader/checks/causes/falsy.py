"""Taken for nothing: 0 is a msg_id, null an echo, and both are false where tested for truth. Pure functions."""

from collections.abc import Sequence

from grader.checks.findings import Cause
from grader.checks.observation import Reading, Sent
from grader.conversation.patterns import Pattern
from grader.protocol.json_values import dumps, is_integer
from grader.protocol.messages import is_reply

ALWAYS_THERE = ("type", "msg_id")  # in a request's body, and no fields of its type
IN_BODY = (
    "Ask whether it is there (“{key}” in body), not whether it is true: 0, null and what is empty are values."
)
IS_THERE = "0 is a msg_id like any other: ask whether it is there (“msg_id” in body), not whether it is true."


def of_ids(reading: Reading, missing: Sequence[Pattern], at: int) -> Cause | None:
    """Where just those requests have no answer whose msg_id is 0, and others of their type have."""
    requests = [reading.request_of(pattern) for pattern in missing if "in_reply_to" in pattern.body]
    if len(requests) < len(missing) or not all(map(_is_zero, requests)):
        return None
    types = {request.message["body"].get("type") for request in requests if request}
    served = [
        reading.named_by(heard.message)
        for heard in reading.script.heard
        if heard.event < at and is_reply(heard.message)
    ]
    others = {one.message["body"].get("type") for one in served if one is not None and not _is_zero(one)}
    if len(types) != 1 or not types <= others or any(map(_is_zero, served)):
        return None
    kind = types.pop()
    text = f"Each {kind} with msg_id 0 is without an answer, and others are served: 0 is taken for no msg_id."
    return Cause("shape", text, hint=IS_THERE)


def of_fields(request: Sent) -> str:
    """What to do where a request was refused for want of a field, and one of its fields is there and false."""
    fields = {key: value for key, value in request.message["body"].items() if key not in ALWAYS_THERE}
    found = [key for key, value in fields.items() if not value]
    if len(found) != 1:
        return ""
    (key,) = found
    text = f"The field {key} is there: it is {dumps(fields[key])}, which is false where it is tested for truth."
    return f"{text} {IN_BODY.format(key=key)}"


def _is_zero(request: Sent | None) -> bool:
    msg_id = request.message["body"].get("msg_id") if request else None
    return is_integer(msg_id) and msg_id == 0

"""Taken for nothing: 0 is a msg_id, and is false where a value is tested for truth. Pure functions."""

from collections.abc import Sequence

from grader.checks.findings import Cause
from grader.checks.observation import Reading, Sent
from grader.conversation.patterns import Pattern
from grader.protocol.json_values import is_integer
from grader.protocol.messages import is_reply

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


def _is_zero(request: Sent | None) -> bool:
    msg_id = request.message["body"].get("msg_id") if request else None
    return is_integer(msg_id) and msg_id == 0

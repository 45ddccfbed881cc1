"""The lines that a recorder is told: messages to send, or what else a case can do. Pure.

A message may be short: of a body alone the sender, the receiver and the `msg_id` are filled in.
"""

from typing import Any

from grader.cases.schema import STEPS
from grader.protocol.json_values import dumps, is_integer, loads
from grader.recording.account import Account

CLIENT = "c1"  # who sends what names no sender
NODES = ("n1", "n2", "n3")  # what init says where nobody else does
EXPECTED = (
    'expected a message or a list of them ({"type": "echo", "echo": 1} is short for one of client c1\'s), '
    '{"send_raw": "text"}, {"silence_ms": N}, {"close": "stdin"}, or nothing, to wait for more'
)
StepLine = dict[str, Any]


class BadLine(Exception):
    """A line that says nothing that a recorder could do; the text says what is expected."""


def read(line: str, account: Account) -> StepLine:
    """The step that a line asks for, as a case has it: with the names of the node's ids, and `$$` for `$`."""
    try:
        told = loads(line)
    except ValueError as error:
        raise BadLine(f"it is not JSON ({error}); {EXPECTED}") from None
    if isinstance(told, dict) and len(told) == 1:
        key, value = next(iter(told.items()))
        if key == "send":
            told = value
        elif key in ("send_raw", "silence_ms", "close"):
            if not STEPS[key][key].accepts(value):
                raise BadLine(f"“{key}”: expected {STEPS[key][key].expected}")
            return {key: value}
    if isinstance(told, list) and told:
        return {"send": [_message(item, account) for item in told]}
    return {"send": _message(told, account)}


def init_for(step: StepLine) -> StepLine | None:
    """The `init` that has to come before this first step; None where it is there."""
    sent = step.get("send", {})
    first = sent[0] if isinstance(sent, list) else sent
    if first and first["body"].get("type") == "init":
        return None
    node = first.get("dest") or NODES[0]
    body = {"type": "init", "msg_id": 1, "node_id": node, "node_ids": [node, *(n for n in NODES if n != node)]}
    return {"send": {"src": "c0", "dest": node, "body": body}}


def _message(told: Any, account: Account) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise BadLine(EXPECTED)
    message = told if "body" in told else _of_body(told, account)
    for key in ("src", "dest"):
        if not isinstance(message.get(key), str):
            raise BadLine(f"the message has no “{key}”")
    if not isinstance(message["body"], dict):
        raise BadLine("the “body” of the message is no object")
    for key in ("$bind", "$times"):
        if f'"{key}":' in dumps(message):
            raise BadLine(f"“{key}” as a key means something of its own in a case: it can't be sent as it is")
    return {**escaped(message), "body": _named(message, account)}


def _of_body(body: dict[str, Any], account: Account) -> dict[str, Any]:
    """A body alone: a request of a client's, or the answer of the peer that was asked."""
    if "type" not in body:
        raise BadLine(EXPECTED)
    answers = body.get("in_reply_to")
    if answers is None:
        number = account.sent_ids.get(CLIENT, 0) + 1
        return {
            "src": CLIENT,
            "dest": account.node or NODES[0],
            "body": {"type": body["type"], "msg_id": number, **body},
        }
    name = answers[1:] if isinstance(answers, str) else ""
    peer = account.asked_as(name) if name else account.asked_with(answers)
    if peer is None:
        raise BadLine(f"the node has asked nothing that is called {answers}: write a whole message")
    return {"src": peer, "dest": account.node, "body": body}


def _named(message: dict[str, Any], account: Account) -> dict[str, Any]:
    """The body, in which an id of the node's own choice is called by its name."""
    body: dict[str, Any] = escaped(message["body"])
    answers = message["body"].get("in_reply_to")
    if isinstance(answers, str) and answers[1:] in account.bindings:
        return {**body, "in_reply_to": answers}
    for (peer, number), name in account.names.items():
        if is_integer(answers) and (peer, number) == (message["src"], str(answers)):
            return {**body, "in_reply_to": f"${name}"}
    return body


def escaped(value: Any) -> Any:
    """`value` as a case writes it: a text that begins with `$` gets a second one."""
    if isinstance(value, str) and value.startswith("$"):
        return f"${value}"
    if isinstance(value, list):
        return [escaped(item) for item in value]
    if isinstance(value, dict):
        return {key: escaped(item) for key, item in value.items()}
    return value

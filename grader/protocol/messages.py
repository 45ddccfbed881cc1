"""The wire protocol: how a line becomes a message, the error codes, and the names that people read.

What a request must be answered with stands in the cases; nothing here knows it.
"""

import re
from json import JSONDecodeError, JSONDecoder
from typing import Any

from grader.protocol.json_values import depth, dumps, kind, loads, shorten

Message = dict[str, Any]

_DECODER = JSONDecoder()
MAX_DEPTH = 200  # of what a node may write; built-in cases stay below 32
MAX_NESTS = 500_000  # lists and objects in one message: each takes up to 230 bytes of ours, however small it is
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"')

ERRORS = {
    0: "timeout",
    1: "node not found",
    10: "not supported",
    11: "temporarily unavailable",
    12: "malformed request",
    13: "crash",
    14: "abort",
    20: "key does not exist",
    21: "key already exists",
    22: "precondition failed",
    30: "transaction conflict",
}


class NotAMessage(ValueError):
    """A line that is no message; its text says why, in words for a learner."""


class NotJSON(NotAMessage):
    """It is not even JSON."""


class TooMuch(NotAMessage):
    """It may be a message, but there is more in it than anybody looks into."""


def parse(line: str) -> Message:
    """The message on `line`. Raises NotAMessage with the reason if it is none."""
    if not line.strip():
        raise NotAMessage("it is blank")
    if _has_too_many_nests(line):
        raise TooMuch(f"it holds more than {MAX_NESTS:,} lists and objects")
    try:
        message = loads(line)
    except JSONDecodeError as error:
        raise NotJSON(f"it is not JSON (column {error.colno}: {error.msg})") from None
    except ValueError as error:
        raise NotJSON(f"it is not JSON ({error})") from None
    if line.count("[") + line.count("{") > MAX_DEPTH and depth(message) > MAX_DEPTH:
        raise TooMuch("it is nested too deeply")
    if not isinstance(message, dict):
        raise NotAMessage(f"it is a JSON {kind(message)}, not an object")
    for key in ("src", "dest", "body"):
        if key not in message:
            raise NotAMessage(f"it has no “{key}”")
    if not isinstance(message["body"], dict):
        raise NotAMessage(f"its “body” is a {kind(message['body'])}")
    return message


def _has_too_many_nests(line: str) -> bool:
    if line.count("[") + line.count("{") <= MAX_NESTS:
        return False
    line = _STRING.sub("", line)  # in a text they are no lists
    return line.count("[") + line.count("{") > MAX_NESTS


def begins_whole(line: str) -> bool:
    """Whether a whole JSON value stands at the beginning of the line, whatever comes after it."""
    try:
        _, end = _DECODER.raw_decode(line.lstrip())
    except (ValueError, RecursionError):
        return False
    return end > 1


def message_on(line: str) -> Message | None:
    """The message on `line`; None if it is none, whatever the reason."""
    try:
        return parse(line)
    except NotAMessage:
        return None


def is_reply(message: Message) -> bool:
    """Whether it answers a request: then it is none itself."""
    return "in_reply_to" in message["body"]


def error_code(body: dict[str, Any]) -> Any:
    """The code of an error body; an absent one is 0."""
    return body.get("code", 0)


def name(message: Message) -> str:
    """A message as the explanations name it: `c1's echo (msg_id 2)`, `the echo_ok to c1 (in_reply_to 2)`."""
    body = message["body"]
    what = body.get("type")
    what = what if isinstance(what, str) and what else "message without a type"
    if what == "error":
        what = f"error {dumps(error_code(body))}"
    what = shorten(what, 40)
    if is_reply(message):
        return f"the {what} to {place(message['dest'])} (in_reply_to {_brief(body['in_reply_to'])})"
    number = f" (msg_id {_brief(body['msg_id'])})" if "msg_id" in body else ""
    return f"{place(message['src'])}'s {what}{number}"


def place(name: Any) -> str:
    """A sender or receiver as it is shown, whatever the node put there."""
    return shorten(name if isinstance(name, str) else dumps(name), 24)


def _brief(value: Any) -> str:
    return shorten(dumps(value), 24)


def sentence(text: str) -> str:
    """`text` at the beginning of a sentence: an article gets its capital, the name of a client stays."""
    return text[:1].upper() + text[1:] if text.startswith(("the ", "a ")) else text

"""From a recorded conversation to a case: what the node may choose becomes a pattern. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.protocol.json_values import dumps, is_integer, same
from grader.protocol.messages import Message, error_code, is_reply, name
from grader.recording.account import Account
from grader.recording.script_lines import StepLine, escaped


@dataclass(frozen=True, slots=True)
class StepHeard:
    """A step, and the patterns of what came after it. Without a step it came when more was waited for."""

    step: StepLine | None
    expected: tuple[dict[str, Any], ...]


class OtherwiseAgain(Exception):
    """The same steps brought something else the second time; the text says what."""


def pattern(message: Message, account: Account, said: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    """What to expect in the place of this message of the node's: its own ids are any, and a request binds its.

    `said` are bodies that were sent, and how a case writes them: a reply may pass one on.
    """
    body = message["body"]
    others = {key: value for key, value in body.items() if key != "msg_id"}
    if body.get("type") == "error" and is_reply(message):
        kept: dict[str, Any] = {"type": "error", "in_reply_to": body["in_reply_to"], "code": error_code(body)}
    else:
        kept = {key: _passed_on(value, tuple(said)) for key, value in others.items()}
        if "msg_id" in body and not is_reply(message):
            kept["msg_id"] = {"$bind": account.names[(message["dest"], dumps(body["msg_id"]))]}
    return {"src": escaped(message["src"]), "dest": escaped(message["dest"]), "body": kept}


def _passed_on(value: Any, said: Sequence[tuple[Any, Any]]) -> Any:
    """The value as a case writes it: where it is a body that was sent, with the names in that."""
    for body, written in said:
        if isinstance(value, dict) and same(value, body):
            return written
    if isinstance(value, dict):
        return {key: _passed_on(item, said) for key, item in value.items()}
    if isinstance(value, list):
        return [_passed_on(item, said) for item in value]
    return escaped(value)


def same_names(heard: Iterable[Message], before: Iterable[dict[str, Any]]) -> Iterator[tuple[Message, str]]:
    """The node's requests, each with the name that it had when it came before, in whatever order."""
    left = [one for one in before if isinstance(one["body"].get("msg_id"), dict)]
    for message in heard:
        written = {"dest": message["dest"], "body": escaped(message["body"])}
        alike = [one for one in left if one["dest"] == written["dest"]]
        one = next((o for o in alike if _without_names(o) == _without_names(written)), None)
        if one is not None and not is_reply(message):
            left.remove(one)
            yield message, one["body"]["msg_id"]["$bind"]


def both(first: Sequence[dict[str, Any]], second: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """The patterns of two runs of the same steps as one: what differs is the node's own choice.

    Raises OtherwiseAgain if one has a message to which none of the other's belongs.
    """
    left = list(second)
    found = []
    for one in first:
        alike = [other for other in left if _place(other) == _place(one)]
        if not alike:
            raise OtherwiseAgain(f"the second time {name(one)} did not come")
        other = next((o for o in alike if _without_names(o) == _without_names(one)), alike[0])
        left.remove(other)
        found.append({**one, "body": {key: _either(one["body"], other["body"], key) for key in one["body"]}})
        if one["body"].keys() != other["body"].keys():
            raise OtherwiseAgain(f"the second time {name(one)} had other keys")
    if left:
        raise OtherwiseAgain(f"the second time {name(left[0])} came, too")
    return tuple(found)


def _place(expected: dict[str, Any]) -> Any:
    body = expected["body"]
    return expected["src"], expected["dest"], body.get("type"), dumps(body.get("in_reply_to"))


def _without_names(expected: dict[str, Any]) -> Any:
    return {key: value for key, value in expected["body"].items() if key != "msg_id"}


def _either(one: dict[str, Any], other: dict[str, Any], key: str) -> Any:
    if key == "msg_id":
        return one[key]  # the name that the steps use
    return _common(one[key], other.get(key))


def _common(one: Any, other: Any) -> Any:
    if same(one, other):
        return one
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return {key: _common(item, other[key]) for key, item in one.items()}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [_common(*pair) for pair in zip(one, other, strict=True)]
    return "$int" if is_integer(one) and is_integer(other) else "$any"


def text_of(header: Mapping[str, Any], exchanges: Sequence[StepHeard]) -> str:
    """The case, a line a step."""
    lines: list[Any] = [header]
    for exchange in exchanges:
        if exchange.step is not None:
            lines.append(exchange.step)
        lines += [{"expect": expected} for expected in exchange.expected]
    return "".join(f"{dumps(line)}\n" for line in lines)

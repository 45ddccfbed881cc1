"""What of a message is not as a pattern wants it, and both sides of that in words. Pure functions."""

from typing import Any

from grader.conversation.patterns import KEYS, Path, Pattern, is_missing, value_at
from grader.protocol.json_values import dumps, shorten
from grader.protocol.messages import Message, name, place

LONG = 60  # characters of a value; of a longer text its length is told, too
ANY = {"$any": "any value", "$int": "any whole number"}  # a pattern's own words, in a learner's
ENVELOPE = ("in_reply_to", "msg_id")


def things_of(pattern: Pattern, message: Message) -> set[str]:
    """What of `message` is not as `pattern` wants it: src, dest, in_reply_to, type, code, msg_id, content."""
    things = set()
    for path in pattern.misfits(message):
        if path == ("body", KEYS):
            ours = set(pattern.body) - {"msg_id"}
            theirs = set(message["body"]) - {"msg_id"}
            if ours ^ theirs - {"in_reply_to"} and (ours ^ theirs) != {"in_reply_to"}:
                things.add("content")
            if "in_reply_to" in ours ^ theirs:
                things.add("in_reply_to")
        elif path[0] != "body":
            things.add(str(path[0]))
        elif path[1] in ("type", "code", *ENVELOPE):
            things.add(str(path[1]))
        else:
            things.add("content")
    if "type" in things:  # another type has other fields: that is no second thing
        things -= {"content", "code"}
    return things


def difference(pattern: Pattern, message: Message, wanted: str) -> tuple[str, str]:
    """What was expected and what came, of the places that differ only."""
    expected: list[str] = []
    actual: list[str] = []
    if "type" in things_of(pattern, message):
        places: list[Path] = [("body", "type")]
        if message["body"].get("type") == "error" or pattern.body.get("type") == "error":
            said = message["body"].get("text")
            said = f": {shorten(dumps(said), 80)}" if message["body"].get("type") == "error" and said else ""
            return wanted, name(message) + said
    else:
        places = [path for path in pattern.misfits(message) if path[-1] is not KEYS][:3]
    for path in places:
        label = ".".join(map(str, path))
        for side, source in ((expected, pattern.known), (actual, message)):
            value = value_at(source, path)
            side.append(f"{label}{_shown(value)}")
    ours, theirs = set(pattern.body), set(message["body"])
    extra = sorted(theirs - ours - {"msg_id"})
    if ("body", KEYS) in pattern.misfits(message) and extra and "type" not in things_of(pattern, message):
        expected.append(f"body: only {', '.join(sorted(ours - {'msg_id'}))}")
        actual.append(f"body: also {', '.join(extra)}")
    if not expected:
        return wanted, brief(message)
    return "\n".join(expected), "\n".join(actual)


def _shown(value: Any) -> str:
    """A value behind its label."""
    if is_missing(value):
        return ": (nothing)"
    if isinstance(value, str) and value in ANY:
        return f": {ANY[value]}"
    if isinstance(value, str) and len(value) > LONG:
        return f" ({len(value)} characters, of which {LONG}): {dumps(value[:LONG])} …"
    return f": {shorten(dumps(value), LONG)}"


def brief(message: Message) -> str:
    """A message on one line, as the transcript shows it: `n1 → n2  {"type": …}`."""
    return f"{place(message['src'])} → {place(message['dest'])}  {brief_body(message['body'])}"


def brief_body(body: dict[str, Any]) -> str:
    return shorten(dumps(body), 120)

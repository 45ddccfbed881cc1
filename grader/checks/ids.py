"""Ids: those of the node's own messages are integers, none twice, and what the case lists where it does."""

from collections.abc import Hashable, Iterator

from grader.checks.causes import shape
from grader.checks.findings import Finding
from grader.checks.observation import Reading
from grader.conversation.script import Group, Heard
from grader.protocol.json_values import dumps, freeze, is_integer
from grader.protocol.messages import is_reply, name, sentence

IN_ONE_ORDER = (
    "Where one is added before the number is taken, and elsewhere behind it, one is used twice and one never: "
    "do both in one order wherever you number, and in a single step (a lock, or one writer)."
)

STANDS_STILL = (
    "Nothing else was under way: the number did not go up. Is one added for each message that is written, "
    "whichever way it takes (look at the indentation, and at if and return before it)?"
)


def check(reading: Reading) -> Iterator[Finding]:
    """`missing-msg-id`, `duplicate-msg-id`, `wrong-msg-id`: the first of each."""
    of_replies_too = reading.case.msg_ids != "ignored"
    seen: dict[Hashable, Heard] = {}
    found: dict[str, Finding] = {}
    listed = _listed(reading)
    for heard in reading.script.heard:
        if is_reply(heard.message) and not of_replies_too:
            continue
        msg_id = heard.message["body"].get("msg_id")
        wanted = listed.get(heard.event)
        expected = "" if wanted is None else f"msg_id: {wanted}"
        what = _named(heard)
        if msg_id is None:
            if wanted is not None or not is_reply(heard.message):
                text = f"{what} has no msg_id; each message of the node's needs its own."
                finding = Finding("missing-msg-id", text, heard.event, (heard.event,), expected, "no msg_id")
                found.setdefault(finding.code, finding)
            continue
        actual = f"msg_id: {dumps(msg_id)}"
        if not is_integer(msg_id):
            text = f"{what} has a msg_id that is no whole number."
            cause = shape.of_id("msg_id", msg_id)
            finding = Finding("wrong-msg-id", text, heard.event, (heard.event,), expected, actual, cause=cause)
        elif (key := freeze(msg_id)) in seen:
            first = seen[key]
            uses = f"for {name(first.message)} and for {name(heard.message)}"
            text = f"The msg_id {dumps(msg_id)} was used twice: {uses}."
            hint = STANDS_STILL if _is_next(reading, first, heard) else ""
            if msg_id > 0 and freeze(msg_id - 1) not in seen:
                text = f"{text[:-1]}; {dumps(msg_id - 1)} was left out."
                hint = IN_ONE_ORDER
            finding = Finding(
                "duplicate-msg-id",
                text,
                heard.event,
                (first.event, heard.event),
                expected or "a new number",
                actual,
                hint,
            )
        else:
            seen[key] = heard
            if wanted is None or msg_id == wanted:
                continue
            text = f"{what} has the msg_id {dumps(msg_id)}, where {wanted} is due."
            lesson = "" if wanted else "00"  # where to begin is the protocol, how to go on is order
            finding = Finding(
                "wrong-msg-id", text, heard.event, (heard.event,), expected, actual, lesson=lesson
            )
        found.setdefault(finding.code, finding)
    yield from found.values()


def _is_next(reading: Reading, first: Heard, second: Heard) -> bool:
    """Whether the second is an answer, and was asked for after the first, the one before it, was written."""
    heard, asked = list(reading.script.heard), reading.named_by(second.message)
    is_next = heard.index(first) + 1 == heard.index(second)
    return is_next and is_reply(second.message) and asked is not None and first.event < asked.event


def _listed(reading: Reading) -> dict[int, int]:
    """The ids that a case of exact order lists, by the event of the message that came at that place."""
    if reading.case.order != "exact":
        return {}
    due: dict[int, int] = {}
    for group in reading.script.stages:
        if not isinstance(group, Group):
            continue
        came = sorted(heard.event for heard in group.answers.values())
        for event, pattern in zip(came, group.patterns, strict=False):
            if is_integer(pattern.body.get("msg_id")):
                due[event] = int(pattern.body["msg_id"])
    return due


def _named(heard: Heard) -> str:
    """The message by its name without the id, which is what the finding is about."""
    body = {key: value for key, value in heard.message["body"].items() if key != "msg_id"}
    return sentence(name({**heard.message, "body": body}))

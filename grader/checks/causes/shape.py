"""Of the wrong type: a string where a number, an object or a list was meant, and the like. Pure functions."""

import ast
from collections.abc import Iterator
from contextlib import suppress
from itertools import permutations
from typing import Any

from grader.checks.findings import Cause
from grader.conversation.patterns import Path, Pattern, value_at
from grader.protocol.json_values import dumps, kind, loads, shorten
from grader.protocol.messages import Message

LONG = 60  # characters of a value that are shown
LONGEST = 100_000  # characters of a string that are tried as something else
AS_IT_IS = "Hand the value on as it is: what makes a string of it, or wraps it, on the way?"
BODY = "Hand on what stands under body of the message that has come, and not all of it."
ONCE = "Make JSON of the whole message, once: its body is an object in it, no text."


def mend(pattern: Pattern, message: Message) -> tuple[Message, Cause] | None:
    """The message with one value as `pattern` means it, if it then fits; and which type was meant."""
    ways = (_with_what_stands_beside, _with_two_in_place, _with_a_value)
    return next(filter(None, (way(pattern, message) for way in ways)), None)


def _with_what_stands_beside(pattern: Pattern, message: Message) -> tuple[Message, Cause] | None:
    """With what belongs into body, where it stands beside it."""
    beside = [key for key in pattern.body if key in message and key not in message["body"]]
    if not beside:
        return None
    kept = {key: value for key, value in message.items() if key not in beside}
    mended = {**kept, "body": {**message["body"], **{key: message[key] for key in beside}}}
    if not pattern.fits(mended):
        return None
    what = " and ".join(beside)
    text = f"{what} {'stand' if len(beside) > 1 else 'stands'} beside body, where it is meant inside."
    return mended, Cause("shape", text, hint=f"Put {what} into body: beside it stand src and dest only.")


def _with_two_in_place(pattern: Pattern, message: Message) -> tuple[Message, Cause] | None:
    """With two values of the body's where they belong, if they have changed places."""
    body = message["body"]
    for one, other in permutations(body, 2):
        if one in pattern.body and kind(body[one]) != kind(body[other]):
            mended = {**message, "body": {**body, one: body[other], other: body[one]}}
            if pattern.fits(mended):
                text = f"{one} and {other} have changed places: {one} is {shorten(dumps(body[one]), LONG)}, "
                text += f"and {other} is {shorten(dumps(body[other]), LONG)}."
                hint = f"Look at the order of arguments where {one} and {other} are handed on: name them there."
                return mended, Cause("shape", text, hint=hint)
    return None


def _with_a_value(pattern: Pattern, message: Message) -> tuple[Message, Cause] | None:
    for path in pattern.misfits(message):
        place = path[: next((n for n, step in enumerate(path) if step == "$keys"), len(path))]
        if len(place) > 2:  # a value is converted whole
            place = place[:2]
        if len(place) != 2:
            continue
        value = value_at(message, place)
        for meant in _meant(value):
            mended = _with(message, place, meant)
            if pattern.fits(mended):
                return mended, _cause(str(place[1]), value, meant)
    return None


def of_id(key: str, value: Any) -> Cause | None:
    """An id that is a string with a number in it."""
    meant = next((m for m in _meant(value) if kind(m) == "number"), None)
    return None if meant is None else _cause(key, value, meant)


def of_line(value: Any) -> Cause | None:
    """What a line holds that is JSON and no message: text that was made into JSON twice, or a body of text."""
    if isinstance(value, str) and any(isinstance(inner, dict) for inner in _meant(value)):
        text = "The line is a JSON string with the message in it: it was made into JSON twice."
        return Cause("shape", text, hint=ONCE)
    body = value.get("body") if isinstance(value, dict) else None
    if body is None or isinstance(body, dict):
        return None
    text = f"The body is {_a(body)}, where an object is meant."
    return Cause("shape", text, hint=ONCE)


def _meant(value: Any) -> Iterator[Any]:
    """What a value may have been before it became a string, or the only item of a list."""
    if isinstance(value, str) and len(value) < LONGEST:
        with suppress(ValueError):
            yield loads(value)
        with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
            yield ast.literal_eval(value)  # as str() and repr() of Python write it
    elif isinstance(value, list) and len(value) == 1:
        yield value[0]
    elif isinstance(value, dict) and isinstance(value.get("body"), dict):
        yield value["body"]  # the whole message, in the place of its body
    elif isinstance(value, int | float):
        yield dumps(value)


def _with(message: Message, path: Path, value: Any) -> Message:
    first, key = path
    return {**message, str(first): {**message[str(first)], str(key): value}}


def _cause(key: str, value: Any, meant: Any) -> Cause:
    if isinstance(value, dict) and isinstance(meant, dict):
        text = f"{key} is the whole message, with src and dest, where its body is meant"
        text += f": {shorten(dumps(value), LONG)} instead of {shorten(dumps(meant), LONG)}."
        return Cause("shape", text, hint=BODY)
    text = f"{key} is {_a(value)}, where {_a(meant)} is meant"
    text += f": {shorten(dumps(value), LONG)} instead of {shorten(dumps(meant), LONG)}."
    return Cause("shape", text, hint=AS_IT_IS)


def _a(value: Any) -> str:
    what = kind(value)
    return what if value is None else f"an {what}" if what[0] in "aeiou" else f"a {what}"

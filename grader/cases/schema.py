"""The case format as one table: the parser (`parser`) and the published JSON Schema both read it.

`case.schema.json` beside this file is what `schema()` returns, and a test keeps it so.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.protocol.json_values import is_integer

IDENTIFIER = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
MAX_REPEAT = 100_000
MAX_MS = 3_600_000

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """What may stand under one key: in words, as a test, as JSON Schema."""

    expected: str
    accepts: Callable[[Any], bool]
    schema: Schema


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _choice(*words: str) -> Field:
    return Field(
        "one of " + ", ".join(words),
        lambda value: isinstance(value, str) and value in words,
        {"enum": list(words)},
    )


def _message(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"src", "dest", "body"}
        and isinstance(value["src"], str)
        and isinstance(value["dest"], str)
        and isinstance(value["body"], dict)
    )


def _pattern(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and {"body"} <= set(value) <= {"src", "dest", "body"}
        and isinstance(value["body"], dict)
    )


def _one_or_many(accepts: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: bool(value) and all(map(accepts, value)) if isinstance(value, list) else accepts(value)


def _one_or_many_schema(name: str) -> Schema:
    one = {"$ref": f"#/$defs/{name}"}
    return {"oneOf": [one, {"type": "array", "minItems": 1, "items": one}]}


HEADER: dict[str, Field] = {
    "case": Field(
        "an identifier: letters, digits, _ . -",
        lambda value: isinstance(value, str) and re.fullmatch(IDENTIFIER, value) is not None,
        {"type": "string", "pattern": f"^{IDENTIFIER}$"},
    ),
    "title": Field("a text", lambda value: isinstance(value, str), {"type": "string"}),
    "timeout_ms": Field(
        f"a number of milliseconds above 0, at most {MAX_MS}",
        lambda value: _number(value) and 0 < value <= MAX_MS,
        {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_MS},
    ),
    "points": Field(
        "a number from 0 to 1000000",
        lambda value: _number(value) and 0 <= value <= 1_000_000,
        {"type": "number", "minimum": 0, "maximum": 1_000_000},
    ),
    "lesson": Field(
        'the number of a lesson, as text ("07")',
        lambda value: isinstance(value, str),
        {"type": "string"},
    ),
    "hints": Field(
        "a list of texts, none empty",
        lambda value: isinstance(value, list) and all(isinstance(v, str) and v for v in value),
        {"type": "array", "items": {"type": "string", "minLength": 1}},
    ),
    "order": _choice("exact", "per_client", "any"),
    "msg_ids": _choice("unique", "ignored"),
    "match": _choice("exact", "subset"),
    "hidden": Field("true or false", lambda value: isinstance(value, bool), {"type": "boolean"}),
}

REPEAT = Field(
    f"a whole number from 1 to {MAX_REPEAT}",
    lambda value: is_integer(value) and 1 <= value <= MAX_REPEAT,
    {"type": "integer", "minimum": 1, "maximum": MAX_REPEAT},
)

# The first key of each step names it; the others may stand beside it.
STEPS: dict[str, dict[str, Field]] = {
    "send": {
        "send": Field(
            "a message {src, dest, body} or a list of messages (for bad input there is send_raw)",
            _one_or_many(_message),
            _one_or_many_schema("message"),
        ),
        "repeat": REPEAT,
    },
    "send_raw": {
        "send_raw": Field("a text", lambda value: isinstance(value, str), {"type": "string"}),
    },
    "expect": {
        "expect": Field(
            "a pattern {src, dest, body} or a list of patterns",
            _one_or_many(_pattern),
            _one_or_many_schema("pattern"),
        ),
        "optional": Field("true or false", lambda value: isinstance(value, bool), {"type": "boolean"}),
        "repeat": REPEAT,
    },
    "silence_ms": {
        "silence_ms": Field(
            f"a number of milliseconds above 0, at most {MAX_MS}",
            lambda value: _number(value) and 0 < value <= MAX_MS,
            {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_MS},
        ),
    },
    "close": {"close": _choice("stdin")},
}


# What each key means, for whoever writes a case with the schema at hand.
MEANINGS = {
    "case": "The case's id, unlike any other of the suite; `--case` names it.",
    "title": "What the node is asked for, as reports say it. The id, if it is left out.",
    "timeout_ms": "For how long the case may run once the node has answered init. Default 5000.",
    "points": "What the case is worth. Default 1.",
    "lesson": "The number of the notebook that teaches it.",
    "hints": "From the gentle to the plain; `--hints` shows them.",
    "hidden": "Whether reports show only the title, the status and the points. Default false.",
    "order": (
        "How the messages of a group of expects may come: exact, as listed; per_client, as listed for each "
        "dest; any (the default)."
    ),
    "msg_ids": (
        "unique (the default): ids are integers, none comes twice, and each request of the node's has one. "
        "ignored: any id or none."
    ),
    "match": (
        "exact (the default): a body has the keys that are listed and no other, msg_id aside. subset: it "
        "may have others, too."
    ),
    "send": (
        "What the grader writes to the node, in one write: a message, or a list of them, a line each. "
        "`$name` stands for what an expect before it has bound."
    ),
    "send_raw": (
        "Exactly this text in one write, with or without a newline at its end: for bad input, and for lines"
        " that come in pieces."
    ),
    "expect": (
        "What the node must write: a pattern or a list of them. Neighbouring expects are one group: the "
        'case goes on once all of it has come. `$any` is any value, `$int` any integer, {"$bind": "x"} any '
        'value, which `$x` stands for later; {"$times": ["ab", 3]} is ababab; `$$` at the beginning of a '
        "text is a `$`."
    ),
    "optional": "true: the message may come at any time, or not at all, and nothing waits for it.",
    "repeat": (
        "So many times the same; `$i` in a text is the number of the time, from 0, and the text `$i` alone "
        "that number."
    ),
    "silence_ms": "For so long the node may write nothing but what a later group waits for.",
    "close": "stdin: the end of input. How the node ends is judged only in cases that have this step.",
}


MESSAGE: dict[str, Schema] = {
    "src": {"description": "Who sends it: a client or a peer that the case plays, or the node."},
    "dest": {"description": "Whom it is for. In a pattern both may be left out: then anybody will do."},
    "body": {"description": "What it says: type, msg_id, in_reply_to, and what its type needs."},
}


def schema() -> Schema:
    """The JSON Schema (2020-12) of one line of a suite."""
    lines = [{"title": "a case's header", **_object(HEADER, "case")}]
    lines += [{"title": f"a step: {name}", **_object(fields, name)} for name, fields in STEPS.items()]
    src, dest, body = (MESSAGE[key] for key in ("src", "dest", "body"))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One line of a suite: the header of a case, or a step of the case above it",
        "oneOf": lines,
        "$defs": {
            "message": {
                "type": "object",
                "properties": {
                    "src": {**src, "type": "string"},
                    "dest": {**dest, "type": "string"},
                    "body": {**body, "type": "object"},
                },
                "required": ["src", "dest", "body"],
                "additionalProperties": False,
            },
            "pattern": {
                "type": "object",
                "properties": {"src": src, "dest": dest, "body": {**body, "type": "object"}},
                "required": ["body"],
                "additionalProperties": False,
            },
        },
    }


def _object(fields: dict[str, Field], required: str) -> Schema:
    return {
        "type": "object",
        "properties": {name: {"description": MEANINGS[name], **field.schema} for name, field in fields.items()},
        "required": [required],
        "additionalProperties": False,
    }

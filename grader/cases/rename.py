"""Seeds: the same case under other names, so that nobody passes by knowing the built-in ones. Pure.

Renamed are node and client ids, the clients' message ids and payload texts, each everywhere in the case
and each to something of its own; what a case is about (its order, its ids that collide, its bad lines)
stays. The canonical exchange is never renamed.
"""

import random
import re
from dataclasses import replace
from typing import Any

from grader.cases.model import Case, CaseStep, Expect, Send, SendRaw
from grader.protocol.json_values import dumps, is_integer
from grader.protocol.messages import message_on

CANONICAL = ("async-handler", "three-echoes")
_CUT = "\0"  # between two raw writes; no JSON text holds it
_SMALL = 1 << 31  # ids beyond are there for their size


def rename(case: Case, seed: int) -> Case:
    """The case as `seed` renames it; seed 0 leaves it as it is written."""
    if seed == 0 or (case.suite, case.id) == CANONICAL:
        return case
    names = _Names(random.Random(f"{seed} {case.suite} {case.id}"), case)
    raw = iter(names.raw([step.text for step in case.steps if isinstance(step, SendRaw)]))

    def renamed(step: CaseStep) -> CaseStep:
        if isinstance(step, Send):
            return Send(tuple(names.sent(message) for message in step.messages))
        if isinstance(step, Expect):
            return replace(step, patterns=tuple(names.expected(pattern) for pattern in step.patterns))
        return SendRaw(next(raw)) if isinstance(step, SendRaw) else step

    return replace(case, steps=tuple(renamed(step) for step in case.steps))


class _Names:
    """The new names of one case. All maps send different things to different things."""

    def __init__(self, chance: random.Random, case: Case) -> None:
        sent = [m for step in case.steps if isinstance(step, Send) for m in step.messages]
        nodes = {n for m in sent for n in (m["body"].get("node_id"), *_list(m["body"].get("node_ids")))}
        self.nodes = {n for n in nodes if isinstance(n, str)}
        self.salt = "".join(chance.choices("bcdfghjkmnpqrstvwxz", k=3))
        self.numbers = chance.sample(range(1000), 1000)
        self.numbers = [other if other != own else 1000 + own for own, other in enumerate(self.numbers)]
        ids = [m["body"].get("msg_id") for m in sent]
        big = any(is_integer(n) and abs(n) >= _SMALL for n in ids)
        self.offset = 0 if big else chance.randrange(1, 5000)

    def sent(self, message: Any) -> Any:
        body = self.body(message["body"])
        if is_integer(body.get("msg_id")):
            body["msg_id"] += self.offset
        places = {key: self.place(message[key]) for key in ("src", "dest")}
        return {**message, **places, "body": body}

    def expected(self, pattern: Any) -> Any:
        body = self.body(pattern["body"])
        if is_integer(body.get("in_reply_to")):
            body["in_reply_to"] += self.offset
        return {**{key: self.place(pattern[key]) for key in ("src", "dest") if key in pattern}, "body": body}

    def place(self, value: Any) -> Any:
        """The new id of a node or a client: its digits, if it ends in some, stay told apart."""
        if not isinstance(value, str) or value.startswith("$"):
            return value
        stem, digits = _DIGITS.fullmatch(value).groups()  # type: ignore[union-attr]
        kind = "n" if value in self.nodes else "c"
        if digits and len(digits) < 4 and str(int(digits)) == digits:  # others stay: 007 is not 7
            digits = str(self.numbers[int(digits)])
        if _PLAIN.fullmatch(value) and digits:  # n1, c2: it stays what a program may take the number of
            return f"{stem}{digits}"
        return f"{stem}{kind}{self.salt}{digits}"

    def body(self, body: dict[str, Any]) -> dict[str, Any]:
        renamed = {}
        for key, value in body.items():
            if key in ("node_id", "target"):
                renamed[key] = self.place(value)
            elif key == "node_ids":
                renamed[key] = [self.place(item) for item in _list(value)]
            elif key in ("inner", "result") and isinstance(value, dict) and not _is_special(value):
                renamed[key] = self.body(value)
            elif key in ("type", "msg_id", "in_reply_to", "code"):
                renamed[key] = value
            else:
                renamed[key] = self.payload(value)
        return renamed

    def payload(self, value: Any) -> Any:
        if isinstance(value, str):
            is_name = value.startswith("$") and not value.startswith("$$")
            return value if is_name or not value else f"{value} {self.salt}"
        if isinstance(value, list):
            return [self.payload(item) for item in value]
        if isinstance(value, dict) and not _is_special(value):
            return {key: self.payload(item) for key, item in value.items()}
        return value

    def raw(self, texts: list[str]) -> list[str]:
        """Raw writes: whole lines that are messages are renamed, and come in as many pieces as before."""
        lines = _CUT.join(texts).split("\n")
        return "\n".join(map(self.raw_line, lines)).split(_CUT)

    def raw_line(self, line: str) -> str:
        cuts = [place for place, char in enumerate(line) if char == _CUT]
        message = message_on(line.replace(_CUT, ""))
        if message is None:
            return line
        text = _rewritten(line.replace(_CUT, ""), message, self.sent(message))
        for place in cuts:  # each position counts the cuts before it, as they stand there again
            text = text[: min(place, len(text))] + _CUT + text[min(place, len(text)) :]
        return text


def _rewritten(line: str, old: Any, new: Any) -> str:
    """The line that says `old`, saying `new`, its spacing and escapes as they were: they may be the point."""
    changes = iter(zip(_leaves(old), _leaves(new), strict=True))

    def token(match: re.Match[str]) -> str:
        if match[1]:
            return match[0]
        before, after = next(changes)
        if before == after:
            return match[0]
        if isinstance(before, str) and after.startswith(before):
            return f'{match[0][:-1]}{after[len(before) :]}"'
        return dumps(after)

    if sum(not match[1] for match in _TOKEN.finditer(line)) != len(_leaves(old)):  # a key twice, say
        return dumps(new)
    return _TOKEN.sub(token, line)


def _leaves(value: Any) -> list[Any]:
    """The strings, numbers and words in `value`, in the order in which they are written."""
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for item in value for leaf in _leaves(item)] if isinstance(value, list) else [value]


# A string (a key, if a colon follows), a number or a word.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"(\s*:)?|-?\d[\d.eE+-]*|\b(?:true|false|null)\b')
_PLAIN = re.compile(r"[a-z](0|[1-9]\d{0,2})")
_DIGITS = re.compile(r"(.*?)(\d*)", re.DOTALL)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_special(value: dict[str, Any]) -> bool:
    return "$bind" in value or "$times" in value

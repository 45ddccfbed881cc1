"""Patterns: what a message must look like, compiled so that it is found by a key and never by trying all.

A pattern is split into what it says literally, which becomes a hash key (its shape says where in the
message those values stand), and the few places that only ask for something to be there.
"""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from grader.cases.model import Match
from grader.protocol.json_values import freeze, is_integer
from grader.protocol.messages import Message, error_code

Path = tuple[str | int, ...]
Ids = Literal["compared", "placed", "ignored"]
Bindings = Mapping[str, Any]

KEYS = "$keys"  # at the end of a path: the keys of the object there
CODE: Path = ("body", "code")
MSG_ID: Path = ("body", "msg_id")
_MISSING = object()
_ID = frozenset({"msg_id"})


@dataclass(frozen=True, slots=True)
class Pattern:
    """One expected message. `known` is the template with all names that are bound put in."""

    known: dict[str, Any]
    shape: tuple[Path, ...]
    key: tuple[Hashable, ...]
    integers: tuple[Path, ...]
    present: tuple[Path, ...]
    binds: tuple[tuple[str, Path], ...]
    waits_for: tuple[str, ...]  # names that no message has bound yet

    def fits(self, message: Message) -> bool:
        """Whether `message` is one that this pattern expects."""
        return _key(message, self.shape) == self.key and self.fits_loosely(message)

    def fits_loosely(self, message: Message) -> bool:
        """The rest of `fits`: what a look-up by key has not compared yet."""
        return all(_value(message, path) is not _MISSING for path in self.present) and all(
            is_integer(_value(message, path)) for path in self.integers
        )

    def asks_as(self, other: "Pattern") -> bool:
        """Whether the very same messages fit the other pattern, whose shape and key are the same."""
        return (self.present, self.integers) == (other.present, other.integers)

    def misfits(self, message: Message) -> list[Path]:
        """Where `message` differs from what is expected, as paths."""
        there = [
            path for path, wanted in zip(self.shape, self.key, strict=True) if _at(message, path) != wanted
        ]
        there += [path for path in self.present if _value(message, path) is _MISSING]
        there += [path for path in self.integers if not is_integer(_value(message, path))]
        return there

    def bound_by(self, message: Message) -> Iterator[tuple[str, Any]]:
        """The names that this pattern binds, with their values in `message`."""
        for name, path in self.binds:
            yield name, _value(message, path)

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = self.known["body"]
        return body

    @property
    def expects_timeout(self) -> bool:
        """Whether it is itself the error that says a peer was silent."""
        return self.body.get("type") == "error" and error_code(self.body) == 0


def value_at(message: Any, path: Path) -> Any:
    """The value at `path`; a sentinel equal to nothing if there is none."""
    for step in path:
        try:
            message = message[step]
        except (KeyError, IndexError, TypeError):
            return _MISSING
    return message


def is_missing(value: Any) -> bool:
    return value is _MISSING


def _value(message: Message, path: Path) -> Any:
    """As `value_at`, but an absent code of an error is 0."""
    if path == CODE and message["body"].get("type") == "error":
        return error_code(message["body"])
    return value_at(message, path)


def _at(message: Message, path: Path) -> Hashable:
    if path[-1] is KEYS:
        there = value_at(message, path[:-1])
        if isinstance(there, list):
            return len(there)
        if not isinstance(there, dict):
            return None
        return frozenset(there) - _ID if path == ("body", KEYS) else frozenset(there)
    return freeze(_value(message, path))


def _key(message: Message, shape: tuple[Path, ...]) -> tuple[Hashable, ...]:
    return tuple(_at(message, path) for path in shape)


def fill(value: Any, bindings: Bindings) -> Any:
    """`value` as it is sent: names replaced by what they are bound to, `$times` and `$$` carried out."""
    if isinstance(value, str):
        if not value.startswith("$"):
            return value
        return value[1:] if value.startswith("$$") else bindings[value[1:]]
    if isinstance(value, list):
        return [fill(item, bindings) for item in value]
    if isinstance(value, dict):
        if "$times" in value:
            text, n = value["$times"]
            return text * n
        return {key: fill(item, bindings) for key, item in value.items()}
    return value


def compile_pattern(
    template: dict[str, Any], bindings: Bindings, match: Match = "exact", ids: Ids = "compared"
) -> Pattern:
    """The pattern that `template` stands for, with the names bound so far.

    `ids` says what a listed msg_id is for: "compared" with the message's; "placed", which is to say it
    belongs to the place in the order and is judged there; "ignored".
    """
    compiler = _Compiler(bindings)
    walk = compiler.walk
    known: dict[str, Any] = {key: walk(template[key], (key,)) for key in ("src", "dest") if key in template}
    body = template["body"]
    if body.get("type") == "error":
        body = {key: body[key] for key in ("type", "in_reply_to", "msg_id") if key in body}
        body["code"] = error_code(template["body"])
    elif match == "exact":
        compiler.literals.append((("body", KEYS), frozenset(body) - _ID))
    known["body"] = {
        key: value if key == "msg_id" and _is_set_aside(value, ids) else walk(value, ("body", key))
        for key, value in body.items()
    }
    return compiler.pattern(known)


class _Compiler:
    """Sorts what a template says by kind: what must be equal, what must be there, what gets a name."""

    def __init__(self, bindings: Bindings) -> None:
        self.bindings = bindings
        self.literals: list[tuple[Path, Hashable]] = []
        self.integers: list[Path] = []
        self.present: list[Path] = []
        self.binds: list[tuple[str, Path]] = []
        self.waits_for: list[str] = []

    def walk(self, value: Any, path: Path) -> Any:
        """Sort what stands at this path and below; returns the value with bound names replaced."""
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, dict):
            if "$bind" in value:
                self.binds.append((value["$bind"], path))
                self.present.append(path)
                return "$any"
            if "$times" in value:
                return self.walk(_escaped(fill(value, self.bindings)), path)
            self.literals.append(((*path, KEYS), frozenset(value)))
            return {key: self.walk(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            self.literals.append(((*path, KEYS), len(value)))
            return [self.walk(item, (*path, place)) for place, item in enumerate(value)]
        self.literals.append((path, freeze(value)))
        return value

    def _text(self, value: str, path: Path) -> Any:
        if value == "$any":
            self.present.append(path)
        elif value == "$int":
            self.integers.append(path)
        elif value.startswith("$") and not value.startswith("$$") and value[1:] not in self.bindings:
            self.waits_for.append(value[1:])
            self.present.append(path)
        else:
            filled = fill(value, self.bindings)
            self.literals.append((path, freeze(filled)))
            return filled
        return value

    def pattern(self, known: dict[str, Any]) -> Pattern:
        return Pattern(
            known,
            tuple(path for path, _ in self.literals),
            tuple(value for _, value in self.literals),
            tuple(self.integers),
            tuple(self.present),
            tuple(self.binds),
            tuple(self.waits_for),
        )


def _is_set_aside(msg_id: Any, ids: Ids) -> bool:
    if isinstance(msg_id, dict):  # a node's request is answered by its id, whatever the rule
        return False
    return ids == "ignored" or (ids == "placed" and is_integer(msg_id))


def _escaped(text: str) -> str:
    return "$" + text if text.startswith("$") else text


@dataclass(slots=True, eq=False)
class PatternKind:
    """Interchangeable patterns: exactly the same messages fit each of them."""

    pattern: Pattern
    free: deque[int] = field(default_factory=deque)  # the places that nothing has answered yet, as listed
    taken: list[int] = field(default_factory=list)


class Index:
    """An index of patterns by their literal values: one look-up a shape finds all that a message fits."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self.patterns = list(patterns)
        self.kinds: list[PatternKind] = []  # that of each pattern
        self.by_shape: dict[tuple[Path, ...], dict[tuple[Hashable, ...], list[PatternKind]]] = {}
        for place, pattern in enumerate(self.patterns):
            same_key = self.by_shape.setdefault(pattern.shape, defaultdict(list))[pattern.key]
            kind = next((kind for kind in same_key if kind.pattern.asks_as(pattern)), None)
            if kind is None:
                kind = PatternKind(pattern)
                same_key.append(kind)
            kind.free.append(place)
            self.kinds.append(kind)

    def fitting(self, message: Message) -> list[PatternKind]:
        """The kinds of the patterns that `message` fits."""
        return [
            kind
            for shape, table in self.by_shape.items()
            for kind in table.get(_key(message, shape), ())
            if kind.pattern.fits_loosely(message)
        ]

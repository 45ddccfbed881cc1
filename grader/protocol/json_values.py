"""JSON by value: what counts as the same value, and text that is strictly JSON.

Key order, spacing and escapes don't matter. Two integers are equal if they are exactly equal, other
numbers if they are the same IEEE double; so 3.0 is an integer and equals 3. 1 and true differ.
"""

import json
from collections.abc import Hashable, Iterable
from typing import Any

type_names = {dict: "object", list: "list", str: "string", bool: "boolean", type(None): "null"}


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


# json.loads and json.dumps make a new one for each call that has options.
_decode = json.JSONDecoder(parse_constant=_refuse).decode
_encode = json.JSONEncoder(ensure_ascii=False).encode
_encode_sorted = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_NESTS = (list, dict)
_WHOLE = (".0", "e+")  # in the text of a float that is an integer


def loads(text: str) -> Any:
    """The value that `text` stands for. Raises ValueError if it is not JSON (NaN is not)."""
    try:
        return _decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def dumps(value: Any) -> str:
    """`value` on one line, as people write it: a space after each comma and colon, no escapes."""
    return _encode(value)


def is_integer(value: Any) -> bool:
    """Whether `value` is an integer: 3 and 3.0 are, true is not."""
    return type(value) is int or (type(value) is float and value.is_integer())


def freeze(value: Any) -> Hashable:
    """A key for `value`: two values have the same key exactly if they are the same by value.

    Of a list or an object it is its text: to make that takes time and memory in proportion, however many
    values are in it.
    """
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list | dict):
        text = _encode_sorted(value)
        if any(mark in text for mark in _WHOLE):
            text = _encode_sorted(_with_integers(value))
        return ("text", text)
    return value  # type: ignore[no-any-return]


def _with_integers(value: Any) -> Any:
    """`value` with each number that is an integer written as one."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_with_integers(item) for item in value]
    if isinstance(value, dict):
        return {key: _with_integers(item) for key, item in value.items()}
    return value


def depth(value: Any) -> int:
    """How deep lists and objects are nested in `value`; counted by levels, so that none is too deep."""
    level, count = [value] if isinstance(value, _NESTS) else [], 0
    while level:
        count += 1
        above = level
        # What is empty is not kept: there may be a million of it.
        level = [
            item
            for outer in above
            for item in (outer.values() if isinstance(outer, dict) else outer)
            if item and isinstance(item, _NESTS)
        ]
    # Nothing in the last level holds anything more; but what is empty is a level, too.
    return count + any(isinstance(item, _NESTS) for outer in above for item in _inside(outer)) if count else 0


def _inside(nest: Any) -> Iterable[Any]:
    return nest.values() if isinstance(nest, dict) else nest


def same(a: Any, b: Any) -> bool:
    """Whether `a` and `b` are the same value. Ends where they differ first, however much is in one of them."""
    todo = [(a, b)]
    while todo:
        a, b = todo.pop()
        if isinstance(a, list):
            if not isinstance(b, list) or len(a) != len(b):
                return False
            todo.extend(zip(a, b, strict=True))
        elif isinstance(a, dict):
            if not isinstance(b, dict) or a.keys() != b.keys():
                return False
            todo.extend((item, b[key]) for key, item in a.items())
        elif isinstance(b, list | dict) or freeze(a) != freeze(b):
            return False
    return True


def may_be(value: Any, frozen: Hashable) -> bool:
    """Whether `value` may have this key: where it can't, nobody need make the text of a large value."""
    return not isinstance(value, list | dict) or is_text(frozen)


def is_text(frozen: Hashable) -> bool:
    """Whether it is the key of a list or an object."""
    return isinstance(frozen, tuple) and frozen[0] == "text"


def kind(value: Any) -> str:
    """What sort of value it is, in JSON's own words."""
    return type_names.get(type(value), "number")


def shorten(text: str, width: int) -> str:
    """`text`, cut in the middle to at most `width` characters, the cut marked with what is left out."""
    if len(text) <= width:
        return text
    keep = width
    for _ in range(3):  # the mark takes room, too, and what it says is how much is left out
        mark = f" … {len(text) - keep} more characters … "
        keep = max(width - len(mark), 2)
    mark = f" … {len(text) - keep} more characters … "
    return text[: keep - keep // 2] + mark + text[len(text) - keep // 2 :]

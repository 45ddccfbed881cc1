"""Misspelt: a key or a type that is near one of the protocol's. Both are named. Pure functions."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from grader.checks.causes.nearness import is_near, nearest
from grader.checks.findings import Cause
from grader.conversation.patterns import Pattern
from grader.protocol.json_values import shorten
from grader.protocol.messages import Message

LONG = 40  # characters of a name that are shown
_WORD = re.compile(r"[^\W\d]\w{2,}")


def mend(pattern: Pattern, message: Message) -> tuple[Message, Cause] | None:
    """The message with the keys and the type that `pattern` means, if it then fits; and what was misspelt."""
    body, known = dict(message["body"]), pattern.body
    pairs = list(_pairs(body, [*known, "msg_id"]))
    for written, meant in pairs:
        body[meant] = body.pop(written)
    wanted, kind = known.get("type"), body.get("type")
    if isinstance(kind, str) and isinstance(wanted, str) and _is_misspelt(kind, wanted):
        body["type"] = wanted
        pairs.append((kind, wanted))
    mended = {**message, "body": body}
    if not pairs or not pattern.fits(mended):
        return None
    what = "type" if pairs[0][1] == wanted else "key"
    return mended, _cause(what, *pairs[0])


def of_line(value: Any, names: Iterable[str]) -> Cause | None:
    """Which of src, dest and body an object lacks because of a misspelling."""
    pairs = list(_pairs(value, names)) if isinstance(value, dict) else []
    return _cause("key", *pairs[0]) if pairs else None


def of_error(said: Any, request: Message) -> Cause | None:
    """What an error names that the request has under another name: the node looked for the wrong key."""
    keys = list(request["body"])
    for word in _WORD.findall(said) if isinstance(said, str) else ():
        meant = nearest(word, keys) if word not in keys else None
        if meant:
            text = f"The node looks for “{_short(word)}”; the request has it under “{meant}”."
            return Cause("spelling", text, hint=f"Use the key “{meant}” where the node reads the request.")
    return None


def _is_misspelt(kind: str, wanted: str) -> bool:
    """Whether a type is meant for another; that of the request is no misspelling of the reply's."""
    return is_near(kind, wanted) and kind not in (wanted.removesuffix("_ok"), "error")


def _pairs(written: dict[str, Any], meant: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each key that nothing asks for, with the absent one that it is near."""
    names = list(dict.fromkeys(meant))
    missing = [name for name in names if name not in written]
    for key in [key for key in written if key not in names]:
        if (near := nearest(key, missing)) is not None:
            missing.remove(near)
            yield key, near


def _cause(what: str, written: str, meant: str) -> Cause:
    text = f"The {what} is “{meant}”; the node wrote “{_short(written)}”."
    return Cause("spelling", text, hint=f"Write “{meant}”, to the letter, where the message is made.")


def _short(name: str) -> str:
    return shorten(name, LONG)

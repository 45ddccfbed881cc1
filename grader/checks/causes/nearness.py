"""Whether a key or a type is a misspelling of one of the protocol's. Pure functions."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

NEAR = 0.75  # of 1, by difflib, case and punctuation aside
ALIASES = {  # what other protocols call the same thing
    "src": ("source", "from", "sender"),
    "dest": ("to", "destination", "target", "receiver"),
    "body": ("payload", "content", "data"),
    "type": ("kind",),
    "msg_id": ("id", "message_id", "mid"),
    "in_reply_to": ("reply_to", "in_response_to", "response_to"),
    "result": ("response", "reply"),
    "code": ("error_code",),
}


def is_near(written: str, meant: str) -> bool:
    """Whether `written` seems to be meant for `meant`."""
    if written == meant:
        return False
    plain, other = _plain(written), _plain(meant)
    if plain in map(_plain, ALIASES.get(meant, ())):
        return True
    return plain == other or SequenceMatcher(None, plain, other).ratio() >= NEAR


def nearest(written: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `written` is meant for, if it is near one."""
    near = [word for word in known if is_near(written, word)]
    return max(
        near, key=lambda word: SequenceMatcher(None, _plain(written), _plain(word)).ratio(), default=None
    )


def _plain(word: str) -> str:
    return re.sub(r"[\W_]", "", word).lower()

"""What to do about a `KeyError`, by the key and by what stands before it in the node's line. Pure functions."""

import re

from grader.checks.causes.nearness import nearest

_KEY = re.compile(r"^KeyError: (?P<quote>['\"])(?P<key>.*)(?P=quote)$")
_TABLE = re.compile(r"handler|dispatch|route|command|action|method", re.IGNORECASE)
_BODY = re.compile(r"body([\"']\])?$|inner([\"']\])?$")
_MESSAGE = re.compile(r"(^|[._])(message|msg|m|request|req|packet|envelope|data|obj|line)$", re.IGNORECASE)
# Something is looked up in a table by this id.
_LOOKS_UP = re.compile(r"""(\.(get|pop)\(|\w\[)\s*\w+(\[["']body["']\])?\[["']msg_id["']\]""")
OF_MESSAGE = ("src", "dest", "body")
OF_BODY = ("type", "msg_id", "in_reply_to")
# The body's other keys, each with those that have it.
OF_TYPES = {
    "node_id": "an init",
    "node_ids": "an init",
    "echo": "an echo",
    "target": "a proxy",
    "inner": "a proxy",
    "result": "a proxy_ok",
    "code": "an error",
    "text": "an error",
}
ALL = (*OF_MESSAGE, *OF_BODY, *OF_TYPES)

BESIDE = '{key} stands in the message itself, beside its body: message["{key}"].'
BODY = "Only a whole message has a body: what is asked here is a body already, or a reply's. Leave it out."
INSIDE = 'Is this the whole message? {key} stands in its body: message["body"]["{key}"].'
NO_REPLY = 'Only a reply has an in_reply_to: ask whether it is there, or take body.get("in_reply_to").'
NO_REQUEST = "A reply has no msg_id of yours to answer: see first whether it is one (it has an in_reply_to)."
BY_IN_REPLY_TO = (
    "A reply names your request in its in_reply_to; a msg_id of its own it need not have. Look for who waits "
    "under that."
)
RESULT = "A peer's reply has the keys of its own type: the whole body of it goes under result, as it is."
MALFORMED = "A request that comes without it is answered with error 12."
ONLY = "Only {who} has {key}: see first of which type it is."
SPELT = "The protocol has no “{key}”: what is meant is “{meant}”."
NO_HANDLER = (
    "The table has no such type: a request of a type that is not known is answered with error 10. "
    "get(…) gives None then."
)
NO_SUCH = "No body has a key “{key}”: an echo has echo, a proxy target and inner, an init node_id and node_ids."
NO_ENTRY = "Nothing is under this key: is it the one under which it was put there? Print both to stderr."


def hint(text: str, source: str) -> str:
    """What to do about this exception, which came in the line `source`; empty if no text was the key."""
    match = _KEY.match(text)
    if match is None:
        return ""
    key, owner = match["key"], _owner(source, match["key"])
    if _TABLE.search(owner or source) and key not in ALL:
        return NO_HANDLER
    if key == "msg_id" and _LOOKS_UP.search(source):
        return BY_IN_REPLY_TO
    if key == "result":
        return RESULT
    if key in OF_MESSAGE:
        known = BODY if key == "body" else BESIDE.format(key=key)
        return known if _BODY.search(owner) else NO_ENTRY
    if key in OF_BODY or key in OF_TYPES:
        is_whole = _MESSAGE.search(owner) is not None
        return " ".join(filter(None, (INSIDE.format(key=key) if is_whole else "", _of_body(key, is_whole))))
    if meant := nearest(key, ALL):
        return SPELT.format(key=key, meant=meant)
    return NO_SUCH.format(key=key) if _BODY.search(owner) or _MESSAGE.search(owner) else NO_ENTRY


def _of_body(key: str, is_whole: bool) -> str:
    """What to do where a body may be without this key; if it `is_whole`, the key was perhaps looked for in the
    wrong place.
    """
    if key in ("echo", "target", "inner"):
        return MALFORMED
    if is_whole:
        return ""
    if key in OF_TYPES:
        return ONLY.format(key=key, who=OF_TYPES[key])
    return {"in_reply_to": NO_REPLY, "msg_id": NO_REQUEST}.get(key, NO_ENTRY)


def _owner(source: str, key: str) -> str:
    """What is asked for this key: `message["body"]` in `message["body"]["echo"]`; empty if nothing is."""
    match = re.search(rf"(?P<owner>\w[\w.]*(?:\[[^\[\]]*\])*)\[\s*['\"]{re.escape(key)}['\"]\s*\]", source)
    return match["owner"] if match else ""

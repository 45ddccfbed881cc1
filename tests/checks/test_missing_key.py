"""A key that is not there: what is said of it, by the line that asks for it."""

import pytest

from grader.checks.causes import missing_key
from grader.checks.causes.missing_key import hint


@pytest.mark.parametrize(
    ("key", "source", "says"),
    [
        ("type", 'kind = message["type"]', 'message["body"]["type"]'),
        ("echo", "msg['echo']", 'message["body"]["echo"]'),
        ("msg_id", 'request["msg_id"]', 'message["body"]["msg_id"]'),
        ("node_id", 'self.name = self.message["node_id"]', 'message["body"]["node_id"]'),
        ("body", 'got = body["body"]', "is a body already"),
        ("src", 'dest = request["body"]["src"]', 'beside its body: message["src"]'),
        ("dest", 'body["dest"]', 'beside its body: message["dest"]'),
        ("msgid", 'body["msgid"]', "what is meant is “msg_id”"),
        ("node", 'message["body"]["node"]', "what is meant is “node_id”"),
        ("message", 'body["message"]', "No body has a key “message”"),
        ("in_reply_to", 'if body["in_reply_to"]:', "Only a reply has an in_reply_to"),
        ("msg_id", 'reply_to = body["msg_id"]', "A reply has no msg_id"),
        ("msg_id", 'box = calls.get(body["msg_id"])', "names your request in its in_reply_to"),
        ("msg_id", 'calls[message["body"]["msg_id"]].put(body)', "names your request in its in_reply_to"),
        ("node_ids", 'body["node_ids"]', "Only an init has node_ids"),
        ("code", 'reply["code"]', "Only an error has code"),
        ("inner", 'body["inner"]', "answered with error 12"),
        ("result", 'answer["result"]', "the whole body of it goes under result"),
        ("levitate", 'self.handlers[body["type"]](message)', "answered with error 10"),
        ("levitate", "HANDLERS[kind]", "answered with error 10"),
        ("c1", "self.clients[src]", "is it the one under which it was put there?"),
    ],
)
def test_it_is_said_where_the_key_stands(key: str, source: str, says: str) -> None:
    assert says in hint(f"KeyError: {key!r}", source)


def test_of_a_request_both_may_be_meant() -> None:
    """What a learner calls `request` may be the message, or its body: then the key itself was left out."""
    both = hint("KeyError: 'echo'", 'body = {"echo": request["echo"]}')
    assert 'message["body"]["echo"]' in both
    assert missing_key.MALFORMED in both


def test_where_the_line_is_not_known_the_key_alone_decides() -> None:
    assert hint("KeyError: 'echo'", "") == missing_key.MALFORMED
    assert hint("KeyError: 'src'", "") == missing_key.NO_ENTRY


@pytest.mark.parametrize("text", ["KeyError: 3", "KeyError: ('n1', 3)", "ValueError: 'src'"])
def test_of_other_exceptions_nothing_is_said(text: str) -> None:
    assert hint(text, "") == ""

"""The wire protocol: what a line must not hold."""

import pytest

from grader.protocol.messages import NotAMessage, parse

LINE = '{"src": "n1", "dest": "c1", "body": {"echo": %s}}'


@pytest.mark.parametrize("nothing", ["[]", "{}"])
def test_a_message_that_holds_too_much_is_refused_before_it_takes_our_memory(nothing: str) -> None:
    with pytest.raises(NotAMessage, match="more than 500,000 lists and objects"):
        parse(LINE % f"[{','.join([nothing] * 500_000)}]")


def test_brackets_in_a_text_are_no_lists() -> None:
    assert parse(LINE % f'"{"[" * 500_001}"')["src"] == "n1"

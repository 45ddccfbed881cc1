"""Who waits for a reply that has been read: what is said of the table in which it should be found."""

import pytest

from grader.checks.causes import not_woken
from grader.checks.causes.whereabouts import Question
from grader.conversation.thread_dumps import Frame, Look, Stack, TableEntry

ASKED = Question("wrong-type", at_end=False)
READER = Stack("main", 1, (Frame("node.py", 9, "<module>", source="for line in sys.stdin:"),))
WAITS = Frame("node.py", 40, "rpc", source="return box.get(timeout=1)")
LIBRARY = Frame("/usr/lib/python3/queue.py", 180, "get")


def told(noted: TableEntry | None, count: int = 1) -> tuple[str, str, int | None]:
    """Why, what to do and the line, where one handler waits and is noted so; the reply names 1."""
    look = Look(0, (READER, Stack("thread", count, (LIBRARY, WAITS), noted=(noted,) if noted else ())))
    found = not_woken.cause(look, ASKED, "1")
    assert found is not None
    assert found.woke_nobody
    before, _, why = found.text.partition(", though the peer's reply has been read: ")
    who = "A thread still waits" if count == 1 else f"{count} threads still wait"
    assert before == f"{who} in node.py line 40 (return box.get(timeout=1))"
    return why, found.hint, found.line


def test_of_what_is_not_known_the_question_is_asked() -> None:
    assert told(None) == ("whoever read it woke nobody.", not_woken.FIND, 40)


def test_another_key_is_told_with_the_line_that_has_put_it_there() -> None:
    why, hint, line = told(TableEntry("self.waiting", "2", written=((31, "msg_id + 1"),)))
    assert why == (
        "the reply names 1, and who waits for it is noted in self.waiting under 2 (line 31: msg_id + 1)."
    )
    assert (hint, line) == (not_woken.OF_THE_REQUEST, 31)


@pytest.mark.parametrize("key", ["'1'", '"1"'])
def test_a_number_and_its_text_are_two_keys(key: str) -> None:
    why, hint, line = told(TableEntry("waiting", key, written=((31, "str(n)"), (35, "n"))))
    assert why == f"the reply names 1, and who waits for it is noted in waiting under {key}."
    assert hint == not_woken.TEXT.format(number="1", text=key)
    assert line == 40


@pytest.mark.parametrize(
    ("key", "is_right"),
    [
        ('body["in_reply_to"]', True),
        ("message['body']['in_reply_to']", True),
        ('body.get("in_reply_to")', True),
        ("number", True),
        ('str(body["in_reply_to"])', False),
        ('body["in_reply_to"] + 1', False),
        ('message["src"]', False),
        ('(message["src"], body["in_reply_to"])', False),
    ],
)
def test_the_line_that_looks_something_else_up_is_named(key: str, is_right: bool) -> None:
    why, hint, line = told(TableEntry("waiting", "1", read=((20, key),)))
    assert f"waiting under 1, as the reply names it, and line 20 looks there for {key}" in why
    assert ("and wakes nobody" in why, hint == not_woken.GIVE_IT) == (is_right, is_right)
    assert line == 20


def test_one_that_looks_up_wrongly_comes_before_one_that_is_right() -> None:
    why, _, line = told(TableEntry("waiting", "1", read=((20, "number"), (24, 'body["type"]'))))
    assert 'line 24 looks there for body["type"]' in why
    assert line == 24


def test_of_keys_of_several_parts_both_lines_are_shown() -> None:
    noted = TableEntry("calls", "('n2', 1)", ((50, "(dest, reply_to)"),), ((24, "(dest, number)"),))
    why, hint, line = told(noted)
    assert (
        "calls under ('n2', 1) (line 24: (dest, number)), and line 50 looks there for (dest, reply_to)" in why
    )
    assert (hint, line) == (not_woken.SAME, 24)


def test_what_is_noted_nowhere_is_told_as_that() -> None:
    why, hint, _ = told(TableEntry("", ""))
    assert why == "who waits for it is noted in no table, where the reply could find it."
    assert hint == not_woken.NOTE_IT


@pytest.mark.parametrize(
    ("noted", "says", "hint"),
    [
        (TableEntry("replies", "1", has=("'n2'",)), "and there stands 'n2'.", not_woken.PUT_IT),
        (TableEntry("replies", "1", has=("'1'",)), "and there stands '1'.", "1 and '1' are two keys"),
        (TableEntry("replies", "1", has=()), "and that is empty.", not_woken.PUT_IT),
        (
            TableEntry("replies", "1", has=("1",)),
            "the reply stands in replies under 1, and nobody",
            not_woken.WAKE_IT,
        ),
        (
            TableEntry("replies", "2", has=("1",)),
            "the reply names 1, and it looks for 2",
            not_woken.OF_THE_REQUEST,
        ),
    ],
)
def test_who_looks_for_the_reply_itself(noted: TableEntry, says: str, hint: str) -> None:
    why, what, _ = told(noted)
    assert says in why
    assert what.startswith(hint)


def test_only_a_key_that_no_reply_names_is_deeper_than_an_exception() -> None:
    def misnoted(noted: TableEntry | None) -> bool:
        look = Look(0, (READER, Stack("thread", 1, (LIBRARY, WAITS), noted=(noted,) if noted else ())))
        return not_woken.misnoted(look, ASKED, "1") is not None

    assert misnoted(TableEntry("waiting", "2"))
    assert misnoted(TableEntry("", ""))
    assert not misnoted(TableEntry("waiting", "1"))
    assert not misnoted(TableEntry("replies", "2", has=("1",)))
    assert not misnoted(None)

"""What frames tell: values in short, none of the node's own code run for it, and the request that is served."""

import sys
from abc import ABC
from collections import namedtuple
from dataclasses import dataclass, field
from types import FrameType

import pytest

from grader.explorer.trace.frames import LONGEST, serving, short


@dataclass
class Job:
    src: str
    answer: dict[str, int] = field(init=False)

    def __repr__(self) -> str:
        raise RuntimeError("the node's own code")


@dataclass
class Abstract(ABC):
    src: str


class Odd:
    _fields = 3


class Short(namedtuple("Pair", "one other")):
    def __new__(cls) -> "Short":
        return tuple.__new__(cls, (1,))


class Hostile:
    @property
    def __class__(self) -> type:  # type: ignore[override]
        raise RuntimeError("the node's own code")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Job("c1"), "Job(src='c1')"),  # what is not set yet is left out
        ([Abstract("c2")], "[Abstract(src='c2')]"),
        (Abstract, "<ABCMeta>"),
        (Odd(), "<Odd>"),
        (Short(), "Short(one=1)"),
        ({"a": (1, None)}, "{'a': (1, None)}"),
    ],
)
def test_a_value_is_told_by_its_fields(value: object, text: str) -> None:
    assert short(value) == text


def test_nothing_in_it_can_fail(capfd: pytest.CaptureFixture[str]) -> None:
    assert short(Hostile()) == "<Hostile>"
    assert len(short("x" * 1000)) <= LONGEST
    assert capfd.readouterr().out == ""


ECHOES = [
    {"src": src, "dest": "n1", "body": {"type": "echo", "msg_id": number, "echo": text}}
    for src, number, text in (("c1", 2, "a"), ("c2", 3, "b"))
]


def _works_on(message: object, *, before: object = None) -> list[FrameType]:
    """The frames of a worker that serves one message, and still holds the one before."""

    def inner() -> list[FrameType]:
        held, served = before, message
        assert (held, served) == (before, message)
        return [sys._getframe()]

    return inner()


def _counts(src: str, number: int, before: str, sent: int) -> list[FrameType]:
    assert (src, number) != (before, sent)
    return [sys._getframe()]


@pytest.mark.parametrize(
    "frames",
    [
        _works_on(ECHOES[1], before=ECHOES[0]),
        _works_on(ECHOES[1]["body"], before=ECHOES[0]),
        _counts("c2", 3, "c1", 2),
    ],
    ids=["messages", "a body", "ids"],
)
def test_who_still_holds_the_request_before_serves_the_one_that_is_not_answered(
    frames: list[FrameType],
) -> None:
    assert str(serving(frames, ECHOES, [("c1", 2)])) == "c2's echo"


def test_who_has_answered_still_serves_what_it_was_called_with() -> None:
    def handle(message: object) -> list[FrameType]:
        assert message
        return [sys._getframe()]

    assert str(serving(handle(ECHOES[0]), ECHOES, [("c1", 2)])) == "c1's echo"

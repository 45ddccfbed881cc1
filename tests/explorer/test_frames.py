"""Values in short: as a reader takes them in, and without running a line of the node's own."""

from abc import ABC
from collections import namedtuple
from dataclasses import dataclass, field

import pytest

from grader.explorer.frames import LONGEST, short


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

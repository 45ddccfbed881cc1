"""The record is data: what was written as JSON is the same when it is read again."""

import json
from collections import namedtuple
from dataclasses import dataclass, field

from grader.checks.findings import Finding
from grader.conversation.transcript import Event
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.frames import short
from grader.explorer.trace.model import (
    Awaited,
    Decision,
    Found,
    Request,
    Run,
    Stand,
    Step,
    Switch,
    Why,
    as_json,
)
from tests.explorer.recordings import from_json

INPUT = Awaited(Resource.INPUT, "input")
RUN = Run(
    "node.py",
    "three-echoes",
    0,
    (
        Step(
            0,
            "main",
            Request("c1", "echo", 2),
            "node.py",
            3,
            "read",
            "self.n",
            0,
            "1",
            held=("self.lock",),
            switch=Switch(Why.WAITS, INPUT),
        ),
    ),
    (Decision(0, "main", "node.py", 3, "read", ("main", "Thread-1"), 1, 1),),
    (Event(0, 1.5, "in", "{}"), Event(1, 2.0, "exit", status=0, left=("sleep",))),
    (Finding("no-reply", "c1 waits", 1, (0,), stands=("there",)),),
    (Stand("main", None, "node.py", 3, "run", "waits", INPUT, names=(("x", "1"),)),),
    sources=(("node.py", ("a", "b", "  self.n += 1")),),
)


def test_a_record_survives_json() -> None:
    found = Found(RUN, None, ((0, 0),), 1, False)
    assert from_json(Found, json.loads(json.dumps(as_json(found)))) == found


def test_the_source_of_a_step() -> None:
    assert RUN.text("node.py", 3) == "self.n += 1"
    assert RUN.text("node.py", 9) == RUN.text("else.py", 1) == ""


@dataclass(slots=True)
class Place:
    number: int
    later: int = field(init=False)

    def __repr__(self) -> str:
        raise AssertionError("code of the node's own is not to run")


def test_a_value_is_read_without_running_the_node_s_code() -> None:
    assert short(Place(1)) == "Place(number=1)"
    assert short([Place(2)]) == "[Place(number=2)]"
    assert short(Place(3).__init__) == "<method Place.__init__>"  # type: ignore[misc]
    assert short(namedtuple("Pair", "one other")(1, "b")) == "Pair(one=1, other='b')"
    assert "0x" not in short(short)

"""At the scheduler's seat: forward, back, and what there is to see."""

from pathlib import Path

import pytest

from grader.cases.select import select
from grader.explorer.seat import Seat
from tests.explorer.nodes import THREAD, UNGUARDED, write_node


def test_forward_and_back(tmp_path: Path) -> None:
    seat = Seat(write_node(tmp_path, UNGUARDED, THREAD), select(["interleaving"], ["two-echoes"])[0])
    assert len(seat.options) > 1
    first = seat.position
    seat.take(seat.options[-1])
    assert len(seat.position.steps) > len(first.steps)
    assert seat.position.steps[: len(first.steps) - 1] == first.steps[:-1]
    assert any(stand.names for stand in seat.stands)
    seat.back()
    assert seat.position == first
    with pytest.raises(ValueError, match="can't go on"):
        seat.take("nobody")


def test_to_the_end(tmp_path: Path) -> None:
    seat = Seat(write_node(tmp_path, UNGUARDED, THREAD), select(["interleaving"], ["two-echoes"])[0])
    while seat.options:
        seat.take()
    assert seat.position.findings == ()
    assert seat.position.transcript[-1].kind == "exit"

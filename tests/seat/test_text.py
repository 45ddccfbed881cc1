"""What the seat says in words."""

from dataclasses import replace

from grader.seat.game import play
from grader.seat.text import told
from grader.seat.tree import Happened, SeatColumn, Tree
from tests.seat.trees import grid


def has_done(*did: Happened) -> Tree:
    """A tree whose first move is worker 1's, who does this, ends, and is called as what it served."""
    tree = grid(1, 0)
    here, there = tree.positions
    here = replace(here, moves=(replace(here.moves[0], did=did),))
    there = replace(there, workers=())  # a task that has ended is nowhere
    return replace(tree, positions=(here, there), columns=(SeatColumn("w1", "c1's echo"),))


def test_who_has_ended_is_called_as_before() -> None:
    tree = has_done(Happened("w1", "node.py", 7, "writes a line"))
    assert told(play(tree, "1")) == "c1's echo, line 7: writes a line."


def test_a_line_of_another_file_is_told_with_it() -> None:
    tree = has_done(Happened("w1", "desk.py", 3, "takes lock"), Happened("w1", "node.py", 7, "writes a line"))
    assert told(play(tree, "1")) == "c1's echo, desk.py line 3: takes lock; c1's echo, line 7: writes a line."

"""The seat in a notebook: play by buttons or by text, on one game."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.notebook.cell_output import VERDICT, preformatted

if TYPE_CHECKING:
    from grader.seat.build import Ground
    from grader.seat.game import Game, Goal
    from grader.seat.tree import Tree
    from grader.seat.widget import SeatWidget

FRAMES = "GRADER_SEAT_FRAMES"  # set where notebooks become pages: a seat's HTML is then the seat, and large


class AtTheSeat:
    """The scheduler's seat of one node. Shown, it has buttons; `play` makes the same moves by text.

    `ex` is the exercise that is solved once the goal is reached. Where the tree is cut, more of it is grown
    from `ground` when a move needs it; without one the move is refused.
    """

    def __init__(
        self,
        tree: "Tree",
        goal: "Goal | None" = None,
        moves: str = "",
        ex: str | None = None,
        ground: "Ground | None" = None,
    ) -> None:
        self.tree, self.goal, self.ex, self.ground = tree, goal, ex, ground
        self._moves = moves
        self._game: Game | None = None  # where these moves lead, once that is known
        self._widget: SeatWidget | None = None

    @property
    def moves(self) -> str:
        """The moves so far, whether made by buttons or by `play`."""
        return self._widget.moves if self._widget is not None else self._moves

    @property
    def game(self) -> "Game":
        """Where these moves lead."""
        if self._game is None or self._moves != self.moves:
            self._moves = self.moves
            self._game = self._further(self._moves)
        return self._game

    @property
    def reached(self) -> bool:
        """Whether the goal is reached; without a goal, whether the schedule has come to its end."""
        from grader.seat.game import is_reached

        game = self.game
        return is_reached(game, self.goal) if self.goal else not game.position.moves

    @property
    def is_unbreakable(self) -> bool:
        """Whether there is more than one schedule, and none fails, as far as the tree is whole."""
        from grader.seat.game import count

        if self.tree.level is not None and self.tree.level < 0:
            return False
        rows = count(self.tree).values()
        return sum(every for every, _ in rows) > 1 and not any(failing for _, failing in rows)

    def held_in(self, function: str) -> set[str]:
        """The locks that somebody holds, in one of all positions, while inside this function."""
        workers = [one for position in self.tree.positions for one in position.workers]
        return {lock for one in workers if one.function == function for lock in one.held}

    def play(self, moves: str) -> "AtTheSeat":
        """Make these moves from the start, `"1 1 2"`: each the number of who goes on. Shows where they lead.

        `u` takes the last one back, `r` all, as the keys do.
        """
        self._moves, self._game = moves, self._further(moves)
        if self._widget is not None:
            self._widget.tree = self.tree.as_json()
            self._widget.moves = moves
        shown = AtTheSeat(self.tree, self.goal, moves, self.ex, self.ground)
        shown._game = self._game
        return shown

    def _further(self, moves: str) -> "Game":
        """The game that these moves make; more of the tree is grown if they need it."""
        from grader.seat.further import play_further
        from grader.seat.game import begin, play

        if self.ground is None:
            return play(self.tree, moves)
        game = play_further(begin(self.tree), moves, self.ground)
        self.tree = game.tree
        return game

    def shortest(self) -> "AtTheSeat":
        """The failing schedule with the fewest preemptions; the start where none fails."""
        from grader.seat.game import shortest

        found = shortest(self.tree)
        return self.play(found.moves if found else "")

    def count(self) -> str:
        """How many schedules there are, and how many of them fail, by preemptions."""
        from grader.seat.game import begin
        from grader.seat.text import counted

        return counted(begin(self.tree))

    def save(self, file: str) -> None:
        """Write the schedule to a file: whoever has it and the node plays it again, to the letter: `load`."""
        saved = {"seat": 1, "node": self.tree.node, "case": self.tree.case, "moves": self.moves}
        Path(file).write_text(json.dumps(saved) + "\n", "utf-8")

    def load(self, file: str) -> "AtTheSeat":
        """Play a schedule that was saved. Raises ValueError if it is one of another case, or can't be made."""
        saved = json.loads(Path(file).read_text("utf-8"))
        if saved.get("case") != self.tree.case:
            raise ValueError(f"{file}: a schedule of the case {saved.get('case')}, not of {self.tree.case}")
        again = self.play(saved["moves"])
        if again.game.refused:
            raise ValueError(f"{file}: this node goes another way: {again.game.refused}")
        return again

    def __repr__(self) -> str:
        from grader.seat.game import verdict
        from grader.seat.text import screen

        game = self.game
        text = screen(game)
        if self.goal is not None:
            text = f"goal: {self.goal.text}\n{text}"
            if not game.position.moves:
                text += f"\n{verdict(game, self.goal)}"
        return text

    def _repr_mimebundle_(self, **which: Any) -> Any:
        """The widget, where there is one; as HTML and as text it is frozen as it stands now."""
        text = repr(self)
        shown: dict[str, Any] = {"text/plain": text, "text/html": self._frame() or preformatted(text)}
        if self.ex is not None:
            shown[VERDICT] = {"ex": self.ex, "ok": self.reached}
        widget = self._shown()
        if widget is None:
            return shown
        bundle = widget._repr_mimebundle_(**which)
        data, *metadata = bundle if isinstance(bundle, tuple) else (bundle or {},)
        return {**data, **shown}, *metadata

    def _frame(self) -> str:
        """The seat as it can be played without a kernel; empty where no page is made that is to last."""
        if FRAMES not in os.environ:
            return ""
        from grader.seat.page import frame

        return frame(self.tree, self.goal, self.moves)

    def _shown(self) -> "SeatWidget | None":
        if self._widget is None:
            try:
                from grader.seat.widget import SeatWidget
            except ImportError:  # without anywidget it is text
                return None
            further = self._further if self.ground is not None else None
            self._widget = SeatWidget(self.tree, self.goal, self._moves, further)
        return self._widget


def seat(
    node: str = "my_node.py",
    case: str = "two-echoes",
    *,
    goal: str = "",
    code: str = "*",
    preemptions: int | None = None,
    moves: str = "",
    ex: str | None = None,
) -> AtTheSeat:
    """Take the scheduler's seat of a node, in a case of `interleaving` or of your own: `mine.jsonl:id`.

    `goal` says what is to be reached: a schedule that ends with the finding `code` (`*`: any; empty: none),
    with at most so many `preemptions`. `moves` are made beforehand. Raises ValueError where the node can't be
    run under the scheduler, with the reason.
    """
    from grader.cases.select import select
    from grader.explorer.client import Gone
    from grader.explorer.runtime.launch import of_file
    from grader.seat.build import grow
    from grader.seat.game import Goal

    suite, _, name = case.rpartition(":")
    chosen = select([suite or "interleaving"], [name])[0]
    try:
        tree, ground = grow(of_file(node), chosen)
    except Gone as gone:
        raise ValueError(f"{node}: {gone}") from None
    return AtTheSeat(tree, Goal(goal, code, preemptions) if goal else None, moves, ex, ground)

"""The seat in a notebook: play by buttons or by text, on one game."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.notebook.cell_output import VERDICT, preformatted

if TYPE_CHECKING:
    from grader.seat.game import Game, Goal
    from grader.seat.tree import Tree
    from grader.seat.widget import SeatWidget


class AtTheSeat:
    """The scheduler's seat of one node. Shown, it has buttons; `play` makes the same moves by text.

    `ex` is the exercise that is solved once the goal is reached.
    """

    def __init__(
        self, tree: "Tree", goal: "Goal | None" = None, moves: str = "", ex: str | None = None
    ) -> None:
        self.tree, self.goal, self.ex = tree, goal, ex
        self._moves = moves
        self._widget: SeatWidget | None = None

    @property
    def moves(self) -> str:
        """The moves so far, whether made by buttons or by `play`."""
        return self._widget.moves if self._widget is not None else self._moves

    @property
    def game(self) -> "Game":
        """Where these moves lead."""
        from grader.seat.game import play

        return play(self.tree, self.moves)

    @property
    def reached(self) -> bool:
        """Whether the goal is reached; without a goal, whether the schedule has come to its end."""
        from grader.seat.game import is_reached

        game = self.game
        return is_reached(game, self.goal) if self.goal else not game.position.moves

    @property
    def is_unbreakable(self) -> bool:
        """Whether there is more than one schedule, and none fails."""
        from grader.seat.game import count

        rows = count(self.tree).values()
        return sum(every for every, _ in rows) > 1 and not any(failing for _, failing in rows)

    def play(self, moves: str) -> "AtTheSeat":
        """Make these moves from the start, `"1 1 2"`: each the number of who goes on. Shows where they lead."""
        self._moves = moves
        if self._widget is not None:
            self._widget.moves = moves
        return AtTheSeat(self.tree, self.goal, moves, self.ex)

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
        from grader.seat.game import is_reached
        from grader.seat.text import screen

        game = self.game
        text = screen(game)
        if self.goal is not None:
            text = f"goal: {self.goal.text}\n{text}"
            if not game.position.moves:
                text += "\n★ Goal reached." if is_reached(game, self.goal) else "\nThe goal is not reached."
        return text

    def _repr_mimebundle_(self, **which: Any) -> Any:
        """The widget, where there is one; as HTML and as text it is frozen as it stands now."""
        text = repr(self)
        shown: dict[str, Any] = {"text/plain": text, "text/html": preformatted(text)}
        if self.ex is not None:
            shown[VERDICT] = {"ex": self.ex, "ok": self.reached}
        widget = self._shown()
        if widget is None:
            return shown
        bundle = widget._repr_mimebundle_(**which)
        data, *metadata = bundle if isinstance(bundle, tuple) else (bundle or {},)
        return {**data, **shown}, *metadata

    def _shown(self) -> "SeatWidget | None":
        if self._widget is None:
            try:
                from grader.seat.widget import SeatWidget
            except ImportError:  # without anywidget it is text
                return None
            self._widget = SeatWidget(self.tree, self.goal, self._moves)
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
        tree = grow(of_file(node), chosen)
    except Gone as gone:
        raise ValueError(f"{node}: {gone}") from None
    return AtTheSeat(tree, Goal(goal, code, preemptions) if goal else None, moves, ex)

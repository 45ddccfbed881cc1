"""The seat as a widget: in JupyterLab, VS Code, and wherever else anywidget shows."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import anywidget
import traitlets

from grader.seat.game import Game, Goal
from grader.seat.page import SCRIPT
from grader.seat.tree import Tree


class SeatWidget(anywidget.AnyWidget):
    """Shows a tree, and keeps the moves that were made on the page: `moves`, as text, both ways.

    `further` plays moves for which the tree must be grown, where somebody can; the page asks by a message.
    """

    _esm = SCRIPT

    tree = traitlets.Dict().tag(sync=True)
    goal = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    moves = traitlets.Unicode("").tag(sync=True)
    grows = traitlets.Bool(False).tag(sync=True)

    def __init__(
        self,
        tree: Tree,
        goal: Goal | None = None,
        moves: str = "",
        further: Callable[[str], Game] | None = None,
    ) -> None:
        super().__init__(
            tree=tree.as_json(),
            goal=asdict(goal) if goal else None,
            moves=moves,
            grows=further is not None,
        )
        self._further = further
        self.on_msg(self._asked)

    def _asked(self, _widget: object, content: Any, _buffers: object) -> None:
        text = content.get("further")
        if self._further is None or not isinstance(text, str):
            return
        game = self._further(text)
        self.tree = game.tree.as_json()
        self.send({"further": text, "refused": game.refused})

"""The seat as a widget: in JupyterLab, VS Code, and wherever else anywidget shows."""

from dataclasses import asdict

import anywidget
import traitlets

from grader.seat.game import Goal
from grader.seat.page import SCRIPT
from grader.seat.tree import Tree


class SeatWidget(anywidget.AnyWidget):
    """Shows a tree, and keeps the moves that were made on the page: `moves`, as text, both ways."""

    _esm = SCRIPT

    tree = traitlets.Dict().tag(sync=True)
    goal = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    moves = traitlets.Unicode("").tag(sync=True)

    def __init__(self, tree: Tree, goal: Goal | None = None, moves: str = "") -> None:
        super().__init__(tree=tree.as_json(), goal=asdict(goal) if goal else None, moves=moves)

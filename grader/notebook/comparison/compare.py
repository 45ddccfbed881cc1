"""The comparison of some nodes: the same conversation drawn of each, and a table of what each costs, with bars.

Every figure is measured there and then, on a machine that also does other things: what counts is the ratios.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from grader.notebook.cell_output import CellOutput, paragraphs
from grader.notebook.comparison.loads import ALIKE, Measured, Quantity, times
from grader.notebook.nodes.node_files import REFERENCE, NoSuchNode, node_file
from grader.reports.html_templates import fill

if TYPE_CHECKING:
    from grader.conversation.transcript import Transcript
    from grader.diagrams.diagram import SpaceTime

CASE = "replies-out-of-order"
SECONDS = 6.0
TABLE = Path(__file__).with_name("table.html.jinja")
SCALES = {"s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")), "MiB": ((1.0, "MiB"),), "": ((1.0, ""),)}


@dataclass(frozen=True, slots=True, repr=False)
class Compared(CellOutput):
    """A comparison that displays itself. `measured` is None if nothing could be measured."""

    measured: Measured | None = None


def same_conversation(*files: str, case: str = CASE, clock: bool = False) -> "SpaceTime | CellOutput":
    """The space-time diagrams of one case with each of these nodes (the reference's three), on one axis.

    The axis counts steps, or with `clock` milliseconds. What can't be drawn gives one clear line.
    """
    from grader.diagrams.diagram import spacetime

    try:
        return spacetime(_conversations(files or REFERENCE, case), clock=clock)
    except NoSuchNode as refusal:
        return CellOutput(str(refusal), paragraphs([str(refusal)]))


def compare(*files: str, case: str = CASE, seconds: float = SECONDS, rounds: int = 1) -> Compared:
    """Measure these nodes (the reference's three) under the same work, for about so many seconds and rounds.

    Shows a table, lines of code, time, memory, threads, as ratios, and their diagrams of one case on one
    clock. Two workloads, `compute` and `nap`, need nodes that know these requests.
    """
    from grader.diagrams.diagram import spacetime
    from grader.notebook.comparison.bars import render
    from grader.notebook.comparison.loads import measure
    from grader.reports.text_table import in_columns

    try:
        paths = [node_file(name) for name in files or REFERENCE]
        diagram = spacetime(_conversations(files or REFERENCE, case), clock=True)
    except NoSuchNode as refusal:
        return Compared(str(refusal), paragraphs([str(refusal)]))
    measured = measure(paths, seconds, rounds)
    table = _table(measured)
    notes = [_how(measured), *(f"{note}." for note in measured.notes)]
    text = "\n".join([*in_columns(table), "", *notes, "", diagram.text])
    pictures = (
        _picture(
            diagram.png, "Space-time diagrams of the nodes on one clock; the same as text: print(it.text)"
        ),
        _picture(render(measured), "Bars of the ratios in the table above"),
    )
    html = f"{_html_table(table)}{paragraphs(notes)}{pictures[1]}{pictures[0]}"
    return Compared(text, html, measured=measured)


def _conversations(files: Sequence[str], case: str) -> "list[tuple[str, Transcript]]":
    from grader.cases.select import NoSuchCase
    from grader.grading.submitting import submit

    paths = [node_file(name) for name in files]
    try:
        return [(path.stem, submit(str(path), (), (case,)).results[0].transcript) for path in paths]
    except NoSuchCase as refusal:
        raise NoSuchNode(str(refusal)) from None


def _how(measured: Measured) -> str:
    how = f"the median of {measured.rounds} rounds" if measured.rounds > 1 else "one round"
    return (
        f"Measured just now, {how}, all nodes in turn. 1× is the least, and less is better; "
        f"up to {ALIKE:g}× is no difference to speak of."
    )


def _table(measured: Measured) -> list[list[str]]:
    """A row a quantity: its name, how many times the least each node took, and what the least was."""
    head = ["", *measured.nodes, "1× is"]
    return [head, *(_row(quantity) for quantity in measured.quantities.values())]


def _row(quantity: Quantity) -> list[str]:
    assert quantity.least is not None
    cells = ["–" if ratio is None else times(ratio) for ratio in quantity.ratios]
    return [quantity.name, *cells, amount(quantity.least, quantity.unit)]


def amount(value: float, unit: str) -> str:
    """A value in a unit that suits its size: 0.0021 s is 2.1 ms."""
    factor, name = next((scale for scale in SCALES[unit] if value >= scale[0]), SCALES[unit][-1])
    number = value / factor
    return f"{number:.0f} {name}".rstrip() if number >= 10 or not unit else f"{number:.1f} {name}"


def _html_table(table: Sequence[Sequence[str]]) -> str:
    return fill(TABLE, table=table)


def _picture(png: bytes, says: str) -> str:
    data = base64.b64encode(png).decode()
    return f'<img alt="{escape(says)}" src="data:image/png;base64,{data}" style="max-width:100%">'

"""Tables as lines of plain text, laid out by rich. Import it late: rich takes its time."""

from collections.abc import Sequence
from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table

FAR = 10_000  # columns: no cell is ever wrapped


def in_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows without lines: names on the left, figures on the right."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for n in range(len(rows[0])):
        table.add_column(justify="right" if n else "left")
    for row in rows:
        table.add_row(*row)
    return _lines(table)


def ruled(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns between lines, with an empty row behind each: a cell may have several lines."""
    table = Table(*names, box=box.MINIMAL, show_edge=False, pad_edge=False)
    for row in rows:
        table.add_row(*row)
        table.add_row()
    return _lines(table)[:-1]


def _lines(table: Table) -> list[str]:
    """As it is printed, in no colour, without the blanks that end a line."""
    text = StringIO()
    console = Console(file=text, width=FAR, color_system=None, emoji=False, markup=False, force_jupyter=False)
    console.print(table)
    return [line.rstrip() for line in text.getvalue().splitlines()]

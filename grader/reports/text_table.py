"""A table as lines of plain text, laid out by rich."""

from rich.console import Console
from rich.table import Table

FAR = 10_000  # columns: no cell is ever wrapped


def as_lines(table: Table) -> list[str]:
    """The lines of a table, in no colour, without the blanks that end a line."""
    console = Console(width=FAR, color_system=None, emoji=False, highlight=False, markup=False)
    with console.capture() as capture:
        console.print(table)
    return [line.rstrip() for line in capture.get().splitlines()]

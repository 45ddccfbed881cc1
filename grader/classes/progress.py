"""How far a class is: a line for each result, and below them how many are left, and for how long."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from grader.classes.run import ClassNews
from grader.reports.visible import visible


class Progress:
    """The screen of a class. Where nobody watches (no terminal) there are only the lines."""

    def __init__(self, total: int, places: int) -> None:
        self.console = Console(highlight=False, soft_wrap=True)
        self.bar = Bar(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=self.console, disable=not self.console.is_terminal,
        )  # fmt: skip
        self.task = self.bar.add_task(f"{places} at once", total=total)

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.bar.stop()

    def tell(self, news: ClassNews) -> None:
        """One more result."""
        row = news.row
        mark, style = (
            ("✓", "green") if row.passed else ("✗", "red") if row.status == "graded" else ("–", "yellow")
        )
        what = row.lead if row.status == "graded" else row.status
        text = Text.assemble(
            (mark, style), f" {visible(row.id):<24} {row.points:g}/{row.max_points:g}",
            (f"  {what}", "bold") if what else "", (f"  {visible(row.cause)}", "dim") if row.cause else "",
            ("  as before", "dim") if news.is_old else f"  {row.seconds:.1f} s",
        )  # fmt: skip
        if self.console.is_terminal:
            text.truncate(max(self.console.width - 1, 60), overflow="ellipsis")
        self.bar.console.print(text)
        self.bar.advance(self.task)

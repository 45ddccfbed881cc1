"""What `grader watch` shows: a line a suite, what leads with its explanation, and the keys."""

from collections.abc import Iterator
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.grading.results import Result
from grader.reports.finding_text import explain
from grader.reports.terminal import MARKS
from grader.reports.visible import visible
from grader.watch.view import WatchView

KEYS = "h next hint   a all cases   r race   q quit"
LABEL = 12  # columns for the labels of an explanation


def draw(view: WatchView, name: str, time: str) -> RenderableType:
    """The whole screen. `time` is that of the last save."""
    parts: list[RenderableType] = [_head(view, name, time), *_suites(view)]
    leading = view.leading
    if leading is not None:
        parts += [Text(), _explained(leading, view.hints)]
    return Group(*parts, Text(), Text(KEYS, "dim"))


def _head(view: WatchView, name: str, time: str) -> Text:
    failed = len(view.failed)
    if view.fault:
        state, style = f"not graded: {visible(view.fault)}", "bold red"
    elif view.doing:
        state, style = f"{view.doing} …", "yellow"
    elif failed:
        state, style = f"{failed} fail", "bold red"
    else:
        state, style = "all pass", "bold green"
    return Text.assemble((visible(name), "bold"), f"  {time}  ", (state, style))


def _suites(view: WatchView) -> Iterator[RenderableType]:
    for suite, places in groupby(range(len(view.cases)), key=lambda place: view.cases[place].suite):
        line = Text(f"{suite:<16}")
        of_suite = list(places)
        for place in of_suite:
            result = view.results.get(place)
            mark, style = MARKS[result.status] if result else ("·", "dim")
            line.append(mark, "dim" if place in view.old else style)
        yield line
        shown = [
            n for n in of_suite if n in view.results and (view.shows_all or view.results[n].status == "failed")
        ]
        if shown:
            yield _cases(view, shown)


def _cases(view: WatchView, places: list[int]) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 1), pad_edge=False)
    for place in places:
        result = view.results[place]
        mark, style = MARKS[result.status]
        code = result.findings[0].code if result.findings else ""
        dim = "dim" if place in view.old else ""
        table.add_row(
            Text(f"  {mark}", dim or style), Text(result.case.title, dim), Text(code, dim or "bold red")
        )
    return table


def _explained(result: Result, hints: int) -> Table:
    """What leads, and as many hints as were asked for."""
    table = Table(show_header=False, box=None, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True, min_width=LABEL)
    table.add_column(overflow="fold")
    for place, line in enumerate(explain(result, result.findings[0], "")):
        if line.text:
            table.add_row(Text(line.label, "bold red" if place == 0 else "dim"), Text(line.text))
    for hint in result.case.hints[:hints]:
        table.add_row(Text("hint", "yellow"), Text(hint))
    if hints > len(result.case.hints):
        table.add_row("", Text("there are no more hints", "dim"))
    return table

"""Where a coroutine cedes control: it is run, and each line is noted at which it really lets others go on."""

import inspect
from collections.abc import Callable, Collection, Coroutine, Generator
from dataclasses import dataclass
from types import FrameType
from typing import Any

from grader.notebook.cell_output import CellOutput, preformatted
from grader.notebook.exercises.paper import Judged

CEDES = "<-- others may go on"

Async = Callable[[], Coroutine[Any, Any, Any]]


@dataclass(frozen=True, slots=True)
class _Watched:
    """Awaits a coroutine, and writes down the line at which it stands whenever it waits."""

    coroutine: Coroutine[Any, Any, Any]
    lines: list[int]

    def __await__(self) -> Generator[Any, Any, Any]:
        frame: FrameType = self.coroutine.cr_frame  # type: ignore[attr-defined]
        error: BaseException | None = None
        while True:
            try:
                waits_for = self.coroutine.throw(error) if error else self.coroutine.send(None)
            except StopIteration as end:
                return end.value
            self.lines.append(frame.f_lineno)
            error = None
            try:
                yield waits_for
            except BaseException as raised:  # a cancellation is the coroutine's own affair
                error = raised


async def ceded(function: Async) -> list[int]:
    """Run this coroutine function; the lines at which it ceded control, counted from its `def`, in order."""
    lines: list[int] = []
    await _Watched(function(), lines)
    first = inspect.getsourcelines(function)[1]
    return [line - first + 1 for line in lines]


def numbered(function: Callable[..., object], marked: Collection[int] = ()) -> CellOutput:
    """The lines of a function with their numbers, some of them marked."""
    lines = [line.rstrip() for line in inspect.getsourcelines(function)[0]]
    width = max(map(len, lines))
    rows = [f"{n:2}  {line:{width}}  {CEDES if n in marked else ''}" for n, line in enumerate(lines, 1)]
    text = "\n".join(row.rstrip() for row in rows)
    return CellOutput(text, preformatted(text))


async def watch(function: Async) -> CellOutput:
    """Run this coroutine function, and show the lines at which it ceded control."""
    return numbered(function, await ceded(function))


async def marked(function: Async, points: Collection[int] | None) -> Judged:
    """Whether these are the lines at which the function cedes control; it is run to find out."""
    if not isinstance(points, Collection) or not points or not all(isinstance(one, int) for one in points):
        return Judged(False, "Write the numbers of lines between the braces, like {3, 5}: no quotes.")
    found = set(await ceded(function))
    told = [f"line {line}: nobody else goes on there" for line in sorted(set(points) - found)]
    if told:
        told.append(
            "What stands there is done at once, or holds the only thread: does it have to wait for the loop?"
        )
    if missing := len(found - set(points)):
        told.append(f"lines where others go on, and that are not among yours: {missing}")
        told.append("Look at each line with an await: is what it waits for there already?")
    return Judged(False, "\n".join(told)) if told else Judged(True, numbered(function, found).text)

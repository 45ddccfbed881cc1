"""The one cell at the top of a lesson: `lesson("03")`. After it any cell works: in the middle, and tomorrow."""

import sys
from pathlib import Path
from typing import Any

from grader.notebook.cell_output import CellOutput, paragraphs
from grader.notebook.course.catching_up import catch_up, exercise_of
from grader.notebook.course.lesson_text import LessonText, lesson_text
from grader.notebook.course.progress import heading
from grader.notebook.course.record import keep_in, record


class _CellsWatched:
    """A kernel's cells, of the lesson set up last: what they need is there, and what is written is kept."""

    def __init__(self, shell: Any, text: LessonText) -> None:
        self.shell, self.text = shell, text

    def before(self, info: Any) -> None:
        try:
            made = catch_up(self.text, info.raw_cell or "", self.shell.user_ns)
        except Exception as error:  # of what is written above; this cell then says what it lacks
            print(f"(a cell above failed with {type(error).__name__}: {error})")
            return
        if made:
            print(f"(made from the cells above: {', '.join(made)})")

    def after(self, result: Any) -> None:
        cell = str(result.info.raw_cell or "")
        known = exercise_of(self.text, cell)
        if known is None or not result.success:
            return
        before = record().last("text", cell=known.id)
        if cell != (before["text"] if before else known.given):
            record().add("text", cell=known.id, text=cell)


_watched: list[_CellsWatched] = []  # of this kernel: one, or none


def lesson(number: str) -> CellOutput:
    """Set a lesson up: what is done is kept in this folder, and cells find what they need of those above."""
    text = lesson_text(number)
    if text is None:
        line = f'There is no lesson {number}; write its number as in its title, like lesson("03").'
        return CellOutput(line, paragraphs([line]))
    keep_in(Path.cwd(), number).add("opened", lesson=number)
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        _watch(shell, text)
    return heading(text)


def unwatch() -> None:
    """Look at this kernel's cells no more."""
    while _watched:
        old = _watched.pop()
        old.shell.events.unregister("pre_run_cell", old.before)
        old.shell.events.unregister("post_run_cell", old.after)


def _watch(shell: Any, text: LessonText) -> None:
    unwatch()
    new = _CellsWatched(shell, text)
    _watched.append(new)
    shell.events.register("pre_run_cell", new.before)
    shell.events.register("post_run_cell", new.after)

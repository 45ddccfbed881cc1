"""Cells of lessons, run in this process as a kernel runs them: with magics, and what comes before and after."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from grader.notebook.course.lesson_text import LessonCell, lesson_text

Cell = Callable[[str], Any]


@contextmanager
def shell() -> Iterator[Cell]:
    """Runs a cell, and gives its result; one that raises is a failed test."""
    from IPython.core.interactiveshell import InteractiveShell

    from grader.notebook.course.record import keep_in
    from grader.notebook.course.setting_up import unwatch
    from grader.notebook.kernel import arrange

    ipython = InteractiveShell()
    InteractiveShell._instance = ipython
    arrange()

    def run(text: str) -> Any:
        done = ipython.run_cell(text)
        assert done.success, (done.error_before_exec, done.error_in_exec)
        return done.result

    try:
        yield run
    finally:
        unwatch()
        InteractiveShell.clear_instance()
        keep_in(None)


def lesson_cell(number: str, id: str) -> LessonCell:
    """A cell of a lesson."""
    text = lesson_text(number)
    assert text is not None
    return next(each for each in text.cells if each.id == id)


def written(number: str, id: str) -> str:
    """What its learner gets of a cell."""
    return lesson_cell(number, id).given

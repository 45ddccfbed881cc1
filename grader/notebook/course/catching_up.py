"""A cell that is run out of turn, tomorrow or in the middle, gets what it needs of the cells above it.

Before a cell runs it is read: for each name that nobody has bound yet, the statements above that bind it are
run, and for each file that is not there the cells above that write it, with what was last written in them.
In a run from top to bottom nothing is missing, and nothing is done.
"""

import builtins
import io
import re
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from grader.notebook.course.files import put_file
from grader.notebook.course.lesson_text import LessonCell, LessonText
from grader.notebook.course.record import record
from grader.notebook.course.statements import CellStatement, missing_names, statements

CellNames = dict[str, Any]

MADE = re.compile(r'\b(?:begin|Path)\("(\w+\.\w+)"\)(?!\.read)')
NAMED = re.compile(r"\b(\w+\.(?:py|jsonl|json))\b")


def catch_up(lesson: LessonText, cell: str, names: CellNames) -> list[str]:
    """Have what this cell needs of the cells above it; what had to be made, by name."""
    place = _place(lesson, cell)
    made: list[str] = []
    wanted = [*_files_named(lesson, cell), *sorted(missing_names(_python(cell)))]
    for each in wanted:
        _have(lesson, each, place, names, made)
    return made


def last_written(cell: LessonCell) -> str:
    """What the learner wrote in this cell last; what is given, if nothing yet."""
    if not cell.is_exercise:
        return cell.given
    kept = record().last("text", cell=cell.id)
    return str(kept["text"]) if kept else cell.given


def exercise_of(lesson: LessonText, cell: str) -> LessonCell | None:
    """Which exercise of the lesson a cell is: by the part that it writes, or by the names that it binds."""
    found = LessonCell("", (), cell, "").writes
    bound = {name for each in statements(cell) for name in each.binds}
    for each in lesson.cells:
        if each.ex is None:
            continue
        if found is not None and each.writes == found:
            return each
        asked = names_asked(each)
        if found is None and asked and asked <= bound:
            return each
    return None


def names_asked(cell: LessonCell) -> frozenset[str]:
    """The names that an exercise wants from its learner: those bound by what differs from the solution."""
    model = set(statements(cell.solved))
    return frozenset(name for each in statements(cell.given) if each not in model for name in each.binds)


def _have(lesson: LessonText, wanted: str, place: int, names: CellNames, made: list[str]) -> None:
    if wanted in made or wanted in names or hasattr(builtins, wanted):
        return
    if "." in wanted:
        if not Path(wanted).exists():
            _have_file(lesson, wanted, place, names, made)
        return
    where = _binder(lesson, wanted, place)
    if where is None:
        return
    made.append(wanted)
    binding = [each for each in statements(_python(last_written(lesson.cells[where]))) if wanted in each.binds]
    for statement in binding:
        _run(lesson, statement, where, names, made)


def _have_file(lesson: LessonText, file: str, place: int, names: CellNames, made: list[str]) -> None:
    makers = [n for n, cell in enumerate(lesson.cells) if _makes(cell, file)]
    before = [n for n in makers if n < place] or makers[:1]
    if before:
        made.append(file)
    for n in before:
        cell = lesson.cells[n]
        text = last_written(cell)
        for other in _files_named(lesson, text):
            _have(lesson, other, n, names, made)
        if cell.writes is None:
            for statement in statements(text):
                if not statement.binds or statement.needs & {"begin", "Path"}:
                    _run(lesson, statement, n, names, made)
        else:
            _write(cell, text)


def _run(lesson: LessonText, statement: CellStatement, where: int, names: CellNames, made: list[str]) -> None:
    """Run a statement of a cell above, after what it needs itself. What it prints was its own cell's affair."""
    for need in sorted(statement.needs):
        _have(lesson, need, where, names, made)
    if statement.code is None:
        return
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        exec(statement.code, names)


def _write(cell: LessonCell, text: str) -> None:
    """What a cell with `%%writefile` or `%%part` does."""
    from grader.notebook.nodes.parts import put_part, replaced

    assert cell.writes is not None
    file, name = cell.writes
    body = text.partition("\n")[2] + "\n"
    if name is None:
        put_file(file, body, is_given=text == cell.given)
    else:
        source = Path(file).read_text("utf-8")
        put_part(file, name, source, replaced(source, name, body))


def _makes(cell: LessonCell, file: str) -> bool:
    if cell.writes is not None:
        return cell.writes[0] == file
    return file in MADE.findall(cell.given)


def _files_named(lesson: LessonText, text: str) -> Iterator[str]:
    """The files of the lesson that a text names, by themselves or as modules, and does not write whole."""
    own = LessonCell("", (), text, "").writes
    for file in dict.fromkeys(name for cell in lesson.cells for name in made_by(cell)):
        if own == (file, None) or file in MADE.findall(text):
            continue
        module = file.removesuffix(".py")
        imports = re.search(rf"^\s*(?:from {module} import|import {module}\b)", text, re.M)
        if file in NAMED.findall(text) or imports:
            yield file


def made_by(cell: LessonCell) -> list[str]:
    """The files that a cell writes, whole or a part of them."""
    return [cell.writes[0]] if cell.writes is not None else MADE.findall(cell.given)


def _binder(lesson: LessonText, name: str, place: int) -> int | None:
    """The cell that binds this name for the cell at this place: the last one above it, else the first."""
    binders = [
        n
        for n, cell in enumerate(lesson.cells)
        if any(name in each.binds for each in statements(_python(last_written(cell))))
    ]
    above = [n for n in binders if n < place]
    return above[-1] if above else (binders[0] if binders else None)


def _place(lesson: LessonText, cell: str) -> int:
    """Where in the lesson a cell stands: by its text, else by what it writes or binds; else at the end."""
    for n, each in enumerate(lesson.cells):
        if cell.strip() in (each.given.strip(), each.solved.strip()):
            return n
    known = exercise_of(lesson, cell)
    if known is not None:
        return lesson.cells.index(known)
    firsts = [each.given.strip().split("\n", 1)[0] for each in lesson.cells]
    first = cell.strip().split("\n", 1)[0]
    return firsts.index(first) if first in firsts else len(lesson.cells)


def _python(cell: str) -> str:
    return "" if cell.lstrip().startswith("%%") else cell

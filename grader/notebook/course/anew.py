"""An exercise begun anew, and the model solution beside a learner's own, once theirs is right."""

import ast
from html import escape
from pathlib import Path

from grader.notebook.cell_output import CellOutput, paragraphs, preformatted
from grader.notebook.course.catching_up import last_written
from grader.notebook.course.files import keep, put_file
from grader.notebook.course.lesson_text import LessonCell, LessonText, lesson_text
from grader.notebook.course.record import record
from grader.notebook.exercises.lesson_files import LESSONS, load


def reset(ex: str = "") -> CellOutput:
    """Bring an exercise, a prediction, or a whole lesson back to its beginning.

    What was there lies in the folder `kept`. A cell's text is its learner's, and no program changes it: what it
    began with is shown, to be copied.
    """
    if (lesson := lesson_text(ex)) is not None:
        return _begin_anew(lesson)
    found = _cells(ex)
    if not found and not _is_prediction(ex):
        return _unknown(ex, "reset", 'or reset("03") for a whole lesson')
    kept = _given_again(ex, found)
    where = ", ".join(dict.fromkeys(path.as_posix() for path in kept))
    lines = [f"{ex} is as it was at the beginning.", *([f"What was there: {where}."] if where else [])]
    if found:
        lines.append("Its cell above is yours and stays as it is. It began like this:")
    texts = [cell.given for cell in found]
    return CellOutput(
        "\n\n".join([*lines, *texts]), paragraphs(lines) + "".join(preformatted(text) for text in texts)
    )


def _begin_anew(lesson: LessonText) -> CellOutput:
    """A whole lesson: its files go into `kept`, and its cells write them again."""
    kept: list[Path] = []
    for file in dict.fromkeys(cell.writes[0] for cell in lesson.cells if cell.is_exercise and cell.writes):
        if Path(file).is_file():
            kept.append(keep(file, Path(file).read_text("utf-8", "replace")))
            Path(file).unlink()
    for ex in dict.fromkeys(cell.ex for cell in lesson.cells if cell.is_exercise and cell.ex):
        kept += _given_again(ex, _cells(ex))
    for name in [*lesson.exercises, *_predictions(lesson.number)]:
        record().add("reset", ex=name)
    where = ", ".join(dict.fromkeys(path.as_posix() for path in kept))
    lines = [f"Lesson {lesson.number} begins anew: nothing is solved, and nothing is predicted."]
    lines += [f"What was there: {where}."] if where else []
    lines.append("What stands in its cells is yours and stays; a fresh copy of the notebook has the stubs.")
    return CellOutput("\n".join(lines), paragraphs(lines))


def _given_again(ex: str, found: list[LessonCell]) -> list[Path]:
    """Have what its cells began with; where the copies of what was there went."""
    kept: list[Path] = []
    for cell in found:
        text = last_written(cell)
        if text != cell.given:
            kept.append(keep(f"{ex}.txt", text))
            record().add("text", cell=cell.id, text=cell.given)
        if (copy := _put_back(cell)) is not None:
            kept.append(copy)
    record().add("reset", ex=ex)
    return kept


def solution(ex: str, *, unsolved: bool = False) -> CellOutput:
    """The model solution of an exercise beside your own, once yours is right.

    Of a whole lesson: its nodes, each in a file of its own; with `unsolved=True` before that, too.
    """
    if (lesson := lesson_text(ex)) is not None:
        return _models(lesson, unsolved=unsolved)
    found = _cells(ex)
    if not found:
        return _unknown(ex, "solution")
    if ex not in record().solved():
        return _line(f'{ex} is not solved yet. Stuck? hint("{ex}") tells you more.')
    texts, rows = [], []
    for cell in found:
        own, model = _own(cell), _body(cell, cell.solved)
        head = " ".join(part for part in cell.writes or () if part)
        texts.append(f"{head}\n--- yours ---\n{own}\n--- the model ---\n{model}".strip())
        rows.append(f"<p>{escape(head)}</p>{_beside({'yours': own, 'the model': model})}")
    said = "The model is one way, not the way: the check has found nothing wrong with yours."
    return CellOutput("\n\n".join([*texts, said]), "".join(rows) + paragraphs([said]))


def _models(lesson: LessonText, *, unsolved: bool) -> CellOutput:
    """Each file that the lesson's exercises write, as it is when all are solved, under another name."""
    from grader.notebook.nodes.parts import replaced
    from grader.templates.new_node import TEMPLATE

    cells = [cell for cell in lesson.cells if cell.writes]
    files = dict.fromkeys(cell.writes[0] for cell in cells if cell.writes and cell.is_exercise)
    left = [ex for ex in lesson.exercises if ex not in record().solved()]
    if not files:
        return _line(f"The exercises of lesson {lesson.number} write no file.")
    if left and not unsolved:
        line = f"Of lesson {lesson.number} {', '.join(left)} are not solved yet. "
        return _line(f'{line}To see it all the same: solution("{lesson.number}", unsolved=True).')
    made = []
    for file in files:
        text = ""
        for cell in cells:
            if cell.writes is None or cell.writes[0] != file:
                continue
            part, body = cell.writes[1], _body(cell, cell.solved) + "\n"
            text = body if part is None else replaced(text or TEMPLATE.read_text("utf-8"), part, body)
        made.append(f"model_{file}")
        put_file(made[-1], text, is_given=True)
    return _line(f"Written: {', '.join(made)}. It is one way, not the way.")


def _beside(texts: dict[str, str]) -> str:
    """Texts in columns; where it is narrow, one below the other."""
    columns = (
        f'<div style="flex: 1 1 24em; min-width: 0"><strong>{escape(name)}</strong>{preformatted(text)}</div>'
        for name, text in texts.items()
    )
    return f'<div style="display: flex; flex-wrap: wrap; gap: 0 1.5em">{"".join(columns)}</div>'


def _cells(ex: str) -> list[LessonCell]:
    text = lesson_text(ex.partition(".")[0])
    return [cell for cell in (text.cells if text else ()) if cell.is_exercise and cell.ex == ex]


def _is_prediction(name: str) -> bool:
    from grader.notebook.exercises.predictions import offered

    return bool(offered(name))


def _predictions(number: str) -> list[str]:
    """Those of a lesson."""
    return [name for name in load(f"{LESSONS}/predictions.toml") if name.startswith(f"{number}.")]


def _unknown(ex: str, call: str, more: str = "") -> CellOutput:
    """There is nothing to write under this number: in no lesson, or only in this exercise."""
    number = ex.partition(".")[0]
    if (lesson := lesson_text(number)) is not None and ex in lesson.exercises:
        return _line(f"There is nothing to write in {ex}: it checks what those before it have made.")
    which = f"There is no exercise {ex}; write" if ex else "Which one? Write"
    example = ", ".join(part for part in (f'like {call}("03.2")', more) if part)
    return _line(f"{which} its number as the check does, {example}.")


def _put_back(cell: LessonCell) -> Path | None:
    """The file, or the part, or the names of a cell as they were given; where the copy of a file went."""
    if cell.writes is None:
        _bind_again(cell)
        return None
    file, name = cell.writes
    body = _body(cell, cell.given) + "\n"
    if name is None:
        return put_file(file, body, is_given=True)
    from grader.notebook.nodes.parts import NoParts, put_part, replaced

    try:
        source = Path(file).read_text("utf-8")
        return put_part(file, name, source, replaced(source, name, body))
    except (OSError, NoParts):
        return None  # there is no node to put it into; `begin` writes one


def _bind_again(cell: LessonCell) -> None:
    """In a kernel: what the cell binds to something plain, as a number or a text, is as it was given."""
    import sys

    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        return
    for statement in ast.parse(cell.given).body:
        if isinstance(statement, ast.Assign | ast.FunctionDef):
            exec(compile(ast.Module([statement], []), f"<{cell.id}>", "exec"), shell.user_ns)


def _own(cell: LessonCell) -> str:
    """What the learner has made of a cell: the part or the file as it is now, else what was run last."""
    if cell.writes is not None:
        from grader.notebook.nodes.parts import part

        file, name = cell.writes
        if name is not None:
            return part(file, name).text
        if Path(file).is_file():
            return Path(file).read_text("utf-8", "replace").rstrip("\n")
    return _body(cell, last_written(cell))


def _body(cell: LessonCell, text: str) -> str:
    return text.partition("\n")[2] if cell.writes is not None else text


def _line(line: str) -> CellOutput:
    return CellOutput(line, paragraphs([line]))

"""What is done, lesson by lesson; and the map of the course."""

from collections.abc import Sequence
from html import escape

from grader.notebook.cell_output import CellOutput
from grader.notebook.course.lesson_text import LessonText, all_lessons
from grader.notebook.course.record import FILE, record
from grader.notebook.exercises.lesson_files import LESSONS, load

DONE, OPEN = "✓", "·"


def progress(lesson: str = "") -> CellOutput:
    """What is done in each lesson, or in this one, exercise by exercise; kept in a file of this folder."""
    solved = record().solved()
    rows = [
        (text, [(ex, ex in solved) for ex in text.exercises])
        for text in all_lessons()
        if text.number == (lesson or text.number)
    ]
    if not rows:
        return _lines([f"There is no lesson {lesson}." if lesson else "The lessons are not at hand."])
    lines, cells = [], []
    for text, exercises in rows:
        marks = " ".join(f"{DONE if done else OPEN} {ex.partition('.')[2]}" for ex, done in exercises)
        count = f"{sum(done for _, done in exercises)} of {len(exercises)}"
        lines.append(f"{text.number}  {count:>8}  {marks}")
        cells.append((_link(text, f"{text.number} · {text.name}"), escape(count), escape(marks)))
    total = sum(len(exercises) for _, exercises in rows)
    done = sum(done for _, exercises in rows for _, done in exercises)
    path = record().path
    kept = (
        f"It is kept in {FILE}, beside the lessons." if path else 'Nothing is kept yet: run lesson("…") first.'
    )
    where = f"in lesson {lesson}" if lesson else "in the whole course"
    lines += ["", f"{done} of {total} {where}. {kept}"]
    return CellOutput("\n".join(lines), f"{_table(('lesson', 'done', ''), cells)}<p>{escape(lines[-1])}</p>")


def course() -> CellOutput:
    """The map of the course: its lessons, what each teaches, how long it takes, how much of it is done."""
    solved = record().solved()
    about = load(f"{LESSONS}/course.toml")
    lines, cells = [], []
    for text in all_lessons():
        done = f"{len(solved & set(text.exercises))} of {len(text.exercises)}"
        teaches = about.get(text.number, {}).get("teaches", "")
        lines.append(f"{text.number}  {text.minutes:>3} min  {done:>8}  {text.name}: {teaches}")
        name = _link(text, f"{text.number} · {text.name}")
        cells.append((name, escape(teaches), f"{text.minutes}\u00a0min", escape(done.replace(" ", "\u00a0"))))
    return CellOutput("\n".join(lines), _table(("lesson", "the one thing learnt", "takes", "done"), cells))


def heading(text: LessonText) -> CellOutput:
    """Where in the course a lesson stands: how long it takes, what is done, and which come before and after."""
    known = list(all_lessons())
    at = [each.number for each in known].index(text.number)
    solved = record().solved()
    left = [ex for ex in text.exercises if ex not in solved]
    done = len(text.exercises) - len(left)
    said = f"Lesson {text.number}, about {text.minutes} minutes; done: {done} of {len(text.exercises)}."
    if done:
        said += f" Go on with {left[0]}." if left else " All of it."
    near = [("Before", known[at - 1] if at else None), ("Next", known[at + 1] if at + 1 < len(known) else None)]
    ways = [(where, each) for where, each in near if each is not None]
    plain = [said, *(f"{where}: {each.file}" for where, each in ways)]
    links = " · ".join(f"{where}: {_link(each, f'{each.number} · {each.name}')}" for where, each in ways)
    return CellOutput("\n".join(plain), f"<p>{escape(said)}</p><p>{links}</p>")


def _link(text: LessonText, words: str) -> str:
    return f'<a href="{escape(text.file)}">{escape(words)}</a>'


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells are HTML already."""
    left = 'style="text-align: left; vertical-align: top"'
    heads = "".join(f"<th {left}>{escape(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td {left}>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _lines(lines: Sequence[str]) -> CellOutput:
    return CellOutput("\n".join(lines), "".join(f"<p>{escape(line)}</p>" for line in lines))

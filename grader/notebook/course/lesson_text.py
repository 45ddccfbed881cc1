"""A lesson as its source says it: its cells, and of each exercise what is given and what solves it.

A source is MyST Markdown. An exercise holds both its solution, between marks, and the stub in its place.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from grader.notebook.exercises.lesson_files import LESSONS, find, load

SOLUTION = re.compile(r"^[ \t]*### BEGIN SOLUTION\n(.*?)^[ \t]*### END SOLUTION\n?", re.S | re.M)
STUB = re.compile(r"^([ \t]*)# STUB: ?(.*)\n?", re.M)
TITLE = re.compile(r"^# (\d\d) · ([^:\n]+)", re.M)

CELL = re.compile(r"^```\{code-cell\} ipython3\n((?::[^\n]*\n)*)(.*?)^```$", re.S | re.M)
OPTION = re.compile(r"^:(\w+): (.*)$", re.M)
EXERCISE = re.compile(r"ex-(\d\d)-(\d+)")
ASKED = re.compile(r'\b(?:check|answer)\(\s*"(\d\d\.\w+)"')
MAGIC = re.compile(r"%%(writefile|part) (\S+)(?: (\w+))?\n")


@dataclass(frozen=True, slots=True)
class LessonCell:
    """A code cell of a lesson, as its learner gets it, and as it is solved."""

    id: str
    tags: tuple[str, ...]
    given: str
    solved: str

    @property
    def is_exercise(self) -> bool:
        """Whether the learner has something to write in it."""
        return "exercise" in self.tags

    @property
    def ex(self) -> str | None:
        """The exercise that it is, or is a part of: `ex-03-2-guard` is one of 03.2."""
        found = EXERCISE.match(self.id)
        return f"{found[1]}.{found[2]}" if found else None

    @property
    def writes(self) -> tuple[str, str | None] | None:
        """The file that it puts its text into, and which part of it."""
        found = MAGIC.match(self.given)
        return (found[2], found[3]) if found else None


@dataclass(frozen=True, slots=True)
class LessonText:
    """A lesson: its number, name and file, and its code cells in order."""

    number: str
    name: str
    file: str
    minutes: int
    cells: tuple[LessonCell, ...]

    @property
    def exercises(self) -> tuple[str, ...]:
        """What is checked or asked in it, in order."""
        return tuple(dict.fromkeys(ex for cell in self.cells for ex in ASKED.findall(cell.given)))


def given(text: str) -> str:
    """What a learner gets of a cell: the stub in the place of the solution."""
    return STUB.sub(r"\1\2\n", SOLUTION.sub("", text))


def solved(text: str) -> str:
    """The cell with its solution."""
    return STUB.sub("", SOLUTION.sub(r"\1", text))


def file_name(number: str, name: str) -> str:
    """The notebook's: `00-talk-to-a-node.ipynb`."""
    return "-".join([number, *re.findall(r"\w+", name.lower())]) + ".ipynb"


def cells_of(source: str) -> tuple[LessonCell, ...]:
    """The code cells of a source, in order."""
    found = []
    for options, text in CELL.findall(source):
        known = dict(OPTION.findall(options))
        tags = tuple(re.findall(r"[\w-]+", known.get("tags", "")))
        found.append(LessonCell(known["id"], tags, given(text).rstrip("\n"), solved(text).rstrip("\n")))
    return tuple(found)


@cache
def lesson_text(number: str) -> LessonText | None:
    """The lesson of this number; None where its source is not at hand."""
    path = find(f"{LESSONS}/{number}.md")
    source = path.read_text("utf-8") if path else ""
    title = TITLE.search(source)
    if title is None:
        return None
    name = title[2].strip()
    minutes = load(f"{LESSONS}/course.toml").get(number, {}).get("minutes", 0)
    return LessonText(number, name, file_name(number, name), minutes, cells_of(source))


def all_lessons() -> Sequence[LessonText]:
    """The lessons that are at hand, in order."""
    path = find(f"{LESSONS}/course.toml")
    numbers = sorted(each.stem for each in path.parent.glob("[0-9][0-9].md")) if path else []
    return [text for number in numbers if (text := lesson_text(number)) is not None]

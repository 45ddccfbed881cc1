"""From a lesson's source to its notebook, for the learner or solved; and what of a run is committed.

A source is MyST Markdown; every cell has an id, an exercise holds both its solution and its stub.
"""

import copy
import re
from pathlib import Path
from typing import Any

import jupytext
import nbformat

from grader.notebook.course.lesson_text import SOLUTION, STUB, TITLE, file_name
from grader.notebook.course.lesson_text import given as given_text
from grader.notebook.course.lesson_text import solved as solved_text
from grader.notebook.exercises.lesson_files import LESSONS

NOTEBOOKS = Path(__file__).parents[1]
SOURCES = NOTEBOOKS / LESSONS

SECONDS = re.compile(r"\d+\.\d+(?= s\b)")  # no two runs take the same time

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
WIDGET = "application/vnd.jupyter.widget-view+json"


class BrokenLesson(Exception):
    """A source that does not keep the rules; the text says which cell, and what to do."""


def sources() -> list[Path]:
    """The lessons' sources, in order."""
    return sorted(SOURCES.glob("[0-9][0-9].md"))


def build(text: str, solved: bool) -> Any:
    """The notebook of a source, not yet executed. Raises BrokenLesson."""
    notebook = jupytext.reads(text, fmt="md:myst")
    notebook.metadata = nbformat.from_dict(KERNEL)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    ids = set()
    for cell in notebook.cells:
        cell.id = cell.metadata.pop("id", "")
        if not cell.id or cell.id in ids:
            raise BrokenLesson(f"{cell.id or cell.source[:40]!r}: each cell needs an id of its own")
        ids.add(cell.id)
        if "exercise" in tags(cell):
            cell.source = _exercise(cell.id, cell.source + "\n", solved)
    return notebook


def solutions(text: str) -> list[str]:
    """The solutions of a source, each with its lines stripped: none may stand in the learner's notebook."""
    return [stripped(block) for block in SOLUTION.findall(text)]


def given(text: str) -> str:
    """What a source shows to learners, stubs too, its lines stripped: a solution may need some of it again."""
    return stripped(given_text(text))


def stripped(text: str) -> str:
    """A text without blank lines, and without white space around the others."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def name_of(notebook: Any) -> str:
    """The file name of a notebook, from its first heading: `# 00 · Talk to a node: …`."""
    title = TITLE.search(notebook.cells[0].source)
    if title is None:
        raise BrokenLesson("the first cell needs a heading like: # 00 · Talk to a node: …")
    return file_name(title[1], title[2])


def tags(cell: Any) -> list[str]:
    """The tags of a cell."""
    return list(cell.metadata.get("tags", []))


def tidy(notebook: Any) -> Any:
    """An executed notebook as it is committed: without what differs from run to run."""
    notebook.metadata = nbformat.from_dict(KERNEL)
    for cell in notebook.cells:
        if "volatile" in tags(cell):
            cell.outputs = []
        for output in cell.get("outputs", []):
            if "text" in output:
                output.text = _without_times(output.text)
            data = output.get("data", {})
            data.pop(WIDGET, None)
            if "image/png" in data:
                data.pop("text/html", None)  # it holds the same picture once more
            for kind in ("text/plain", "text/html"):
                if kind in data:
                    data[kind] = _without_times(data[kind])
    return notebook


def without_pictures(notebook: Any) -> Any:
    """A notebook for comparing: of a picture only that it is there, as its bytes hang on the machine."""
    same = copy.deepcopy(notebook)
    for cell in same.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = "a picture"
    return same


def _exercise(cell: str, source: str, solved: bool) -> str:
    if not SOLUTION.search(source) or not STUB.search(source):
        raise BrokenLesson(f"{cell}: an exercise needs a solution between its marks, and a stub")
    if solved:
        return solved_text(source).rstrip("\n")
    return given_text(source).rstrip("\n")


def _without_times(text: str) -> str:
    return SECONDS.sub(lambda time: "–".rjust(len(time[0])), text)

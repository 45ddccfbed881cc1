"""Nodes for a job of a lesson's own: some with one mistake each, to be caught by cases; some that are right."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from grader.notebook.course.files import put_file
from grader.notebook.course.lesson_text import lesson_text
from grader.notebook.exercises.lesson_files import LESSONS, load

RIGHT = ("an office", "another office")  # as they are named; their files are not shown


def planted(ex: str) -> list[str]:
    """Write the nodes of this exercise that have a mistake; their files."""
    nodes: Mapping[str, str] = load(f"{LESSONS}/planted.toml")[ex]["wrong"]
    for file, source in nodes.items():
        put_file(file, source.lstrip("\n"), is_given=True)
    return list(nodes)


@contextmanager
def right_ones(ex: str) -> Iterator[Mapping[str, str]]:
    """Nodes that do the job of this exercise rightly, by name: the lesson's own, in two variants."""
    about = load(f"{LESSONS}/planted.toml")[ex]
    lesson = lesson_text(ex.partition(".")[0])
    assert lesson is not None
    cell = next(each for each in lesson.cells if each.writes == (about["model"], None))
    source = cell.solved.partition("\n")[2] + "\n"
    old, new = about["swaps"]
    with TemporaryDirectory() as folder:
        files = [Path(folder, f"{n}.py") for n in range(len(RIGHT))]
        for file, text in zip(files, (source, source.replace(old, new)), strict=True):
            file.write_text(text, "utf-8")
        yield dict(zip(RIGHT, map(str, files), strict=True))

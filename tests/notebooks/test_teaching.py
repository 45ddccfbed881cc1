"""The teacher's page keeps up with the lessons: each has its section, and its answers are the right ones."""

import re
from pathlib import Path

import pytest

from grader.notebook.exercises.lesson_files import LESSONS, load
from notebooks.source.lessons import NOTEBOOKS, SOLUTION, TITLE, sources

PAGE = (NOTEBOOKS / "TEACHING.md").read_text("utf-8")
SECTION = re.compile(r"^## (\d\d) · ([^\n]*)\n(.*?)(?=^## |^---)", re.S | re.M)
TOLD = (
    "Aim",
    "Minutes",
    "Misconceptions",
    "Ask the room",
    "What goes wrong",
    "Answers",
    "Ten minutes",
    "The whole lesson",
)
SECTIONS = {number: (title, text) for number, title, text in SECTION.findall(PAGE)}


@pytest.mark.parametrize("source", [pytest.param(path, id=path.stem) for path in sources()])
def test_each_lesson_has_its_section_with_the_right_answers(source: Path) -> None:
    text = source.read_text("utf-8")
    title, section = SECTIONS[source.stem]
    heading = TITLE.search(text)
    assert heading is not None
    assert heading[2] == title
    for part in TOLD:
        assert f"**{part}" in section
    given = re.findall(r'^(?:predict|answer)\("([\w.]+)", "(\w+)"\)', "".join(SOLUTION.findall(text)), re.M)
    assert given
    for name, choice in given:
        if ".r" in name:
            continue  # what is asked of earlier lessons, to warm up
        assert re.search(rf"`{re.escape(name)}`:\s+{choice}\b", section), (name, choice)
    for name in re.findall(r'\bcheck\("([\w.]+)"', text):
        assert name in section


def test_the_minutes_are_those_of_the_map() -> None:
    for number, about in load(f"{LESSONS}/course.toml").items():
        assert f"| {number} | {about['minutes']} |" in PAGE
        assert re.search(rf"\*\*Minutes\.\*\* {about['minutes']}\b", SECTIONS[number][1])

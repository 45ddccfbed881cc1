# ruff: noqa: E402
"""What learners have met in the lessons, and must not meet again; each failed before it was mended."""

from tests.notebooks import jupyter

jupyter.needed()

import re
from pathlib import Path

import pytest

from grader.notebook import grade, listing
from grader.notebook.course.lesson_text import all_lessons
from grader.notebook.exercises.lesson_files import LESSONS, load
from notebooks.source.lessons import NOTEBOOKS
from tests.notebooks.cells import Cell, lesson_cell

SET_UP = 'from grader.notebook import *\nlesson("{}")'


def test_04_the_scaffold_ends_in_no_error_of_its_own(cell: Cell) -> None:
    """Its reader awaits `drain` long before the learner writes one."""
    cell(SET_UP.format("04"))
    for id in ("make-begin", "make-head", "make-read", "make-drain", "make-guard", "make-handlers"):
        cell(lesson_cell("04", id).given)
    cell(lesson_cell("04", "ex-04-2").solved)
    cell(lesson_cell("04", "dispatch-reply-first").given)
    shown = grade("my_asyncio.py", cases=["echo"]).grade
    assert shown is not None
    [result] = shown.results
    assert result.status == "passed"
    assert [event for event in result.transcript if "Error" in str(event)] == []


@pytest.mark.parametrize(
    ("number", "exercises", "check", "right", "wrong"),
    [
        ("01", ["ex-01-2"], "check-01-2", '["in_reply_to"], None)', '["in_reply_to"])'),
        (
            "05",
            ["ex-05-1", "make-reply-part", "ex-05-2"],
            "check-05-2",
            'self.post.put(("close", None, None, None))',
            "pass",
        ),
    ],
)
def test_what_an_exercise_asks_for_is_checked(
    number: str, exercises: list[str], check: str, right: str, wrong: str, cell: Cell
) -> None:
    """01: a reply for which nobody waits is dropped. 05: those who wait are told."""
    cell(SET_UP.format(number))
    for id in exercises[:-1]:
        cell(lesson_cell(number, id).solved)
    for text, ok in ((right, True), (wrong, False)):
        solved = lesson_cell(number, exercises[-1]).solved
        assert solved.count(right) == 1
        cell(solved.replace(right, text))
        assert cell(lesson_cell(number, check).given).ok is ok


def test_06_says_what_a_turn_is_before_it_shows_one() -> None:
    source = (NOTEBOOKS / LESSONS / "06.md").read_text("utf-8")
    assert source.index("its **turn**") < source.index("side_by_side(")


def test_03_looks_for_the_lock_that_no_case_shows() -> None:
    assert 'safe="two-echoes"' in lesson_cell("03", "check-03-2").given


def test_what_is_told_of_a_prediction_does_not_stand_beside_its_question() -> None:
    known = load(f"{LESSONS}/predictions.toml")
    for text in all_lessons():
        lesson = " ".join((NOTEBOOKS / LESSONS / f"{text.number}.md").read_text("utf-8").split())
        for name in (name for name in known if name.startswith(text.number)):
            assert f'revealed("{name}"' in lesson
            for sentence in known[name]["told"].replace("\n", " ").split(". "):
                assert sentence not in lesson


def test_lines_are_numbered_as_reports_name_them(tmp_path: Path) -> None:
    file = tmp_path / "node.py"
    file.write_text("one\n\nthree\n" + "x\n" * 8)
    assert listing(str(file)).text.splitlines()[:3] == [" 1  one", " 2", " 3  three"]
    assert "run the cells above first" in listing(str(tmp_path / "nowhere.py")).text


@pytest.mark.parametrize(
    "word", ["race", "atomic", "interleaving", "critical section", "preemption", "deadlock"]
)
def test_where_a_lesson_uses_a_word_of_the_glossary_first_it_links_it(word: str) -> None:
    """In its text, that is: not in a heading, nor in what stands between backticks, as a command's name."""
    linked = set()
    for text in all_lessons():
        source = (NOTEBOOKS / LESSONS / f"{text.number}.md").read_text("utf-8").partition("\n---\n")[2]
        prose = re.sub(r"^```.*?^```$|^\+\+\+.*?$|^#.*?$|`[^`\n]*`", "", source, flags=re.S | re.M)
        if first := re.search(rf"(?i)(\[?)\b{word}s?\b(\](\(glossary\.md#{word.replace(' ', '-')}\)))?", prose):
            assert first[0].endswith(")"), (text.number, prose[first.start() - 40 : first.end() + 40])
            assert first[1]
            linked.add(text.number)
    assert linked

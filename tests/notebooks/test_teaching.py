"""The teacher's page keeps up with the lessons: each has its section, and its answers are the right ones.

Whoever adds a case is told here which sentences count them.
"""

import re
from pathlib import Path

import pytest

from grader.cases.select import DEFAULT_SUITES, select
from grader.classes.of_lesson import lesson_nodes
from grader.notebook import seat
from grader.notebook.course.lesson_text import lesson_text
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
    "Forty-five minutes",
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
        assert re.search(rf"`{re.escape(name)}`:\s+{choice}\b", section), (name, choice)
    for name in re.findall(r'\bcheck\("([\w.]+)"', text):
        assert name in section


def test_the_minutes_are_those_of_the_map() -> None:
    for number, about in load(f"{LESSONS}/course.toml").items():
        assert f"| {number} | {about['minutes']} |" in PAGE
        assert re.search(rf"\*\*Minutes\.\*\* {about['minutes']}\b", SECTIONS[number][1])


def test_every_letter_is_the_right_one() -> None:
    known = load(f"{LESSONS}/questions.toml") | load(f"{LESSONS}/predictions.toml")
    told = dict(re.findall(r"`(\d\d\.(?!\d\b)\w+)`:\s+(\w+)", PAGE))
    assert set(known) <= set(told) | {"06.bets"}
    assert told == {name: known[name]["right"] for name in told if name in known} | {
        name: told[name] for name in told if name not in known
    }


def test_the_moves_of_lesson_02_reach_their_goals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = lesson_text("02")
    assert text is not None
    for cell in text.cells:
        if cell.writes:
            Path(cell.writes[0]).write_text(cell.solved.partition("\n")[2] + "\n", "utf-8")
    section = SECTIONS["02"][1]
    told = dict(re.findall(r"`(02\.\d)`:\s+`([\d ]+)`", section))
    same = {"code": "duplicate-msg-id", "goal": "…"}
    level_1 = seat("two_hands.py", **same)
    for last in (0, -1):  # "then as you like": always the first who can go on, or the last
        moves = told["02.1"]
        while legal := level_1.play(moves).game.position.moves:
            moves = f"{moves} {legal[last].token}"
        assert level_1.reached
    assert seat("two_hands.py", preemptions=1, **same).play(told["02.2"]).reached
    assert seat("each_line.py", **same).play(told["02.3"]).reached
    assert seat("crossed.py", code="deadlock", goal="…").play(told["02.5"]).reached
    [line] = re.findall(r"`02\.4`:\s+(\d+)", section)
    assert Path("one_block.py").read_text("utf-8").splitlines()[int(line) - 1].strip() == "with lock:"


def test_the_cases_are_as_many_as_is_said() -> None:
    of = {suite: len(select([suite])) for suite in DEFAULT_SUITES}
    page = " ".join(PAGE.split())
    assert f"`async-handler` ({of['async-handler']} cases)" in page
    assert f"`rpc` ({of['rpc']})" in page
    assert f"`interleaving` ({of['interleaving']} workloads)" in page
    assert f"are three of {sum(of.values())} points" in page
    assert "has all of `rpc` and some half" in page
    both = of["async-handler"] + of["rpc"] - len(lesson_nodes()["03"].but) + 1  # one of them is a workload
    assert f"passed {both} cases" in page
    assert f"both suites, {both} conversations" in source_of("03")
    assert source_of("08").count(f"all {of['async-handler']} cases of `async-handler`") == 2
    assert f"did the {of['async-handler']} cases not try" in (NOTEBOOKS / LESSONS / "hints.toml").read_text(
        "utf-8"
    )


def test_there_is_a_command_for_each_lesson_that_ends_in_a_node() -> None:
    for number, node in lesson_nodes().items():
        points = sum(case.points for case in select(node.suites, node.cases, but=node.but))
        command = f"`grader class handed-in --lesson {number}`"
        assert re.search(rf"\| {number} \| [^|]*`{node.file}`[^|]* \| {command} \| {points:g} \|", PAGE), number


def source_of(number: str) -> str:
    return " ".join((NOTEBOOKS / LESSONS / f"{number}.md").read_text("utf-8").split())

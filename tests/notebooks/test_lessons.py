# ruff: noqa: E402
"""The lessons can't rot: each is run strictly, unsolved and solved, and the committed one is what was built."""

from tests.notebooks import jupyter

jupyter.needed()

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from grader.notebook.cell_output import VERDICT
from grader.notebook.exercises.grading import answer
from grader.notebook.exercises.lesson_files import LESSONS as FOLDER
from grader.notebook.exercises.lesson_files import load
from notebooks.source.affected import affected
from notebooks.source.lessons import (
    NOTEBOOKS,
    build,
    given,
    name_of,
    solutions,
    sources,
    stripped,
    tags,
    tidy,
    without_pictures,
)
from notebooks.source.strict import run

pytestmark = pytest.mark.timeout(
    600
)  # whole lessons, which grade and race: on a busy machine it takes its time
IDS = Path(__file__).parent / "cell_ids.json"
LESSONS = [pytest.param(path, id=path.stem) for path in sources()]
SOLVED = {  # what a lesson's prose relies on: rows that its board shows, by cell
    "08": {
        "run-board": (
            r"mutant_a.py +survives +wrong-payload +survives +survives$",
            r"mutant_b.py +survives +survives +cross-talk +survives$",
            r"mutant_c.py +survives +survives +survives +data-race$",
        )
    }
}
IN_SOURCE = r'\b(?:{})\("([\w.]+)"'


def executed(source: Path, folder: Path) -> tuple[Any, Any, list[str]]:
    """The learner's notebook, executed, then what changes once it is solved; in one kernel, as learners do it.

    What does not hang on an exercise is not run twice: it would show the same again.
    """
    text = source.read_text("utf-8")
    notebook = build(text, solved=False)
    again = copy.deepcopy(notebook)
    again.cells = affected(notebook, build(text, solved=True))
    for cell in again.cells:
        cell.id = f"{cell.id}, solved"
    both = copy.copy(notebook)
    both.cells = [*notebook.cells, *again.cells]
    return notebook, again, run(both, folder)


def outputs(notebook: Any) -> Iterator[tuple[Any, Any]]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            yield cell, output


def verdicts(notebook: Any) -> dict[str, bool]:
    """Of each exercise; a cell that is tagged as a check gives exactly one."""
    found = {}
    for cell in notebook.cells:
        if "check" in tags(cell):
            [verdict] = [o.data[VERDICT] for o in cell.outputs if VERDICT in o.get("data", {})]
            found[verdict["ex"]] = verdict["ok"]
    return found


def named(source: Path, *functions: str) -> set[str]:
    """The exercises that these functions are called for."""
    return set(re.findall(IN_SOURCE.format("|".join(functions)), source.read_text("utf-8")))


@pytest.mark.parametrize("source", LESSONS)
def test_unsolved_then_solved(source: Path, tmp_path: Path, record: bool) -> None:
    """No fault; no exercise passes until it is solved, then each; what is committed is what this run gave."""
    notebook, solved, faults = executed(source, tmp_path)
    assert faults == []
    assert verdicts(notebook) == dict.fromkeys(named(source, "check", "answer"), False)
    assert verdicts(solved) == dict.fromkeys(named(source, "check", "answer"), True)
    for name, rows in SOLVED.get(source.stem, {}).items():
        texts = [
            o.data["text/plain"] for cell, o in outputs(solved) if cell.id == f"{name}, solved" and "data" in o
        ]
        assert all(re.search(row, "\n".join(texts), re.M) for row in rows), texts
    assert {path.name for path in (tmp_path / "kept").glob("*")} == set()  # a solution in the place of a stub
    path = NOTEBOOKS / name_of(notebook)
    if record:
        nbformat.write(tidy(notebook), path)
    again = "build it again: python -m notebooks.source.build"
    committed = nbformat.read(path, 4)
    assert nbformat.writes(without_pictures(tidy(notebook))) == nbformat.writes(without_pictures(committed)), (
        again
    )


@pytest.mark.parametrize("source", LESSONS)
def test_cell_ids_are_the_committed_ones(source: Path, record: bool) -> None:
    """Links and learners' own notes hang on them."""
    ids = [cell.id for cell in build(source.read_text("utf-8"), solved=False).cells]
    known = json.loads(IDS.read_text("utf-8")) if IDS.exists() else {}
    if record:
        IDS.write_text(json.dumps(known | {source.stem: ids}, indent=1) + "\n", "utf-8")
        known[source.stem] = ids
    assert ids == known[source.stem]


@pytest.mark.parametrize("source", LESSONS)
def test_the_committed_notebook_gives_nothing_away(source: Path) -> None:
    notebook = nbformat.read(NOTEBOOKS / name_of(build(source.read_text("utf-8"), solved=False)), 4)
    text = "\n".join([*(cell.source for cell in notebook.cells), json.dumps([o for _, o in outputs(notebook)])])
    shown = stripped(text)
    known = given(source.read_text("utf-8")).splitlines()
    for block in solutions(source.read_text("utf-8")):
        assert f"\n{block}\n" not in f"\n{shown}\n"
        for line in block.splitlines():
            assert line in known or line not in shown.splitlines()
    for word in ("BEGIN SOLUTION", "END SOLUTION", "# STUB", " at 0x", str(Path.home()), "/tmp/"):
        assert word not in text


@pytest.mark.parametrize("source", LESSONS)
def test_each_exercise_has_three_hints_and_each_question_its_counterexamples(source: Path) -> None:
    hints, questions = load(f"{FOLDER}/hints.toml"), load(f"{FOLDER}/questions.toml")
    for ex in named(source, "check", "hint"):
        assert len(hints[ex]) >= 3
        assert all(hint.strip() for hint in hints[ex])
        assert len(set(hints[ex])) == len(hints[ex])
    assert len(named(source, "answer")) >= 2
    assert named(source, "answer") == {ex for ex in questions if ex.startswith(source.stem)}


@pytest.mark.parametrize(
    ("ex", "choice", "code"),
    [
        ("00.q1", "a", "wrong-type"),
        ("00.q1", "c", "wrong-in-reply-to"),
        ("00.q2", "a", "not-json"),
        ("00.q2", "b", "wrong-payload"),
        ("01.q1", "a", "blocked"),
        ("01.q1", "b", "blocked"),
        ("01.q2", "a", "cross-talk"),
        ("01.q2", "b", "cross-talk"),
        ("02.q1", "a", "blocked"),
        ("02.q1", "c", "blocked"),
        ("02.q2", "a", "torn-line"),
        ("02.q2", "c", "torn-line"),
        ("03.q1", "a", "missing-error"),
        ("03.q1", "c", "missing-error"),
        ("03.q2", "a", "blocked"),
        ("03.q2", "c", "blocked"),
        ("04.q1", "a", "blocked"),
        ("04.q1", "c", "blocked"),
        ("04.q2", "a", "no-reply"),
        ("04.q2", "c", "duplicate-msg-id"),
        ("05.q1", "a", "blocked"),
        ("05.q1", "c", "blocked"),
        ("05.q2", "a", "blocked"),
        ("05.q2", "c", "blocked"),
        ("06.q1", "a", "blocked"),
        ("06.q1", "c", "wrong-type"),
        ("06.q2", "a", "crashed"),
        ("06.q2", "b", "duplicate-reply"),
        ("07.q1", "a", "blocked"),
        ("07.q1", "c", "blocked"),
        ("07.q2", "a", "wrong-msg-id"),
        ("07.q2", "b", "wrong-msg-id"),
        ("08.q1", "a", "blocked"),
        ("08.q1", "c", "data-race"),
        ("08.q2", "a", "data-race"),
        ("08.q2", "c", "blocked"),
    ],
)
def test_a_wrong_answer_is_tried_out(
    ex: str, choice: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = answer(ex, choice)
    assert not shown.ok
    assert re.search(rf"^    {code} ", shown.text, re.M), shown.text
    assert "/tmp/" not in shown.text + shown.html
    assert (tmp_path / "believer.py").is_file()  # so that it can be looked at, and run again
    assert "believer.py, " in shown.html  # the source folds; its lines are numbered, for the report names them
    assert re.search(r"^ 1  \w", shown.text, re.M)


def test_every_wrong_answer_is_among_those_that_are_tested() -> None:
    wrong = {
        (ex, choice)
        for ex, question in load(f"{FOLDER}/questions.toml").items()
        for choice, of in question["wrong"].items()
        if ".r" not in ex or "node" in of
    }
    [mark] = [m for m in test_a_wrong_answer_is_tried_out.pytestmark if m.name == "parametrize"]
    assert wrong == {(ex, choice) for ex, choice, _ in mark.args[1]}

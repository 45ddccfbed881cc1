# ruff: noqa: E402
"""A course that remembers: one cell sets a lesson up, and then any cell works, with what was written before."""

from tests.notebooks import jupyter

jupyter.needed()

import builtins
import json
import re
from itertools import chain
from pathlib import Path

import pytest

import grader.notebook
from grader.checks.findings import CODES
from grader.cli import main
from grader.notebook import (
    check,
    course,
    glossary,
    lesson,
    predict,
    predicted,
    progress,
    reset,
    revealed,
    solution,
)
from grader.notebook.course.catching_up import made_by
from grader.notebook.course.glossary import links
from grader.notebook.course.lesson_text import LessonText, all_lessons
from grader.notebook.course.record import FILE, CourseRecord, keep_in, record
from grader.notebook.course.statements import missing_names, statements
from grader.notebook.exercises.lesson_files import LESSONS
from grader.notebook.nodes.node_files import REFERENCE
from grader.reports.glossary import PAGE, page, words
from tests.notebooks.cells import Cell, written


def test_any_cell_works_after_the_set_up_and_only_what_it_needs_is_made(
    cell: Cell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cell('from grader.notebook import *\nlesson("01")')
    cell("drawn = str(diagram('blocking.py', [INIT, PROXY, ANSWER]))\nassert 'c1' in drawn")
    assert "(made from the cells above: blocking.py, ANSWER, INIT, NAME, PROXY)" in capsys.readouterr().out
    assert (tmp_path / "blocking.py").read_text().startswith("import json\n")
    cell(written("01", "cost-two"))  # again: nothing is missing but what it binds itself, and ECHOES
    assert "(made from the cells above: ECHOES)" in capsys.readouterr().out


def test_a_node_that_is_not_there_is_made_part_by_part_with_what_was_written(
    cell: Cell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cell('from grader.notebook import *\nlesson("05")')
    cell(written("05", "ex-05-2").replace("raise NotImplementedError", "return print"))
    assert "made from the cells above: my_queues.py" in capsys.readouterr().out
    (tmp_path / "my_queues.py").unlink()
    cell('shown = part("my_queues.py", "drain").text')
    cell('assert "return print(" in shown, shown')
    cell('assert "self.post = SimpleQueue()" in part("my_queues.py", "head").text')


def test_names_of_a_learner_are_there_tomorrow(cell: Cell, capsys: pytest.CaptureFixture[str]) -> None:
    cell('from grader.notebook import *\nlesson("03")')
    cell('order = "c f"')
    cell("%reset -f")
    cell('from grader.notebook import *\nlesson("03")')
    cell('assert order == "c f"')
    assert "(made from the cells above: order)" in capsys.readouterr().out


def test_nothing_that_was_written_is_overwritten_without_a_copy(
    cell: Cell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cell('from grader.notebook import *\nlesson("04")')
    cell('begin("my_asyncio.py")')
    cell('begin("my_asyncio.py")')  # nobody has worked on it
    mine = written("04", "ex-04-4").replace("raise NotImplementedError", "return print")
    cell(mine)
    cell(mine + "  # again")
    assert not (tmp_path / "kept").exists()  # those are a learner's own words, each over the one before
    capsys.readouterr()
    cell('begin("my_asyncio.py")')
    assert "stays as it is" in capsys.readouterr().out
    cell(written("04", "ex-04-4"))  # the stub, as where all cells of a new copy of the lesson are run
    assert "what was there is in kept/my_asyncio-1.py" in capsys.readouterr().out
    assert "# again" in (tmp_path / "kept" / "my_asyncio-1.py").read_text()
    (tmp_path / "slow_asyncio.py").write_text("mine = 1\n")  # in an editor, say
    cell(written("04", "drain-slow"))
    assert (tmp_path / "kept" / "slow_asyncio-1.py").read_text() == "mine = 1\n"
    cell(written("04", "make-head") + "\ndef x(:")
    assert "stays as it was, for this is no Python: invalid syntax, in line 15 of" in capsys.readouterr().out


def test_what_fails_above_is_said_and_what_has_an_option_is_left_to_ipython(
    cell: Cell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cell('from grader.notebook import *\nlesson("06")')
    cell("def choose(at_once, libraries, work, state):\n    return 1 / 0")
    cell("crowd = [ECHO] * (1 // 2 + 150)")
    cell("%reset -f")
    (tmp_path / FILE).write_text((tmp_path / FILE).read_text().replace("1 // 2", "1 // 0"))
    cell('from grader.notebook import *\nlesson("06")')
    capsys.readouterr()
    cell("later = lambda: crowd")
    assert "(a cell above failed with ZeroDivisionError" in capsys.readouterr().out
    cell("%%writefile -a more.txt\none\n")
    cell("%%writefile -a more.txt\ntwo\n")
    assert (tmp_path / "more.txt").read_text() == "one\ntwo\n"


def test_what_is_done_is_kept_and_an_exercise_can_be_begun_anew(cell: Cell, tmp_path: Path) -> None:
    cell('from grader.notebook import *\nlesson("07")')
    cell('texts = "slow roast", "salad"')
    assert not solution("07.1").text.startswith("The model")
    assert "is not solved yet" in solution("07.1").text
    check("07.1", True)
    beside = solution("07.1").text
    assert beside.index("--- yours ---\ntexts = ") < beside.index("--- the model ---\ntexts = ")
    keep_in(tmp_path)  # another kernel, tomorrow
    assert "1 of 6" in lesson("07").text
    assert "✓ 1 · 2 · q1" in progress().text
    assert progress("07").text.splitlines()[0] == "07    1 of 6  · r1 · r2 ✓ 1 · 2 · q1 · q2"
    assert "1 of 6 in lesson 07." in progress("07").text
    reset("07.1")
    assert [path.read_text() for path in (tmp_path / "kept").iterdir()] == ['texts = "slow roast", "salad"']
    assert "✓ 1" not in progress().text
    cell('assert texts == ("roast", "salad"), texts')


def test_reset_gives_a_part_its_stub_and_keeps_the_work(cell: Cell, tmp_path: Path) -> None:
    cell('from grader.notebook import *\nlesson("05")')
    cell(written("05", "ex-05-2").replace("raise NotImplementedError", "return print"))
    shown = cell('reset("05.2")')
    assert "raise NotImplementedError" in str(shown)
    assert "raise NotImplementedError" in (tmp_path / "my_queues.py").read_text()
    assert any("return print" in path.read_text() for path in (tmp_path / "kept").iterdir())
    cell(written("05", "ex-05-2").replace("raise NotImplementedError", "return repr"))
    record().add("solved", ex="05.2")
    predict("05.endings", "c")
    assert "Which one?" in reset().text
    assert "nothing to write in 05.3" in solution("05.3").text
    assert "not solved yet" in solution("05").text
    solution("05", unsolved=True)
    assert "NotImplementedError" not in (tmp_path / "model_my_queues.py").read_text()
    assert "Lesson 05 begins anew" in reset("05").text
    assert not (tmp_path / "my_queues.py").exists()
    assert any("return repr" in path.read_text() for path in (tmp_path / "kept").iterdir())
    assert not record().solved()
    assert record().predicted("05.endings") is None
    for unknown in (reset("99.9"), solution("99.9")):
        assert "There is no exercise 99.9" in unknown.text


def test_a_prediction_is_one_of_those_offered_and_is_told_of_afterwards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_in(tmp_path)
    predict("01.echoes", "z")
    assert 'write one of "a", "b", "c"' in capsys.readouterr().out
    assert not predicted("01.echoes")
    revealed("01.echoes")
    assert "it was" not in capsys.readouterr().out
    predict("01.echoes", "a")
    keep_in(tmp_path)  # a kernel that is restarted
    assert predicted("01.echoes")
    revealed("01.echoes")
    assert 'You said "a"; it was "b".' in capsys.readouterr().out
    reset("01.echoes")
    assert not predicted("01.echoes")


def test_two_kernels_lose_nothing_of_each_other(tmp_path: Path) -> None:
    one, other = CourseRecord(tmp_path / FILE), CourseRecord(tmp_path / FILE)
    for number in range(20):
        (one if number % 2 else other).add("solved", ex=f"00.{number}")
    with (tmp_path / FILE).open("a") as file:
        file.write('{"what": "sol\n[]\n')  # a line that a full disk has cut, say
    assert one.solved() == {f"00.{number}" for number in range(20)}
    assert [json.loads(line)["what"] for line in (tmp_path / FILE).read_text().splitlines()[:20]] == [
        "solved"
    ] * 20


def test_the_map_shows_all_lessons_and_the_way_between_them(tmp_path: Path) -> None:
    keep_in(tmp_path)
    text = course()
    assert [line[:2] for line in text.text.splitlines()] == [each.number for each in all_lessons()]
    assert all(each.minutes and f'href="{each.file}"' in text.html for each in all_lessons())
    notebooks = Path(__file__).parents[2] / "notebooks"
    assert all((notebooks / each.file).is_file() for each in all_lessons())
    assert "There is no lesson 99" in lesson("99").text
    assert record().path == tmp_path / FILE


def test_no_two_lessons_write_the_same_file() -> None:
    """But for the three nodes that a learner goes on with."""
    writers: dict[str, set[str]] = {}
    for text in all_lessons():
        for each in text.cells:
            if each.writes is not None:
                writers.setdefault(each.writes[0], set()).add(text.number)
    assert {file for file, numbers in writers.items() if len(numbers) > 1} == set()


def test_a_word_is_looked_up_and_findings_and_lessons_link_to_it() -> None:
    assert glossary("Deadlock").text.startswith("deadlock: Everybody who could go on")
    assert "did you mean deadlock?" in glossary("dead lock").text
    assert 'href="glossary.md#race"' in glossary().html
    assert "glossary.md#blocking" in links(["blocked"], "01")
    assert "deadlock" not in links(["blocked"], "01")  # which lesson 02 teaches
    assert set(chain.from_iterable(word.codes for word in words().values())) <= set(CODES)
    notebooks = Path(__file__).parents[2] / "notebooks"
    assert (notebooks / PAGE).read_text("utf-8") == page()  # else: python -m notebooks.source.build
    anchors = {word.anchor for word in words().values()}
    for text in all_lessons():
        source = (notebooks / LESSONS / f"{text.number}.md").read_text("utf-8")
        assert set(re.findall(r"glossary\.md#([\w-]+)", source)) <= anchors


HEAVY = re.compile(
    r"\b(?:race|seat|compare|flooded|command|told_apart|exchange|grade|grade_go|diagram)\(|(?:cases|suites)="
    r"|\b(?:board|breaks|catches|withstands)\("
)
ALL = [pytest.param(text, id=text.number) for text in all_lessons()]


@pytest.mark.parametrize("text", ALL)
def test_whatever_a_cell_needs_some_cell_of_the_lesson_makes(text: LessonText) -> None:
    there = {*grader.notebook.__all__, *vars(builtins), "display"}
    bound = {name for each in text.cells for one in statements(each.given) for name in one.binds}
    bound |= {name for each in text.cells for one in statements(each.solved) for name in one.binds}
    made = {file for each in text.cells for file in made_by(each)}
    for one in chain.from_iterable(statements(each.solved) for each in text.cells):
        is_import = one.code is not None and "grader.notebook" in one.code.co_names
        assert is_import or not one.binds & set(grader.notebook.__all__)  # else out of turn it is another's
    for each in text.cells:
        for source in (each.given, each.solved):
            if not source.startswith("%%"):
                assert missing_names(source) - there <= bound, each.id
            own = {file for file in re.findall(r'"(\w+\.(?:py|jsonl))"', source) if file not in REFERENCE}
            assert own - {"my_threads.py", "my_asyncio.py", "my_queues.py"} <= made, each.id


@pytest.mark.parametrize("text", ALL)
def test_after_the_set_up_the_cells_work_from_the_last_to_the_first(text: LessonText, cell: Cell) -> None:
    """Those that take no explorer, grader or picture, unsolved; what they need is made of those above."""
    heavy: set[str] = set()
    light = []
    for each in text.cells:
        if HEAVY.search(each.given) or heavy & missing_names(each.given):
            heavy |= {name for one in statements(each.given) for name in one.binds}
        elif each.id != "setup":
            light.append(each)
    cell(next(each.given for each in text.cells if each.id == "setup"))
    for each in reversed(light):
        cell(each.given)


def test_grader_explain_knows_the_words_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "race"]) == 0
    assert "The outcome depends on the schedule" in capsys.readouterr().out
    assert main(["explain", "data-race"]) == 0
    assert "Words:   atomic, critical section, interleaving, lock, race, schedule" in capsys.readouterr().out
    assert main(["explain", "deadlocks"]) == 2
    assert "did you mean deadlock?" in capsys.readouterr().err

"""A node cut into parts, and put together again with another part in it."""

from pathlib import Path

import pytest

from grader.notebook import begin, check, grade, part
from grader.notebook.course.record import keep_in
from grader.notebook.nodes.parts import NAMES, PARTS, NoParts, cut, put, put_together, replaced
from grader.templates.new_node import TEMPLATE
from tests.reference.conftest import REFERENCE

SOURCE = TEMPLATE.read_text("utf-8")


def test_what_is_cut_can_be_put_together() -> None:
    parts = cut(SOURCE)
    assert tuple(parts) == NAMES
    assert put_together(parts) == SOURCE
    assert parts["guard"].startswith("\n    def say(")
    assert parts["handlers"].startswith("node = Node()\n")


@pytest.mark.parametrize("name", NAMES)
def test_a_part_replaced_by_itself_changes_nothing(name: str) -> None:
    from textwrap import dedent

    assert replaced(SOURCE, name, dedent(cut(SOURCE)[name])) == SOURCE


def test_a_part_is_indented_into_the_class_and_nothing_else_changes() -> None:
    after = cut(replaced(SOURCE, "drain", 'def drain(self):\n    """A\n    b."""'))
    assert after == cut(SOURCE) | {"drain": '\n    def drain(self):\n        """A\n        b."""\n\n\n'}


def test_the_reference_has_the_same_parts() -> None:
    for model in ("with_threads", "with_asyncio", "with_queues"):
        assert set(PARTS) < set(cut((REFERENCE / f"{model}.py").read_text("utf-8")))


@pytest.mark.parametrize("source", ["", SOURCE.replace("# --- guard ---", "# guard")])
def test_a_file_without_the_marks_is_refused(source: str) -> None:
    with pytest.raises(NoParts, match="# --- read ---"):
        cut(source)


def test_begin_writes_a_good_synchronous_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    begin("mine.py")
    assert grade("mine.py", cases=["init", "bad-lines", "missing-field", "proxy"]).ok
    assert not grade("mine.py", cases=["serves-while-waiting"]).ok
    assert part("mine.py", "drain").text.startswith("def drain(self):")


def test_put_says_what_it_did_and_what_it_could_not_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    put("mine.py drain", "x")
    put("mine.py", "x")
    begin("mine.py")
    put("mine.py brain", "x")
    put("mine.py drain", "def drain(self):\n    return 1\n")
    missing, short, _, unknown, done = capsys.readouterr().out.splitlines()
    assert "mine.py" in missing
    assert "cells above" in missing
    assert "%%part my_threads.py dispatch" in short
    assert "brain" in unknown
    assert done == "mine.py: drain is what stands above"
    assert part("mine.py", "drain").text == "def drain(self):\n    return 1"
    assert "no part brain" in part("mine.py", "brain").text


def test_a_check_says_that_the_last_text_was_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_in(None)
    monkeypatch.chdir(tmp_path)
    begin("mine.py")
    (tmp_path / "slow.py").write_text('import runpy\nrunpy.run_path("mine.py", run_name="__main__")\n', "utf-8")
    put("mine.py drain", "def drain(self:\n    pass\n")
    for node in ("mine.py", "slow.py"):
        shown = check("03.2", node, cases=["init"])
        assert shown.ok
        assert "your last text for drain is no Python and was not taken" in shown.text
    put("mine.py drain", "def drain(self):\n    pass\n")
    assert "last text" not in check("03.2", "mine.py", cases=["init"]).text

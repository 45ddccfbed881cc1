"""The last lesson: cases that catch and don't accuse, the board, a sentence that is broken, the page."""

import json
from pathlib import Path

import pytest

from grader.notebook import board, breaks, catches, defended, keep, sentence, sentences, withstands
from grader.templates.new_node import TEMPLATE
from tests.notebooks.test_mutants import ECHO, ECHO_OK, INIT, OK, suite

FRIENDLY = ({"send": INIT}, {"expect": OK})
ZERO = (*FRIENDLY, {"send": ECHO}, {"expect": ECHO_OK})


@pytest.fixture
def null(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A node that gives back null for what counts as nothing, in this folder."""
    monkeypatch.chdir(tmp_path)
    source = TEMPLATE.read_text("utf-8").replace('["echo"]}', '["echo"] or None}')
    (tmp_path / "null.py").write_text(source, "utf-8")
    return "null.py"


def test_a_case_that_catches_and_one_that_does_not(tmp_path: Path, null: str) -> None:
    caught = catches(suite(tmp_path, *ZERO), null)
    assert caught.ok
    assert caught.why.splitlines() == [
        "null.py: wrong-payload",
        "with_threads.py, which is right: not accused",
        "with_asyncio.py, which is right: not accused",
        "with_queues.py, which is right: not accused",
    ]
    missed = catches(suite(tmp_path, *FRIENDLY), null)
    assert not missed.ok
    first, *told = missed.why.splitlines()
    assert first == "null.py: survives"
    assert "What does it do wrong, and to whom?" in " ".join(told)
    assert "which is right" not in missed.why  # the references were left alone


def test_who_accuses_the_right_ones_has_not_caught_anybody(tmp_path: Path, null: str) -> None:
    harsh = suite(tmp_path, *FRIENDLY, {"send": ECHO}, {"expect": {**ECHO_OK, "dest": "c9"}})
    judged = catches(harsh, null)
    assert not judged.ok
    assert "with_queues.py, which is right: wrong-address" in judged.why
    assert "A right node is accused. Your case 'mine' says of with_threads.py: " in judged.why
    assert 'You expect   dest: "c9"' in judged.why
    assert 'and it says  dest: "c1"' in judged.why
    shown = board([null], [harsh, "maelstrom-echo:maelstrom-init"])
    lines = [line.split() for line in shown.text.splitlines()]
    assert lines[1] == ["null.py", "wrong-address", "survives"]
    assert lines[2] == ["caught", "1", "of", "1", "0", "of", "1"]
    assert lines[3] == ["accuses", "with_threads.py,", "with_asyncio.py,", "with_queues.py", "–"]
    assert "<td>wrong-address</td>" in shown.html


def test_a_workload_is_run_in_all_schedules(tmp_path: Path, null: str) -> None:
    workload = f"{suite(tmp_path, *FRIENDLY)}:mine"
    assert withstands(null, workload).why == (
        "null.py: nothing found; complete to 2 preemptions; 1 schedule, 1 distinct"
    )
    zero = suite(tmp_path, *ZERO)
    failing = withstands(null, f"{zero}:mine")
    assert not failing.ok
    assert "A schedule was found in which it fails: The echo_ok to c1" in failing.why
    assert "What to do: " in failing.why
    suite(tmp_path, *FRIENDLY)
    missed = catches(workload, null, schedules=True)
    assert not missed.ok
    assert "null.py: complete to 2 preemptions" in missed.why
    assert "Which two of its threads" in missed.why


def test_what_can_not_be_played_is_said_in_a_line(tmp_path: Path, null: str) -> None:
    nowhere = str(tmp_path / "nowhere.jsonl")
    for judged in (catches(nowhere, null), catches("rpc:prxy", null), catches("rpc:proxy", "nobody.py")):
        assert not judged.ok
        assert len(judged.why.splitlines()) == 1
    (tmp_path / "shell.sh").write_text("#!/bin/sh\n", "utf-8")
    (tmp_path / "shell.sh").chmod(0o755)
    assert "Python" in withstands("shell.sh", "interleaving:two-echoes").why
    assert "nowhere.jsonl" in board([null], [nowhere]).text


def test_a_sentence_is_broken_unseen_and_shown_by_a_case(tmp_path: Path, null: str) -> None:
    zero, friendly = suite(tmp_path, *ZERO), str(tmp_path / "friendly.jsonl")
    for number in (None, 0, 99):
        assert "which sentence" in breaks(number, null, zero, passes="maelstrom-echo").why
    shown = breaks(1, null, zero, passes="maelstrom-echo")
    assert shown.ok
    assert shown.why.startswith(f"Sentence 1: {sentence(1)}"[:60])
    caught = breaks(1, null, zero, passes="async-handler:payloads").why
    assert "catches it, in its case payloads: wrong-payload." in caught
    Path(friendly).write_text(
        "\n".join(map(json.dumps, ({"case": "mine", "title": "Mine"}, *FRIENDLY))), "utf-8"
    )
    assert not breaks(1, null, friendly, passes="maelstrom-echo").ok
    assert sentences().text.startswith(" 1  ")


def test_a_defence_has_five_lines_and_the_model_that_is_used(null: str, tmp_path: Path) -> None:
    (tmp_path / "office.py").write_text("from reference.with_queues import node\n", "utf-8")
    five = "\n" + "a reason for it all\n\n" * 5
    assert defended("queues", "office.py", five).ok
    assert defended("threads", null, five).ok  # it is built on nothing, so nobody can say
    assert "made of queues" in defended("asyncio", "office.py", five).why
    assert "“so it is” gives no reason" in defended("queues", "office.py", f"so it is{five[20:]}").why
    assert "0 lines" in defended("queues", "office.py", None).why
    assert "Choose one" in defended(None, "office.py", five).why


def test_the_page_has_what_was_said_and_the_files(null: str, tmp_path: Path) -> None:
    shown = keep({"Broken": "a < b", "Its defence": " "}, [null, "nowhere.py"], "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "<h2>Broken</h2><pre>a &lt; b</pre>" in page
    assert "or None}" in page
    assert "Its defence" not in page
    assert "Not on it yet: Its defence, nowhere.py." in shown.text

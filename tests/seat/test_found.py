"""`grader race --seat`: the page on which one is the scheduler of what was found."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.cases.select import select
from grader.cli import main
from grader.conversation.submission import from_file
from grader.explorer.search.engine import Searched
from grader.explorer.trace.model import Found
from grader.grading.exploration import race
from grader.seat.build import happened
from grader.seat.found import schedule_of
from grader.seat.game import shortest
from tests.explorer.nodes import GUARDED, THREAD, UNGUARDED, write_node
from tests.seat.trees import grown

Printed = pytest.CaptureFixture[str]
OPTIONS = ["--budget", "60", "--case", "two-echoes"]  # seconds that a busy machine needs


def given(page: Path) -> Any:
    """What the page gives to the component."""
    text = re.search(r'<script type="application/json" id="tree">(.*)</script>', page.read_text("utf-8"))
    assert text is not None
    return json.loads(text[1])


def test_the_schedule_that_was_found_is_played_already(tmp_path: Path, capsys: Printed) -> None:
    node, page = write_node(tmp_path, UNGUARDED, THREAD), tmp_path / "seat.html"
    assert main(["race", node, *OPTIONS, "--seat", str(page)]) == 1
    assert f"{page}: you are the scheduler of two-echoes, at the end of a sch" in capsys.readouterr().out
    shown = given(page)
    at = shown["tree"]["first"]
    for token in shown["moves"].split():
        at = next(m["to"] for m in shown["tree"]["positions"][at]["moves"] if m["token"] == token)
    assert shown["tree"]["positions"][at]["code"] == "duplicate-msg-id"


def test_where_nothing_is_found_it_begins_at_the_start(tmp_path: Path, capsys: Printed) -> None:
    node, page = write_node(tmp_path, GUARDED, THREAD), tmp_path / "seat.html"
    assert main(["race", node, *OPTIONS, "--seat", str(page)]) == 0
    assert "you are the scheduler of two-echoes. Open" in capsys.readouterr().out
    assert given(page)["moves"] == ""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What the explorer finds in the unguarded node."""
    searched: list[Searched] = []
    node = write_node(tmp_path_factory.mktemp("found"), UNGUARDED, THREAD)
    race(from_file(node), select(["interleaving"], ["two-echoes"]), budget=60.0, on_searched=searched.append)
    assert searched[0].found is not None
    return searched[0].found


def test_it_is_the_same_schedule_and_not_just_another_that_fails(found: Found) -> None:
    tree = grown("unguarded")
    game = schedule_of(tree, found)
    assert game is not None
    assert game.position.code == "duplicate-msg-id"
    names = frozenset(name for position in tree.positions for name, _ in position.shared)
    did = [one for move in game.made for one in move.did]
    assert did == list(happened(found.failing.steps, names))[-len(did) :]
    assert len(did) > 4


def test_a_schedule_that_the_tree_has_not_is_shown_by_the_shortest(found: Found) -> None:
    other = replace(found, failing=replace(found.failing, steps=()))
    assert schedule_of(grown("unguarded"), other) == shortest(grown("unguarded"))
    assert schedule_of(grown("guarded"), other) is None


def test_what_cannot_be_explored_or_written_is_said(tmp_path: Path, capsys: Printed) -> None:
    node = write_node(tmp_path, GUARDED, THREAD)
    assert main(["race", node, *OPTIONS, "--seat", str(tmp_path / "no" / "seat.html")]) == 2
    assert "can't be written" in capsys.readouterr().err
    assert main(["race", node, "--replay", "x.json", "--seat", "y.html"]) == 2
    assert "leave out --replay" in capsys.readouterr().err

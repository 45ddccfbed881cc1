"""A case of one's own against nodes that are right or have one bug."""

import json
import sys
from pathlib import Path

import pytest

from grader.notebook import told_apart
from grader.notebook.exercises.mutants import judged_apart
from grader.templates.new_node import TEMPLATE

INIT = {"src": "c0", "dest": "n1", "body": {"type": "init", "msg_id": 1, "node_id": "n1", "node_ids": ["n1"]}}
OK = {"src": "n1", "dest": "c0", "body": {"type": "init_ok", "in_reply_to": 1}}
ECHO = {"src": "c1", "dest": "n1", "body": {"type": "echo", "msg_id": 1, "echo": 0}}
ECHO_OK = {"src": "n1", "dest": "c1", "body": {"type": "echo_ok", "in_reply_to": 1, "echo": 0}}


@pytest.fixture
def nodes(tmp_path: Path) -> dict[str, list[str]]:
    source = TEMPLATE.read_text("utf-8")
    (tmp_path / "null.py").write_text(source.replace('["echo"]}', '["echo"] or None}'), "utf-8")
    return {"good": [sys.executable, str(TEMPLATE)], "null": [sys.executable, str(tmp_path / "null.py")]}


def suite(tmp_path: Path, *steps: object) -> str:
    path = tmp_path / "mine.jsonl"
    lines = [{"case": "mine", "title": "Mine"}, *steps]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return str(path)


def test_a_case_that_tells_them_apart(tmp_path: Path, nodes: dict[str, list[str]]) -> None:
    mine = suite(tmp_path, {"send": INIT}, {"expect": OK}, {"send": ECHO}, {"expect": ECHO_OK})
    judged = judged_apart(mine, nodes, "good")
    assert judged.ok
    assert judged.why == "good: passed\nnull: wrong-payload"
    assert not judged_apart(mine, nodes, "null").ok


def test_a_case_that_all_pass_or_all_fail_does_not(tmp_path: Path, nodes: dict[str, list[str]]) -> None:
    friendly = suite(tmp_path, {"send": INIT}, {"expect": OK})
    judged = judged_apart(friendly, nodes, "good")
    assert not judged.ok
    assert judged.why == "good: passed\nnull: passed"
    harsh = suite(tmp_path, {"send": INIT}, {"expect": {**OK, "dest": "c9"}})
    assert not judged_apart(harsh, nodes, "good").ok


def test_a_broken_case_file_is_said_so_in_a_line(tmp_path: Path, nodes: dict[str, list[str]]) -> None:
    for file in (suite(tmp_path, {"sent": INIT}), str(tmp_path / "nowhere.jsonl")):
        judged = judged_apart(file, nodes, "good")
        assert not judged.ok
        assert Path(file).name in judged.why


def test_which_node_of_a_lesson_is_right_is_known(tmp_path: Path, nodes: dict[str, list[str]]) -> None:
    mine = suite(tmp_path, {"send": INIT}, {"expect": OK}, {"send": ECHO}, {"expect": ECHO_OK})
    assert told_apart("05.4", mine, {"c": nodes["good"], "d": nodes["null"]}).ok
    assert not told_apart("05.4", mine, {"d": nodes["good"], "c": nodes["null"]}).ok

"""What lies around a grading: odd sources, odd words, odd terminals, text that hides or acts on one."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.protocol.json_values import dumps
from tests.conftest import Grader
from tests.conversations import init, init_ok
from tests.slips.table import FOLDER

RIGHT = (Path(__file__).parent / "corpus" / "right" / "thread_per_message.py").read_text("utf-8")
NodeFile = Callable[..., str]
SLIPS_RIGHT = (FOLDER / "right_threads.py").read_text("utf-8")
SOURCES = {  # a file's name, what it holds, and what lies beside it
    "a byte order mark": ("node.py", b"\xef\xbb\xbf" + RIGHT.encode(), b""),
    "latin-1": ("node.py", b'# -*- coding: latin-1 -*-\nWORD = "caf\xe9"\n' + RIGHT.encode(), b""),
    "latin-1 beside": (
        "node.py",
        b"import beside\n" + RIGHT.encode(),
        b'# coding: latin-1\nWORD = "caf\xe9"\n',
    ),
    "capitals": ("NODE.PY", RIGHT.encode(), b""),
}
HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
TRICK = "\x1b[2J\u202egnp\u200b"


@pytest.mark.parametrize("name", SOURCES)
def test_what_python_takes_is_graded_and_explored(grader: Grader, tmp_path: Path, name: str) -> None:
    file, source, beside = SOURCES[name]
    (tmp_path / file).write_bytes(source)
    (tmp_path / "beside.py").write_bytes(beside)
    done = grader("submit", file, "--case", "echo", "two-echoes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 of 2 cases" in done.stdout
    assert "complete to" in done.stdout


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_a_module_of_javascript_is_run_by_node(grader: Grader, tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parent / "corpus" / "right" / "node_await.js", tmp_path / "node.mjs")
    assert grader("submit", "node.mjs", "--case", "echo").returncode == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["python3", "node.py"], "a command goes after --: grader submit -- python3 node.py"),
        (["a.py", "b.py"], "2 nodes were named; submit grades one: grader submit a.py"),
        (["node.c"], "compile it first: cc "),
        (["Node.java"], "grader submit -- java Node.java"),
    ],
)
def test_what_to_do_instead_is_said(grader: Grader, tmp_path: Path, words: list[str], says: str) -> None:
    for name in ("node.py", "a.py", "b.py", "node.c", "Node.java"):
        (tmp_path / name).write_text("")
    done = grader("submit", *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [["--suite", "maelstrom-echo"] * 2, ["--suite", *["maelstrom-echo"] * 2]])
def test_a_suite_that_is_named_twice_counts_once(grader: Grader, node_file: NodeFile, words: list[str]) -> None:
    assert "3 of 3 cases, 3 of 3 points" in grader("submit", node_file(RIGHT), *words).stdout


def test_a_width_of_nothing_is_none(grader: Grader, node_file: NodeFile) -> None:
    done = grader("submit", node_file(RIGHT), "--case", "echo", COLUMNS="0")
    assert done.returncode == 0
    assert "Answer an echo while the client waits" in done.stdout


@pytest.mark.skipif(shutil.which("sh") is None, reason="closes streams by a shell")
@pytest.mark.parametrize(
    ("closed", "status", "says"),
    [
        (">&-", 2, "grader: the output is closed; nothing could be shown\n"),
        (">&- 2>&-", 2, ""),
        ("<&- 2>&-", 0, ""),
    ],
)
def test_closed_streams(node_file: NodeFile, closed: str, status: int, says: str) -> None:
    script = f'"$0" -m grader submit "$1" --case echo {closed}'
    done = subprocess.run(
        ["sh", "-c", script, sys.executable, node_file(RIGHT)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (status, says)


@pytest.mark.skipif(os.name != "posix", reason="a folder in use can't be deleted there")
@pytest.mark.parametrize(
    "words", [["submit", "../node.py"], ["race", "../node.py"], ["new", "x.py"], ["cases"]]
)
def test_a_folder_that_is_gone(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "gone").mkdir()
    script = 'cd gone && rmdir ../gone && exec "$0" -m grader "$@"'
    done = subprocess.run(
        ["sh", "-c", script, sys.executable, *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "grader: the folder that you are in has been deleted; go to another one\n"


def test_what_would_hide_or_act_on_a_screen_is_shown_in_every_command(
    grader: Grader, node_file: NodeFile, tmp_path: Path
) -> None:
    """From a node, from a case file, and from the names of files."""
    suite = f"{TRICK}.jsonl"
    lines = [
        dumps({"case": "tricky", "title": f"A title {TRICK}"}),
        dumps({"send": init()}),
        dumps({"expect": init_ok()}),
        dumps({"send_raw": f"{TRICK}\n"}),
        dumps({"expect": {"dest": TRICK, "body": {"type": "t"}}}),
    ]
    (tmp_path / suite).write_text("\n".join(lines), "utf-8")
    echo = "    def echo(self, message):\n"
    racy = node_file(SLIPS_RIGHT.replace(echo, f"{echo}        raise ValueError({TRICK!r})\n"), "r.py")
    loud = node_file(
        f"import sys; print({TRICK!r}, flush=True, file=sys.stderr); print({TRICK!r})", f"{TRICK}.py"
    )
    commands: list[list[str]] = [
        ["submit", loud, "--case", "echo", "--full"],
        ["submit", loud, "--suite", suite],
        ["submit", racy, "--case", "echo", "two-echoes", "--full"],
        ["race", racy, "--case", "two-echoes", "--full"],
        ["race", loud, "--suite", suite],
        ["cases", "check", suite],
        ["cases", "check", f"{TRICK}.txt"],
        ["cases", "show", "tricky", "--suite", suite],
        ["new", loud],
        ["new", f"{TRICK}-new.py"],
        ["submit", f"{TRICK}-none.py"],
        ["submit", "--case", TRICK, "--", "true"],
        [TRICK],
    ]
    for words in commands:
        done = grader(*words)
        said = done.stdout + done.stderr
        assert "\\x1b" in said or "\\u202e" in said, (words, said)
        assert not HIDDEN.search(said), (words, said)

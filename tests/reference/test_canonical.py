"""The canonical exchange, byte for byte, in every way in which a node can be started."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from tests.reference.conftest import MODELS, REFERENCE, ROOT

RUNS = int(os.environ.get("CANONICAL_RUNS", "10"))

INPUT = b"""\
{"src":"c0","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1"]}}
{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":2,"echo":"test1"}}
{"src":"c2","dest":"n1","body":{"type":"echo","msg_id":3,"echo":"test2"}}
{"src":"c3","dest":"n1","body":{"type":"echo","msg_id":4,"echo":"test3"}}
"""

OUTPUT = b"""\
{"src": "n1", "dest": "c0", "body": {"type": "init_ok", "in_reply_to": 1, "msg_id": 0}}
{"src": "n1", "dest": "c1", "body": {"type": "echo_ok", "echo": "test1", "in_reply_to": 2, "msg_id": 1}}
{"src": "n1", "dest": "c2", "body": {"type": "echo_ok", "echo": "test2", "in_reply_to": 3, "msg_id": 2}}
{"src": "n1", "dest": "c3", "body": {"type": "echo_ok", "echo": "test3", "in_reply_to": 4, "msg_id": 3}}
"""

SWITCHING = """\
import runpy, sys
sys.setswitchinterval(1e-6)
runpy.run_path({!r}, run_name="__main__")
"""


def run(command: list[str], **options: object) -> bytes:
    done = subprocess.run(command, input=INPUT, capture_output=True, timeout=60, **options)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def test_by_file(model: str) -> None:
    for _ in range(RUNS):
        assert run([sys.executable, str(REFERENCE / f"{model}.py")]) == OUTPUT


def test_with_frequent_switches(model: str) -> None:
    code = SWITCHING.format(str(REFERENCE / f"{model}.py"))
    for _ in range(RUNS):
        assert run([sys.executable, "-c", code], cwd=ROOT) == OUTPUT


def test_by_module(model: str) -> None:
    assert run([sys.executable, "-m", f"reference.{model}"], cwd=ROOT) == OUTPUT


def test_from_another_folder_uninstalled(model: str, tmp_path: pathlib.Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, str(REFERENCE / f"{model}.py")]
    assert run(command, cwd=tmp_path, env=environment) == OUTPUT
    relative = [sys.executable, f"{model}.py"]
    assert run(relative, cwd=REFERENCE, env=environment) == OUTPUT


@pytest.mark.parametrize("command", [[str(REFERENCE / "node.py")], ["-m", "reference.node"]])
def test_the_node_to_show(command: list[str]) -> None:
    assert run([sys.executable, *command], cwd=ROOT) == OUTPUT


def test_files_as_stdin_and_stdout(model: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "in").write_bytes(INPUT)
    with open(tmp_path / "in") as stdin, open(tmp_path / "out", "wb") as stdout:
        command = [sys.executable, str(REFERENCE / f"{model}.py")]
        assert subprocess.call(command, stdin=stdin, stdout=stdout, timeout=60) == 0
    assert (tmp_path / "out").read_bytes() == OUTPUT


def test_no_input_and_no_output(model: str) -> None:
    command = [sys.executable, str(REFERENCE / f"{model}.py")]
    nothing = subprocess.DEVNULL
    assert subprocess.call(command, stdin=nothing, stdout=nothing, timeout=60) == 0
    done = subprocess.run(command, input=INPUT, stdout=nothing, timeout=60)
    assert done.returncode == 0


def test_pipes_that_do_not_block(model: str) -> None:
    """Whoever starts a node may have set its stdin and stdout so, and then they return at once."""
    stdin, feed = os.pipe()
    drain, stdout = os.pipe()
    os.set_blocking(stdin, False)
    os.set_blocking(stdout, False)
    command = [sys.executable, str(REFERENCE / f"{model}.py")]
    process = subprocess.Popen(command, stdin=stdin, stdout=stdout)
    os.close(stdin)
    os.close(stdout)
    os.write(feed, INPUT)
    big = b'{"src":"c4","dest":"n1","body":{"type":"echo","msg_id":5,"echo":"%s"}}\n' % (b"x" * 300_000)
    with open(feed, "wb") as pipe, open(drain, "rb") as answers:
        assert b"".join(answers.readline() for _ in range(4)) == OUTPUT
        pipe.write(big)
        pipe.close()
        assert len(answers.read()) > 300_000
    assert process.wait() == 0


def test_a_last_line_without_newline(model: str) -> None:
    command = [sys.executable, str(REFERENCE / f"{model}.py")]
    done = subprocess.run(command, input=INPUT.rstrip(), capture_output=True, timeout=60)
    assert done.stdout == OUTPUT


def test_lines_that_come_in_pieces(model: str, start: object) -> None:
    conversation = start([sys.executable, str(REFERENCE / f"{model}.py")])  # type: ignore[operator]
    for piece in (INPUT[i : i + 7] for i in range(0, len(INPUT), 7)):
        conversation.send_raw(piece)
    conversation.process.stdin.close()
    conversation.process.wait()
    lines = [conversation.lines.get() for _ in range(4)]
    assert b"".join(lines) == OUTPUT


def test_importing_does_nothing() -> None:
    code = "import threading\n" + "".join(f"import reference.{name}\n" for name in MODELS)
    code += "import reference.node\nassert threading.active_count() == 1\n"
    assert run([sys.executable, "-c", code], cwd=ROOT) == b""

"""A Python node that is asked where it stands: it says so, goes on, and notices nothing of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cases.model import Case
from grader.conversation import node_process, thread_dumps
from grader.conversation.driver import Conversation
from grader.conversation.node_process import prepare
from grader.conversation.submission import INJECTED, Submission, environment, from_file
from grader.conversation.thread_dumps import looks
from grader.conversation.transcript import Transcript
from tests.conversations import case, echo, echo_ok, expect, init, init_ok, send

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a node is asked where it stands on Linux only")

SLOW = case(
    send(init()), expect(init_ok()), send(echo("c1", 1, "a")), expect(echo_ok("c1", 1, "a")), timeout_ms=60_000
)
NODE = """
import asyncio, json, sys, threading, time
def say(dest, **body):
    print(json.dumps({"src": "n1", "dest": dest, "body": body}), flush=True)
def answer(message):
    body = message["body"]
    if body["type"] == "init":
        say(message["src"], type="init_ok", in_reply_to=body["msg_id"])
    else:
        EXTRA
        say(message["src"], type="echo_ok", echo=body["echo"], in_reply_to=body["msg_id"])
for line in sys.stdin:
    answer(json.loads(line))
"""


def converse(tmp_path: Path, extra: str, case: Case, env: dict[str, str] | None = None) -> Transcript:
    prepare()
    node = tmp_path / "node.py"
    node.write_text(NODE.replace("EXTRA", extra), "utf-8")
    command = from_file(str(node)).command
    if env:
        command = ("/usr/bin/env", *(f"{key}={value}" for key, value in env.items()), *command)
    return Conversation(case, Submission("node.py", command, tmp_path), str(tmp_path)).run()


def test_who_is_asked_goes_on_and_answers(tmp_path: Path) -> None:
    transcript = converse(tmp_path, "time.sleep(1.2)", SLOW)
    assert [event.kind for event in transcript] == ["in", "out", "in", "out"]  # of who answers nothing is told


def test_where_it_stood_is_told_of_who_does_not_answer(tmp_path: Path) -> None:
    silent = case(
        *[{"send": [init(), echo("c1", 1, "a")]}, expect(init_ok(), echo_ok("c1", 1, "a"))], timeout_ms=800
    )
    transcript = converse(
        tmp_path, "lock = threading.Lock()\n        with lock:\n            time.sleep(60)", silent
    )
    seen = looks([event.line for event in transcript if event.kind == "err"])
    assert seen
    (main,) = seen[-1].stacks
    inner = main.own[0]
    assert (main.who, inner.function, inner.source, inner.line) == ("main", "answer", "time.sleep(60)", 12)
    assert [(lock.state, lock.name, lock.line) for lock in inner.locks] == [("holds", "lock", 11)]
    assert [event.n for event in transcript] == list(range(len(transcript)))


def run(code: str, **env: str) -> str:
    base = {**os.environ, **env}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment("/tmp", base), capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_node_finds_its_environment_as_the_caller_has_it(tmp_path: Path) -> None:
    assert run("import os; print(os.environ.get('PYTHONPATH'))", PYTHONPATH=str(tmp_path)) == str(tmp_path)
    assert str(INJECTED) not in run("import sys; print(sys.path)")
    there = run("import os, sys; print('PYTHONPATH' in os.environ)", PYTHONPATH="")
    assert there == "False"


def test_the_systems_own_sitecustomize_is_run_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.of_the_system = __name__\n")
    assert run("import sys; print(sys.of_the_system)", PYTHONPATH=str(tmp_path)) == "sitecustomize"


def test_nothing_is_imported_that_was_not_there() -> None:
    code = "import sys; print(' '.join(sorted(sys.modules)))"
    plain = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert set(run(code).split()) - set(plain) <= {"sitecustomize", "_signal", "faulthandler"}


def test_both_sides_agree_on_the_words_and_the_signal() -> None:
    told: dict[str, object] = {}
    source = (INJECTED / "sitecustomize.py").read_text("utf-8")
    exec(compile(source.removesuffix("_install()\n"), "sitecustomize.py", "exec"), {"__file__": ""}, told)
    assert (told["BEGIN"], told["ROW"], told["END"]) == (
        thread_dumps.LOOKED,
        thread_dumps.ROW,
        thread_dumps.STOOD,
    )
    assert told["SIGNAL"] == node_process.LOOK_SIGNAL


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ("lock.release", [""]),
        ("if late.done: return", ["done"]),
        ("if not late.is_set and lock: return", ["is_set"]),
        ("late.done = True\n        if late.done: return", []),
        ("lock.acquire(); lock.release()", []),
        ("lock.name", []),
    ],
)
def test_what_names_a_function_and_does_not_call_it_is_told(
    tmp_path: Path, extra: str, told: list[str]
) -> None:
    silent = case(
        *[{"send": [init(), echo("c1", 1, "a")]}, expect(init_ok(), echo_ok("c1", 1, "a"))], timeout_ms=800
    )
    before = "late, lock = threading.local(), threading.Lock()\n        "
    shown = f"{before}if lock.locked():\n            {extra.replace(chr(10), chr(10) + '    ')}"
    transcript = converse(tmp_path, f"{shown}\n        time.sleep(60)", silent)
    said = looks([event.line for event in transcript if event.kind == "err"])
    assert [at.function for at in said[-1].uncalled] == told


@pytest.mark.parametrize(
    ("extra", "leaves"),
    [
        ("lock.acquire()\n        if late: return\n        lock.release()", [1]),
        ("lock.acquire()\n        try:\n            if late: return\n        finally: lock.release()", []),
        ("if not lock.acquire(timeout=1): return\n        lock.release()", []),
        ("lock.acquire()\n        lock.release()\n        if late: return", []),
        (
            "lock.acquire()\n        if late:\n            lock.release()\n            return\n"
            "        lock.release()",
            [],
        ),
        ("lock.acquire()", [0]),
    ],
)
def test_a_lock_that_is_kept_on_a_way_out_is_told(tmp_path: Path, extra: str, leaves: list[int]) -> None:
    """Of a `return` before the release its line is told, of a lock that is never released 0."""
    silent = case(
        *[{"send": [init(), echo("c1", 1, "a")]}, expect(init_ok(), echo_ok("c1", 1, "a"))], timeout_ms=800
    )
    before = "late, lock = False, threading.Lock()\n        "
    transcript = converse(tmp_path, f"{before}{extra}\n        time.sleep(60)", silent)
    said = looks([event.line for event in transcript if event.kind == "err"])
    assert [bool(taken.leaves) for taken in said[-1].taken] == list(map(bool, leaves))

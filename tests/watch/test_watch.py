"""A watched node: graded again at each save, what failed before first; keys change what is shown."""

import io
import os
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from grader.cases.model import Case
from grader.cases.select import select
from grader.checks.findings import Finding
from grader.conversation.submission import from_file
from grader.grading.results import Grade, Result
from grader.watch import session as session_module
from grader.watch.screen import draw
from grader.watch.session import Session, saves_to
from grader.watch.view import WatchView, as_grade, begun, first_and_rest, pressed, told

RIGHT = """import json, sys
for line in sys.stdin:
    request = json.loads(line)
    body = {"type": request["body"]["type"] + "_ok", "in_reply_to": request["body"]["msg_id"]}
    if "echo" in request["body"]:
        body["echo"] = request["body"]["echo"]
    print(json.dumps({"src": request["dest"], "dest": request["src"], "body": body}), flush=True)
"""
WRONG = RIGHT.replace('body["echo"] =', 'body["ehco"] =')
CASES = tuple(
    Case(name, "rpc", name.title(), (), hints=("think", "look"), file="rpc") for name in ("one", "two")
)
FAILED = Result(CASES[1], "failed", (Finding("blocked", "It waited.", 0, hint="Don't."),))
PASSED = Result(CASES[0], "passed")


def text_of(view: WatchView) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(draw(view, "node.py", "12:00:00"))
    return console.export_text()


def test_what_failed_runs_first() -> None:
    view = told(told(begun(WatchView(CASES, {})), PASSED), FAILED)
    first, rest = first_and_rest(begun(view))
    assert ([case.id for case in first], [case.id for case in rest]) == (["two"], ["one"])


def test_what_is_known_stays_until_it_is_known_anew() -> None:
    view = begun(told(told(WatchView(CASES, {}), PASSED), FAILED))
    assert view.old == {0, 1}
    view = told(view, replace(FAILED, status="passed", findings=()))
    assert (view.old, view.failed) == ({0}, [])


def test_hints_come_one_by_one_and_begin_anew_at_a_save() -> None:
    view = told(WatchView(CASES, {}), FAILED)
    for shown, key in (("think", "h"), ("look", "h"), ("there are no more hints", "h")):
        assert shown not in text_of(view)
        view = pressed(view, key)
        assert shown in text_of(view)
    assert begun(view).hints == 0


def test_passed_cases_are_listed_when_they_are_asked_for() -> None:
    view = told(told(WatchView(CASES, {}), PASSED), FAILED)
    assert "One" not in text_of(view)
    assert "One" in text_of(pressed(view, "a"))
    assert pressed(view, "x") == view


def test_what_leads_is_explained() -> None:
    said = text_of(told(told(WatchView(CASES, {}), PASSED), FAILED))
    assert "blocked" in said
    assert "It waited." in said
    assert "Don't." in said
    assert "1 fail" in said


@pytest.fixture
def node(tmp_path: Path) -> Path:
    file = tmp_path / "node.py"
    file.write_text(WRONG, "utf-8")
    return file


def until(views: "queue.Queue[WatchView]", passed: list[bool]) -> None:
    """Wait for a view in which all is known, and just so."""
    while True:
        view = views.get(timeout=60)
        if view.is_done and [view.results[n].status == "passed" for n in sorted(view.results)] == passed:
            return


def test_a_save_is_graded(node: Path) -> None:
    views: queue.Queue[WatchView] = queue.Queue()
    session = Session(
        from_file(str(node)), select(["async-handler"], ["init", "echo"]), views.put, lambda: None
    )
    over = threading.Event()
    ended: list[WatchView] = []
    watched = threading.Event()

    def saved(is_there: bool) -> None:
        watched.set()
        session.mailbox.put(("saved" if is_there else "gone", None))

    watcher = threading.Thread(target=saves_to, args=(node, saved, over))
    worker = threading.Thread(target=lambda: ended.append(session.run()))
    watcher.start()
    worker.start()
    try:
        until(views, [True, False])
        while not watched.wait(0.2):  # nobody says when the watcher has begun to watch
            node.write_text(RIGHT, "utf-8")
        until(views, [True, True])
    finally:
        session.mailbox.put(("key", "q"))
        worker.join()
        over.set()
        watcher.join()
    assert as_grade(ended[0], "node.py").passed


def test_a_fault_of_ours_is_told_and_the_next_save_is_another_try(
    node: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A grading that fails leaves no `grading …`; a race that fails neither ends the watch."""
    node.write_text(RIGHT, "utf-8")
    views: queue.Queue[WatchView] = queue.Queue()
    real = session_module.grade
    faults = [OSError("no space left on device")]

    def failing(*args: Any, **options: Any) -> Grade:
        if faults:
            raise faults.pop()
        return real(*args, **options)

    def race() -> None:
        raise ValueError("the explorer is not at home")

    monkeypatch.setattr(session_module, "grade", failing)
    session = Session(from_file(str(node)), select(["async-handler"], ["init"]), views.put, race)
    worker = threading.Thread(target=session.run)
    worker.start()
    try:
        seen = [views.get(timeout=60), views.get(timeout=60)]
        assert [view.doing for view in seen] == ["grading", ""]
        assert "not graded: OSError: no space left on device; the node is not to blame" in text_of(seen[-1])
        session.mailbox.put(("saved", None))
        until(views, [True])
        session.mailbox.put(("key", "r"))
        assert "the explorer is not at home" in text_of(views.get(timeout=60))
    finally:
        session.mailbox.put(("key", "q"))
        worker.join()


def test_a_race_in_the_middle_of_a_grading_lets_it_begin_again(node: Path) -> None:
    node.write_text(RIGHT, "utf-8")
    views: queue.Queue[WatchView] = queue.Queue()
    raced = threading.Event()
    session = Session(from_file(str(node)), select(["async-handler"], ["init"]), views.put, raced.set)
    session.mailbox.put(("key", "r"))
    worker = threading.Thread(target=session.run)
    worker.start()
    try:
        until(views, [True])
    finally:
        session.mailbox.put(("key", "q"))
        worker.join()
    assert raced.is_set()


@pytest.mark.skipif(os.name == "nt", reason="terminals are something else there")
def test_keys_come_from_the_terminal(node: Path) -> None:
    import pty

    node.write_text(RIGHT, "utf-8")
    ours, theirs = pty.openpty()
    root = str(Path(__file__).parents[2])
    words = [sys.executable, "-m", "grader", "watch", str(node), "--suite", "async-handler", "--case", "init"]
    env = {**os.environ, "PYTHONPATH": root, "TERM": "xterm"}
    with subprocess.Popen(words, stdin=theirs, stdout=theirs, env=env, start_new_session=True) as run:
        os.close(theirs)
        said = b""
        while b"all pass" not in said:
            said += os.read(ours, 4096)
        os.write(ours, b"q")
        with suppress(OSError):  # so a terminal tells that nobody is there any more
            while os.read(ours, 4096):
                pass
    os.close(ours)
    assert run.returncode == 0

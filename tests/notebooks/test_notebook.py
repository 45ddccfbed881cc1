"""What a notebook uses of the kit, without a notebook: grade, check, hint, predict, command, talk."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from grader.conversation.node_process import NodeProcess
from grader.notebook import answer, check, command, grade, hint, predict, predicted, talk
from grader.notebook.cell_output import VERDICT
from grader.notebook.exercises.grading import for_lesson
from grader.notebook.exercises.paper import Judged
from grader.templates.new_node import TEMPLATE

INIT = {"src": "c0", "dest": "n1", "body": {"type": "init", "msg_id": 1, "node_id": "n1", "node_ids": ["n1"]}}
ECHO = {"src": "c1", "dest": "n1", "body": {"type": "echo", "msg_id": 2, "echo": False}}

NodeFile = Callable[[str], str]


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = "{'rich', 'psutil', 'IPython', 'grader.grading.runner'}"
    code = f"import sys, grader.notebook; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_grade_shows_the_terminal_report_the_html_and_a_verdict() -> None:
    shown = grade(str(TEMPLATE), cases=["init", "echo"])
    bundle = shown._repr_mimebundle_(include=None, exclude=None)
    assert set(bundle) == {"text/plain", "text/html", VERDICT}
    assert bundle[VERDICT] == {"ex": str(TEMPLATE), "ok": True}
    assert "✓ Answer init" in bundle["text/plain"]
    assert "\x1b" not in bundle["text/plain"]
    assert repr(shown) == bundle["text/plain"]
    assert shown.grade is not None
    assert shown.grade.passed


def test_the_words_are_those_of_the_command_line(
    node_file: NodeFile, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import re

    monkeypatch.setenv("FORCE_COLOR", "1")  # as a kernel does
    node = node_file("raise SystemExit(3)")
    shown = grade(node, cases=["init"])
    command(f"grader submit {node} --case init")
    line, printed = capsys.readouterr().out.split("\n", 1)
    assert line == f"$ grader submit {node} --case init"
    times = re.compile(r"\d+\.\d+ s")
    assert times.sub("T", printed).rstrip() == times.sub("T", shown.text)


def test_a_command_is_graded_as_one() -> None:
    shown = grade([sys.executable, "-c", "1"], cases=["init"])
    assert not shown.ok
    assert "grader submit --case init -- " in shown.html


@pytest.mark.parametrize(
    ("node", "cases"),
    [("nowhere.py", []), (str(TEMPLATE), ["no-such-case"])],
)
def test_what_cannot_be_graded_is_said_in_one_line(node: str, cases: list[str]) -> None:
    for shown in (grade(node, cases), check("00.2", node, cases)):
        assert not shown.ok
        assert "grader: " in shown.text
        assert "Traceback" not in shown.text


def test_check_takes_a_condition_and_never_raises() -> None:
    empty: list[int] = []
    assert check("00.1", True).ok
    assert check("00.1", lambda: [1]).ok
    assert not check("00.1", False).ok
    failed = check("00.1", lambda: empty[0])
    assert not failed.ok
    assert "IndexError" in failed.text
    assert 'hint("00.1")' in failed.text
    assert failed._repr_mimebundle_()[VERDICT] == {"ex": "00.1", "ok": False}


def test_what_was_never_awaited_is_not_right() -> None:
    async def judged() -> Judged:
        return Judged(True, "")

    for work in (judged(), judged):
        shown = check("04.1", work)  # type: ignore[arg-type]
        assert not shown.ok
        assert "write `await`" in shown.text


UNLOCKED = """
import json, sys, threading
class Node:
    def __init__(self):
        self.next_id, self.lock = 0, threading.Lock()
    def say(self, dest, body):
        with self.lock:
            number = self.next_id
            self.next_id = number + 1
            print(json.dumps({"src": "n1", "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
    def echo(self, src, body):
        self.say(src, {"type": "echo_ok", "in_reply_to": body["msg_id"], "echo": body["echo"]})
    def run(self):
        for line in sys.stdin:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            if body["type"] == "init":
                self.say(src, {"type": "init_ok", "in_reply_to": body["msg_id"]})
            else:
                threading.Thread(target=self.echo, args=(src, body)).start()
Node().run()
"""


def test_a_node_without_a_lock_passes_and_is_not_yet_safe(
    node_file: NodeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "rich.console._is_jupyter", lambda: True
    )  # rich would write into the cell, and nothing to us
    held = "with self.lock:"
    by_hand = UNLOCKED.replace(held, "self.lock.acquire()\n        try:").replace(
        "    def echo", "        finally:\n            self.lock.release()\n    def echo"
    )
    for source, ok in ((UNLOCKED, True), (by_hand, True), (UNLOCKED.replace(held, "if True:"), False)):
        shown = check("03.2", node_file(source), cases=["echo"], safe="two-echoes")
        assert shown.ok is ok, shown.text
    assert "passes its cases, and is not yet safe: the explorer has found a race" in shown.text
    assert "✗" in shown.text  # the schedule that shows it
    again = check("03.4", node_file(source), cases=["echo"])  # a race is known of it, whoever asks
    assert not again.ok
    assert "race(" in again.text


def test_a_lesson_speaks_of_no_lesson_after_it(tmp_path: Path) -> None:
    from grader.notebook.course.record import keep_in

    keep_in(tmp_path, "01")
    shown = grade([sys.executable, "-c", "1"], cases=["init"]).grade
    assert shown is not None
    [result] = shown.results
    assert result.findings[0].lesson == "00"
    late = replace(shown, results=(replace(result, findings=(replace(result.findings[0], lesson="07"),)),))
    assert [for_lesson(late, n).results[0].findings[0].lesson for n in ("", "06", "07")] == ["07", "", "07"]
    assert "missing lock" not in grade(str(TEMPLATE), cases=["init"]).text
    keep_in(tmp_path, "03")
    assert "missing lock" in grade(str(TEMPLATE), cases=["init"]).text


def test_hints_unfold_one_by_one_and_not_by_running_all_cells() -> None:
    none, again, first, last = hint("00.1"), hint("00.1"), hint("00.1", 1), hint("00.1", 9)
    assert none == again
    assert "Hint 1: " not in none.text
    assert 'hint("00.1", 1)' in none.text
    assert none.html.count("<details><summary>Hint ") == 3  # folded, each in the one before
    assert none.html.endswith("</details></details></details>")
    assert "Hint 1: " in first.text
    assert "Hint 2: " not in first.text
    assert first.html.count("<details open>") == 1
    assert "Hint 3: " in last.text
    assert "That was the last one." in last.text
    assert VERDICT not in last._repr_mimebundle_()


def test_an_unknown_exercise_gets_one_clear_line() -> None:
    for shown in (hint("99.9"), answer("99.q9", "a")):
        assert "99." in shown.text
        assert "\n" not in shown.text


def test_a_run_waits_for_its_prediction(capsys: pytest.CaptureFixture[str]) -> None:
    predict("p", None)
    predict("p", "  ")
    assert not predicted("p")
    predict("p", "b")
    assert predicted("p")
    assert "You expected: b" in capsys.readouterr().out


def test_answers_right_missing_and_unknown() -> None:
    assert answer("00.q1", "b").ok
    for choice in (None, "z"):
        shown = answer("00.q1", choice)
        assert not shown.ok
        assert "not answered yet" in shown.text


def test_only_the_kits_own_command_is_run() -> None:
    with pytest.raises(ValueError, match="grader"):
        command("rm -r .")


# Talk.


def children() -> list[psutil.Process]:
    """What we have started, but for the launcher and the keepers that it forks.

    Who has no words is just ending, and can't be told from those.
    """
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            is_ending = not process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
            if not is_ending and not any("grader.sandbox.launcher" in word for word in process.cmdline()):
                found.append(process)
    return found


def test_talk_says_and_shows(capsys: pytest.CaptureFixture[str]) -> None:
    with talk() as node:
        node.say(INIT)
        [reply] = node.say(ECHO)
        assert node.say("hello?") == []
    assert reply["body"] == {"type": "echo_ok", "echo": False, "in_reply_to": 2, "msg_id": 1}
    shown = capsys.readouterr().out
    assert "→ hello?\n  stderr: not a message: hello?\n" in shown
    assert '← {"src": "n1", "dest": "c1"' in shown


def test_talk_says_that_nothing_came(node_file: NodeFile, capsys: pytest.CaptureFixture[str]) -> None:
    with talk(node_file("print('{}', flush=True)\nimport sys; sys.stdin.read()")) as node:
        assert node.say("x") == [{}]
        assert node.say("y") == []
    assert "(nothing came back within 2 s)" in capsys.readouterr().out


def test_what_was_never_flushed_is_shown_at_the_end(
    node_file: NodeFile, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "import sys\nprint('\"up\"', flush=True)\nfor line in sys.stdin: print('\"kept back\"')"
    with talk(node_file(said)) as node:
        node.say("x")
        assert node.say("y") == []
    shown = capsys.readouterr().out
    assert shown.endswith('at the end of its input, came)\n← "kept back"\n← "kept back"\n')


def test_a_node_that_dies_says_so(node_file: NodeFile, capsys: pytest.CaptureFixture[str]) -> None:
    with talk(node_file("import json\njson.loads(input())")) as node:
        node.say("hello?")
        node.say("still there?")
    shown = capsys.readouterr().out
    assert "stderr: json.decoder.JSONDecodeError" in shown
    assert "(the node has ended, or closed its output)" in shown
    assert "(the node reads no more)" in shown


def test_the_node_ends_with_the_block() -> None:
    before, threads = children(), threading.active_count()
    with talk() as node:
        node.say(INIT)
        assert len(children()) == len(before) + 1
    assert children() == before
    assert threading.active_count() == threads
    with pytest.raises(RuntimeError, match="with talk"):
        node.say(ECHO)


def test_it_ends_when_the_block_fails() -> None:
    before = children()
    with pytest.raises(ZeroDivisionError), talk():
        raise ZeroDivisionError
    assert children() == before


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX does")
def test_a_node_that_will_not_end_is_ended_on_interrupt_too(node_file: NodeFile) -> None:
    """Stubborn, with a child in a session of its own; and the interrupt comes while we listen."""
    source = (
        "import signal, subprocess, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "subprocess.Popen(['sleep', '60'], start_new_session=True)\n"
        "time.sleep(60)\n"
    )
    before = children()
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    began = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt), talk(node_file(source)) as node:
        node.say(INIT)
    timer.join()
    assert children() == before
    assert time.monotonic() - began < 5


def test_the_interrupt_may_come_twice(node_file: NodeFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one while the node is given its second to end by itself."""
    before = children()
    wait = NodeProcess.wait

    def interrupted(process: NodeProcess, timeout: float | None = None) -> int | None:
        if timeout is not None:
            raise KeyboardInterrupt
        return wait(process)

    monkeypatch.setattr(NodeProcess, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt), talk(node_file("import time; time.sleep(60)")):
        assert len(children()) == len(before) + 1
    assert children() == before


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody hears of the death of another process")
def test_a_node_that_loops_ends_with_a_kernel_that_is_killed(node_file: NodeFile) -> None:
    node = node_file("print('here', flush=True)\nwhile True: pass")
    said = f"from grader.notebook import talk\nwith talk({node!r}) as node: node.say('x'); input()"
    with subprocess.Popen(
        [sys.executable, "-c", said], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as kernel:
        assert kernel.stdout is not None
        while kernel.stdout.readline() != "← here\n".encode():
            pass
        started = psutil.Process(kernel.pid).children(recursive=True)
        assert any(node in process.cmdline() for process in started)
        kernel.kill()
    assert psutil.wait_procs(started, timeout=60)[1] == []


def test_its_folder_is_its_files(tmp_path: Path) -> None:
    (tmp_path / "node.py").write_text("import os, json; input(); print(json.dumps({'at': os.getcwd()}))")
    with talk(str(tmp_path / "node.py")) as node:
        assert node.say("x") == [{"at": str(tmp_path.resolve())}]


# Cases that are left out.


def test_cases_can_be_left_out() -> None:
    shown = grade(str(TEMPLATE), suites=["maelstrom-echo"], but=["maelstrom-echoes"])
    assert shown.grade is not None
    assert [r.case.id for r in shown.grade.results] == ["maelstrom-init", "maelstrom-clients"]
    some = check("03.4", str(TEMPLATE), cases=["init", "echo", "proxy"], but=["proxy"])
    assert some.ok
    assert "Answer init" in some.text
    assert "Pass a request on" not in some.text


@pytest.mark.parametrize(
    ("cases", "but", "says"),
    [([], ["no-such-case"], "no-such-case"), (["init"], ["init"], "no case is left")],
)
def test_what_cannot_be_left_out_is_said_in_one_line(cases: list[str], but: list[str], says: str) -> None:
    shown = grade(str(TEMPLATE), cases=cases, but=but)
    assert not shown.ok
    assert shown.text.startswith("grader: ")
    assert says in shown.text
    assert "\n" not in shown.text

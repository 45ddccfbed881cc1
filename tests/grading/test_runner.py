"""Grading: what is kept when something goes wrong beside the node, and what counts as attempted."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from grader.cases.model import Case
from grader.cases.select import select
from grader.checks.judge import Verdict, judge
from grader.cli import main
from grader.conversation import patience
from grader.conversation.submission import from_file
from grader.conversation.transcript import Transcript
from grader.grading import conversations, runner
from grader.grading.lead import lead
from tests.conftest import Grader
from tests.conversations import case, echo, echo_ok, expect, init, init_ok, message, send
from tests.test_cli import REFERENCE

NODE = REFERENCE / "node.py"
RIGHT = Path(__file__).with_name("right_threads.py")  # one that is easily made wrong


@pytest.fixture
def judge_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(case: Case, transcript: Transcript, language: str) -> Verdict:
        if case.id == "echo":
            raise LookupError("a fault of the grader's")
        return judge(case, transcript, language)

    monkeypatch.setattr(conversations, "judge", fails)


@pytest.mark.usefixtures("judge_that_fails")
def test_a_fault_of_ours_is_told_as_ours_and_costs_no_other_result() -> None:
    outcome = runner.grade(from_file(str(NODE)), select(ids=["echo", "three-echoes", "proxy"]))
    assert [(r.case.id, r.status) for r in outcome.results] == [
        ("three-echoes", "passed"),
        ("echo", "not-attempted"),
        ("proxy", "passed"),
    ]
    assert not outcome.passed
    (traceback,) = outcome.faults
    assert "a fault of the grader's" in traceback
    assert "LookupError" in outcome.results[1].note


@pytest.mark.usefixtures("judge_that_fails")
def test_a_fault_of_ours_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["submit", str(NODE), "--case", "echo", "proxy"]) == 2
    out, err = capsys.readouterr()
    assert "1 of 2 cases" in out
    assert err.startswith("grader: a fault of the grader's own")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_report_that_cannot_be_written_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["submit", str(NODE), "--case", "echo", "--json", "/dev/full"]) == 2
    out, err = capsys.readouterr()
    assert "1 of 1 cases" in out
    assert err == "grader: --json /dev/full: can't be written: No space left on device\n"


def test_whoever_reads_the_terminal_may_go_away_and_costs_no_other_report(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "grader", "submit", str(NODE), "--suite", "rpc", "--json", str(report)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as grader:
        assert grader.stdout is not None
        assert grader.stderr is not None
        grader.stdout.close()
        assert grader.stderr.read() == b""
        assert grader.wait() == 0
    assert json.loads(report.read_text("utf-8"))["passed"]


HIDES = """
import os, subprocess, sys
for line in sys.stdin:
    if '"echo"' in line:
        child = "import time; print(open('/proc/self/stat').read().split()[0], flush=True); time.sleep(600)"
        command = [sys.executable, "-c", child]
        hidden = subprocess.Popen(command, env={}, start_new_session=True, stdin=-3, stdout=-1, stderr=-3)
        with open(PIDS, "wb") as file:
            file.write(hidden.stdout.readline())
        os._exit(0)
    print('{"src": "n1", "dest": "c0", "body": {"type": "init_ok", "in_reply_to": 1, "msg_id": 0}}', flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere such a process can't be found again")
def test_a_process_that_hides_from_its_node_ends_with_the_command(tmp_path: Path, grader: Grader) -> None:
    pids = tmp_path / "pids"
    (tmp_path / "node.py").write_text(HIDES.replace("PIDS", repr(str(pids))))
    assert grader("submit", str(tmp_path / "node.py"), "--case", "echo").returncode == 1
    assert not psutil.pid_exists(int(pids.read_text()))


def test_the_command_that_runs_a_case_again_keeps_what_changes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "node.py").write_text("print('hello')\n")
    assert main(["submit", str(tmp_path / "node.py"), "--case", "echo", "--seed", "3", "--slow", "2"]) == 1
    told = " ".join(capsys.readouterr().out.split())  # a folder with a long name makes it two lines
    assert "--case echo --seed 3 --slow 2" in told


def test_only_the_built_in_rpc_may_be_left_out(tmp_path: Path) -> None:
    node = tmp_path / "node.py"
    assert main(["new", str(node)]) == 0
    node.write_text(node.read_text().replace(', "proxy": proxy', ""))
    proxy = next(case for case in select(["rpc"]) if case.id == "proxy")
    assert runner.grade(from_file(str(node)), [proxy]).results[0].status == "not-attempted"
    asked = message("c1", "n1", type="proxy", msg_id=1, target="n2", inner={"type": "q"})
    answer = message("n1", "n2", type="q", msg_id="$int")
    own = case(send(init()), expect(init_ok()), send(asked), expect(answer), suite="rpc")
    assert runner.grade(from_file(str(node)), [own]).results[0].status == "failed"


@pytest.mark.skipif(sys.platform == "win32", reason="holds a lock that only POSIX has")
def test_a_node_that_can_run_only_once_at_a_time_passes(tmp_path: Path) -> None:
    lock = (
        "import fcntl\nheld = open(__file__ + '.lock', 'w')\nfcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
    )
    (tmp_path / "node.py").write_text(lock + RIGHT.read_text("utf-8"), "utf-8")
    chosen = [
        case for case in select(["async-handler", "rpc"]) if not case.id.startswith(("burst", "thousand"))
    ]
    outcome = runner.grade(from_file(str(tmp_path / "node.py")), chosen)
    assert [(r.case.id, r.findings) for r in outcome.results if r.status != "passed"] == []
    assert [result.case for result in outcome.results] == chosen


def test_a_node_that_takes_its_lock_file_away_when_it_ends_passes(tmp_path: Path) -> None:
    """So does one of which nothing is expected any more: what it holds would stop the next one."""
    lock = "import atexit, os\nos.close(os.open('my.lock', os.O_CREAT | os.O_EXCL))\n"
    lock += "atexit.register(os.unlink, 'my.lock')\n"
    node = tmp_path / "node.py"
    node.write_text(lock + RIGHT.read_text("utf-8"), "utf-8")
    (tmp_path / "notes.txt").touch()
    chosen = select(ids=["echo", "three-echoes", "proxied-once", "silent-peer", "two-echoes"])
    outcome = runner.grade(from_file(str(node)), chosen)
    assert [(r.case.id, r.findings) for r in outcome.results if r.status == "failed"] == []
    assert any("my.lock" in result.held for result in outcome.results)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["node.py", "notes.txt"]


def test_a_node_that_is_killed_does_not_stop_the_next_one(tmp_path: Path) -> None:
    """One that is wrong is told what is wrong with it, and not of the file that it left."""
    lock = "import os\nos.mkdir('lock')\n"
    text = RIGHT.read_text("utf-8").replace('"echo_ok"', '"ok"')
    (tmp_path / "node.py").write_text(f"{lock}{text}\nos.rmdir('lock')\n", "utf-8")
    outcome = runner.grade(
        from_file(str(tmp_path / "node.py")), select(ids=["init", "echo", "unicode"]), jobs=1
    )
    assert [r.findings[0].code if r.findings else "" for r in outcome.results] == [
        "",
        "wrong-type",
        "wrong-type",
    ]


def test_what_was_there_before_a_node_ran_is_never_taken_away(tmp_path: Path) -> None:
    """An editor that saves moves a file, too, and puts it there again."""
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    begins = "import os, time\nif again := os.path.exists('aside'): os.rename('aside', 'notes.txt')\n"
    ends = "\nif again: time.sleep(60)\nos.rename('notes.txt', 'aside')\n"
    (tmp_path / "node.py").write_text(begins + RIGHT.read_text("utf-8") + ends, "utf-8")
    outcome = runner.grade(from_file(str(tmp_path / "node.py")), select(ids=["init", "echo"]), jobs=1)
    assert [result.status for result in outcome.results] == ["passed", "passed"]
    assert [path.read_text("utf-8") for path in tmp_path.iterdir() if path.name != "node.py"] == ["mine"]


def test_a_node_that_dies_of_an_odd_name_fails_that_case_only(tmp_path: Path) -> None:
    text = RIGHT.read_text("utf-8")
    name = 'self.id = message["body"]["node_id"]'
    assert name in text
    (tmp_path / "node.py").write_text(text.replace(name, f"{name}; int(self.id[1:])"), "utf-8")
    for seed in (0, 7):
        chosen = select(ids=["node-name", "init", "echo", "same-ids", "proxy", "slow-peer"], seed=seed)
        outcome = runner.grade(from_file(str(tmp_path / "node.py")), chosen)
        assert [r.case.id for r in outcome.results if r.status == "failed"] == ["node-name"]


def test_fail_fast_ends_with_the_first_case_that_fails(tmp_path: Path) -> None:
    (tmp_path / "node.py").write_text(RIGHT.read_text("utf-8").replace('"echo_ok"', '"ok"'), "utf-8")
    outcome = runner.grade(
        from_file(str(tmp_path / "node.py")), select(["rpc", "async-handler"]), fail_fast=True
    )
    assert not outcome.passed
    assert any(result.status == "failed" for result in outcome.results)
    assert len(outcome.results) < len(select(["rpc", "async-handler"]))


def test_a_case_of_interleaving_that_cannot_be_attempted_has_no_points() -> None:
    node = from_file(str(NODE))
    other = replace(node, command=("/usr/bin/env", *node.command))
    outcome = runner.grade(other, select(ids=["echo", "two-echoes"]))
    assert [result.status for result in outcome.results] == ["passed", "not-attempted"]
    assert (outcome.points, outcome.max_points) == (1.0, 1.0)


SLOW_AT_FIRST = """
import json, os, sys, time
runs = os.open("runs", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
os.write(runs, b".")
is_late = os.fstat(runs).st_size <= LATE
for number, line in enumerate(sys.stdin):
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node, answer = body["node_id"], {"type": "init_ok"}
    else:
        time.sleep(1.2 * is_late)
        answer = {"type": "echo_ok", "echo": body["echo"]}
    answer |= {"in_reply_to": body["msg_id"], "msg_id": number}
    print(json.dumps({"src": node, "dest": message["src"], "body": answer}), flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells that a machine is busy")
@pytest.mark.parametrize(("late", "status", "runs"), [(1, "passed", 2), (9, "failed", 3)])
def test_who_is_late_while_lines_still_come_on_a_busy_machine_is_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: int, status: str, runs: int
) -> None:
    """It fails if it is late each time."""
    monkeypatch.setattr(patience, "HELD_UP_S", -1.0)  # as if it were busy
    node = tmp_path / "node.py"
    node.write_text(SLOW_AT_FIRST.replace("LATE", str(late)))
    steps = send(init()), expect(init_ok()), send(echo("c1", 2, "x")), expect(echo_ok("c1", 2, "x"))
    one = case(*steps, timeout_ms=500)
    (result,) = runner.grade(from_file(str(node)), [one]).results
    assert result.status == status, result.findings
    assert (tmp_path / "runs").stat().st_size == runs


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells for how long who waited")
def test_how_long_we_got_no_core_is_no_time_of_the_node_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from grader.conversation import at_rest

    class Still:
        def pids(self) -> list[int]:
            return []

    waited = [0.0]
    monkeypatch.setattr(at_rest, "waited", lambda _: waited[0])
    node = patience.Patience(Still(), lambda: True, 10.0)  # type: ignore[arg-type]
    node.counted_at -= 4.0
    waited[0] = 3.0
    node.count()
    assert node.delay == 3.0
    node.count()
    assert node.delay == 3.0


@pytest.mark.skipif(sys.platform != "linux", reason="only there it is seen that a node waits for ever")
def test_what_a_case_has_shown_is_kept_if_it_is_interrupted_when_it_runs_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = tmp_path / "node"
    init_ok_line = json.dumps(init_ok(msg_id=0))
    node.write_text(
        f"#!/bin/sh\nread -r line\necho '{init_ok_line}'\nwhile read -r line; do :; done\n", "utf-8"
    )
    node.chmod(0o755)
    begun: list[int] = []
    interrupts: list[Callable[[], None]] = []
    begin = runner._Grading.begin

    def interrupted_at_the_second(self: Any, place: int) -> None:
        begun.append(place)
        begin(self, place)
        if begun.count(place) == 2:
            interrupts[0]()

    monkeypatch.setattr(runner._Grading, "begin", interrupted_at_the_second)
    own = case(send(init()), expect(init_ok()), send(echo("c1", 2, "x")), expect(echo_ok("c1", 2, "x")))
    outcome = runner.grade(from_file(str(node)), [own], on_begin=interrupts.append)
    assert begun == [0, 0]
    assert outcome.interrupted
    assert [result.findings[0].code for result in outcome.results] == ["no-reply"]


@pytest.mark.skipif(os.name != "posix", reason="a script of sh")
def test_what_a_node_that_says_nothing_does_is_shown_in_the_case_of_init(tmp_path: Path) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\nwhile read -r line; do :; done\n", "utf-8")
    node.chmod(0o755)
    results = runner.grade(from_file(str(node)), select(["async-handler", "rpc"])).results
    not_begun = [result for result in results if not result.transcript]
    assert len(not_begun) > 40
    assert {result.note for result in not_begun} == {"not begun: the node did not answer init in init"}
    leading = lead(results)
    assert leading is not None
    assert leading.result.case.id == "init"
    assert leading.result.transcript

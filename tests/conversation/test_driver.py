"""Whole processes: what a node does is recorded, and nothing of it stays behind."""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from grader.cases.model import Case
from grader.checks.judge import judge
from grader.conversation.driver import Conversation, Interrupted
from grader.conversation.node_process import prepare
from grader.conversation.patience import Shown
from grader.conversation.submission import Submission, from_command, from_file
from grader.conversation.transcript import Transcript
from tests.conversations import CLOSE, case, echo, echo_ok, expect, init, init_ok, send

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX processes")
NodeFile = Callable[..., str]

# Answers init and echo; what else a test wants it to do stands in EXTRA.
NODE = """
import json, os, subprocess, sys, threading, time
def say(dest, **body):
    print(json.dumps({"src": "n1", "dest": dest, "body": body}), flush=True)
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        say(message["src"], type="init_ok", in_reply_to=body["msg_id"])
        EXTRA
    else:
        say(message["src"], type="echo_ok", echo=body["echo"], in_reply_to=body["msg_id"])
"""
ECHO = case(
    send(init()),
    expect(init_ok()),
    send(echo("c1", 1, "a")),
    expect(echo_ok("c1", 1, "a")),
    CLOSE,
    timeout_ms=60_000,
)
TWO = case(
    send(init()), expect(init_ok()), send(echo("c1", 1, "a")), expect(echo_ok("c1", 1, "a")), timeout_ms=60_000
)


def converse(node: str | Submission, case: Case, tmp_path: Path, **options: float) -> Transcript:
    prepare()
    submission = from_file(node) if isinstance(node, str) else node
    return Conversation(case, submission, str(tmp_path), **options).run()


def leading(case: Case, transcript: Transcript) -> str:
    findings = judge(case, transcript).findings
    return findings[0].code if findings else "passed"


def test_the_transcript_holds_what_passed_in_order(node_file: NodeFile, tmp_path: Path) -> None:
    transcript = converse(node_file(NODE.replace("EXTRA", "pass")), ECHO, tmp_path)
    assert [event.kind for event in transcript] == ["in", "out", "in", "out", "eof", "exit"]
    assert [event.n for event in transcript] == list(range(6))
    assert [event.t_ms for event in transcript] == sorted(event.t_ms for event in transcript)
    assert transcript[-1].status == 0
    assert leading(ECHO, transcript) == "passed"


def test_stderr_is_kept_and_never_accuses(node_file: NodeFile, tmp_path: Path) -> None:
    node = node_file(NODE.replace("EXTRA", 'print("Traceback: just a note", file=sys.stderr, flush=True)'))
    transcript = converse(node, ECHO, tmp_path)
    assert [event.line for event in transcript if event.kind == "err"] == ["Traceback: just a note"]
    assert leading(ECHO, transcript) == "passed"


def test_of_a_long_stderr_head_and_tail_are_kept(node_file: NodeFile, tmp_path: Path) -> None:
    noise = 'sys.stderr.write("".join(f"line {i} {\'x\' * 90}\\n" for i in range(100_000))); sys.stderr.flush()'
    transcript = converse(node_file(NODE.replace("EXTRA", noise)), ECHO, tmp_path)
    lines = [event.line.split(" x")[0] for event in transcript if event.kind == "err"]
    assert lines[0] == "line 0"
    assert lines[-1] == "line 99999"
    assert len(lines) <= 400
    assert leading(ECHO, transcript) == "passed"


def test_an_early_exit_ends_the_case_at_once(node_file: NodeFile, tmp_path: Path) -> None:
    transcript = converse(node_file(NODE.replace("EXTRA", "raise SystemExit(3)")), TWO, tmp_path)
    assert transcript[-1].kind == "exit"
    assert transcript[-1].status == 3
    assert leading(TWO, transcript) == "crashed"


@posix
def test_a_signal_is_told_as_such(node_file: NodeFile, tmp_path: Path) -> None:
    transcript = converse(node_file(NODE.replace("EXTRA", "os.kill(os.getpid(), 9)")), TWO, tmp_path)
    assert transcript[-1].status == -signal.SIGKILL
    assert "SIGKILL" in judge(TWO, transcript).findings[0].message


def test_a_node_that_starts_slowly_may_end_later_without_input(node_file: NodeFile, tmp_path: Path) -> None:
    empty = case(CLOSE)
    node = node_file("import time; time.sleep(1.5)")  # here 3 s are given for a start, 0.9 s for an end
    transcript = converse(node, empty, tmp_path, slow=0.3)
    assert leading(empty, transcript) == "passed"


def test_a_node_that_computes_before_its_first_word_keeps_its_place(
    node_file: NodeFile, tmp_path: Path
) -> None:
    """A JVM may need seconds of a core for it: many of them at once, and none comes to it in time."""
    spins = "until = time.process_time() + 0.9\nwhile time.process_time() < until: pass\n"
    answers = f"print({json.dumps(init_ok(msg_id=0))!r}, flush=True)\n"
    node = node_file(f"import time\n{spins}{answers}{spins}time.sleep(9)")
    left = []
    conversation = Conversation(
        case(send(init()), expect(init_ok()), {"silence_ms": 900}),
        from_file(node),
        str(tmp_path),
        leave_place=lambda shown: left.append((shown, conversation.clock is None)),
    )
    conversation.run()
    assert (Shown.COMPUTES, True) not in left
    assert left


def test_a_closed_stdout_ends_the_case(node_file: NodeFile, tmp_path: Path) -> None:
    node = node_file(NODE.replace("EXTRA", "os.close(1); time.sleep(60)"))
    transcript = converse(node, TWO, tmp_path, slow=0.1)
    assert [event.kind for event in transcript if event.kind != "err"][-1] == "closed"
    assert leading(TWO, transcript) == "no-reply"


def test_a_python_node_that_is_ended_says_where_its_threads_stand(node_file: NodeFile, tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("needs a signal")
    node = node_file(NODE.replace("EXTRA", "lock = threading.Lock(); lock.acquire(); lock.acquire()"))
    stuck = case(
        *[
            {"send": [init()]},
            {"expect": init_ok()},
            {"send": echo("c1", 1, "a")},
            {"expect": echo_ok("c1", 1, "a")},
        ],
        timeout_ms=100,
    )
    transcript = converse(node, stuck, tmp_path)
    finding = judge(stuck, transcript).findings[0]
    assert finding.code == "no-reply"
    assert finding.stands[0].startswith("the main thread stood at node.py line 10, in <module>: lock =")
    assert finding.cause is not None
    assert (finding.cause.kind, finding.cause.file, finding.cause.line) == ("lock", "node.py", 10)


def test_a_flood_is_ended(node_file: NodeFile, tmp_path: Path) -> None:
    node = node_file(NODE.replace("EXTRA", 'while True: sys.stdout.write("x" * 65536)'))
    transcript = converse(node, TWO, tmp_path)
    assert leading(TWO, transcript) == "limit-exceeded"


def test_a_node_that_does_not_read_does_not_hold_us_up(node_file: NodeFile, tmp_path: Path) -> None:
    big = case(
        send(init(), echo("c1", 1, "x" * 1_000_000)),
        expect(init_ok()),
        expect(echo_ok("c1", 1, "y")),
        timeout_ms=100,
    )
    node = node_file(NODE.replace("EXTRA", "time.sleep(60)"))
    assert leading(big, converse(node, big, tmp_path, slow=0.5)) == "no-reply"


@posix
@pytest.mark.parametrize(
    "child", ["subprocess.Popen(['sleep', '71'])", "subprocess.Popen(['sleep', '72'], start_new_session=True)"]
)
def test_what_a_node_leaves_behind_is_found_and_ended(node_file: NodeFile, tmp_path: Path, child: str) -> None:
    if "session" in child and sys.platform != "linux":
        pytest.skip("only Linux lets us find it")
    transcript = converse(node_file(NODE.replace("EXTRA", child)), ECHO, tmp_path)
    assert leading(ECHO, transcript) == "left-processes"
    assert not sleepers("71" if "71" in child else "72")


@posix
def test_children_of_a_node_that_is_ended_end_with_it(node_file: NodeFile, tmp_path: Path) -> None:
    node = node_file(NODE.replace("EXTRA", "subprocess.Popen(['sleep', '73'])"))
    assert leading(TWO, converse(node, TWO, tmp_path)) == "passed"
    assert not sleepers("73")


def sleepers(seconds: str) -> list[psutil.Process]:
    return [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", seconds]]


def test_a_conversation_can_be_stopped(node_file: NodeFile, tmp_path: Path) -> None:
    prepare()
    node = node_file(NODE.replace("EXTRA", "time.sleep(60)"))
    conversation = Conversation(TWO, from_file(node), str(tmp_path))
    timer = threading.Timer(0.2, conversation.stop)
    timer.start()
    with pytest.raises(Interrupted):
        conversation.run()
    timer.join()
    assert not [p for p in psutil.process_iter(["cmdline"]) if node in (p.info["cmdline"] or [])]


@posix
def test_what_the_system_refuses_did_not_start(tmp_path: Path) -> None:
    dead = tmp_path / "node.sh"
    dead.write_text("#!/no/such/interpreter\n")
    dead.chmod(0o755)
    transcript = converse(str(dead), TWO, tmp_path)
    finding = judge(TWO, transcript).findings[0]
    assert finding.code == "did-not-start"
    assert "No such file" in finding.actual


def test_the_environment_is_the_callers_less_what_hides_a_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    monkeypatch.setenv("MINE", "yes")
    (tmp_path / "own").mkdir()
    wanted = "os.environ.get('PYTHONUNBUFFERED'), os.environ['MINE'], os.environ['TMPDIR']"
    program = f"import os, sys; print({wanted}, file=sys.stderr)"
    transcript = converse(from_command([sys.executable, "-c", program]), TWO, tmp_path / "own")
    said = [event.line for event in transcript if event.kind == "err"]
    assert said == [f"None yes {tmp_path / 'own'}"]


def test_what_comes_after_the_time_is_late_even_where_input_had_ended(
    node_file: NodeFile, tmp_path: Path
) -> None:
    node = node_file(NODE.replace("EXTRA", "pass").replace("say(message", "time.sleep(1.5); say(message", 2))
    late = case(
        send(init(), echo("c1", 1, "a")), CLOSE, expect(init_ok()), expect(echo_ok("c1", 1, "a")), timeout_ms=1
    )
    transcript = converse(node, late, tmp_path)
    assert [event.kind for event in transcript if event.kind in ("eof", "out")] == ["eof", "out", "eof", "out"]
    assert leading(late, transcript) == "no-reply"

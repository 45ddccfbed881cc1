"""The table of the README, line by line: what an attacker gets under each strength. All attacks are bounded.

After each the process table, the folder and the report are looked at.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from grader.cases.model import Case, Close
from grader.conversation.submission import from_file
from grader.grading.lodging import lodged
from grader.grading.results import Grade
from grader.grading.runner import grade
from grader.sandbox.begin import lacks
from grader.sandbox.policy import MIB, Limits, Policy, Strength
from grader.sandbox.run_folder import PREFIX, RunFolder
from tests.conversations import case, echo, echo_ok, expect, init, init_ok, send
from tests.hostile import nodes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits are Linux's")
full_is_there = pytest.mark.skipif(
    sys.platform == "linux" and bool(lacks(Policy("full"))), reason="needs Landlock and seccomp"
)

ROOT = Path(__file__).parents[2]
ONE = case(send(init()), expect(init_ok()), send(echo("c1", 2, "x")), expect(echo_ok("c1", 2, "x")))
SMALL = Limits(memory=256 * MIB, processes=16, files=32 * MIB, line=1 * MIB, output=8 * MIB)


@pytest.fixture
def node(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    return tmp_path / "own" / "node.py"


def mark(node: Path) -> str:
    """By which a process is known that hides, and no other test's."""
    return f"hostile-mark-{os.getpid()}-{node.parents[1].name}"


def attacked(node: Path, attack: str, strength: Strength = "limits", of: Case = ONE, **names: str) -> Grade:
    node.write_text(nodes.source(attack, **names))
    with lodged(from_file(str(node)), strength, SMALL) as lodger:
        outcome = grade(lodger, [of])
    assert nothing_is_left(node)
    return outcome


def nothing_is_left(node: Path) -> bool:
    """No process that has the node's file or mark on its command line, no folder of a run of ours."""
    names = (str(node), mark(node))
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        assert not any(name in word for name in names for word in words), words
    return True


def finding(outcome: Grade) -> str:
    (result,) = outcome.results
    return f"{result.findings[0].code}: {result.findings[0].message} {result.findings[0].actual}"


ATTEMPTS = (
    # what is tried, and whether it is done under off, limits, full
    ("signal", True, False, False),
    ("their-files", True, False, False),
    ("their-memory", None, False, False),
    ("their-environment", True, False if os.geteuid() else None, False),  # root may look, but for `full`
    ("their-limits", True, False, False),
    ("cases", True, True, False),
    ("references", True, True, False),
    ("own-suite", True, True, False),
    ("home", True, True, False),
    ("write-home", True, True, False),
    ("write-original", True, True, False),
    ("write-own", True, True, True),
    ("write-tmp", True, True, True),
    ("change-mode", True, True, False),
    ("change-times", True, True, False),
    ("change-owner", True, True, False),
    ("root-rights", *((False, False, False) if os.geteuid() else (None, None, False))),  # as far as it has any
    ("network", True, True, False),
    ("local-socket", True, True, False),
    ("socketpair", True, True, True),
    ("shared-memory", True, False, False),
    ("posix-queue", None, False, False),
    ("io-uring", None, False, False),
    ("memory-file", True, False, False),
    ("namespaces", None, None, False),  # it depends on the user and the system
    ("thread", True, True, True),
    ("process", True, True, True),
    ("secret", True, True, False),
)


@full_is_there
@pytest.mark.parametrize(("place", "strength"), list(enumerate(("off", "limits", "full"), 1)))
def test_what_is_reached(
    node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int, strength: Strength
) -> None:
    from grader.cases.parser import BUILT_IN

    home = tmp_path / "home"
    home.mkdir()
    suite = home / "suite.jsonl"
    suite.write_text("{}")
    monkeypatch.setenv("HOSTILE_SECRET", "key")
    names = {
        "CASES": str(BUILT_IN / "rpc.jsonl"),
        "REFERENCE": str(ROOT / "reference" / "node.py"),
        "SUITE": str(suite),
        "HOME": str(home),
        "ORIGINAL": str(node.parent),
    }
    to_its_end = replace(ONE, steps=(*ONE.steps, Close()))  # so that all of its stderr is read
    outcome = attacked(node, nodes.PROBE, strength, of=to_its_end, **names)
    assert outcome.passed, finding(outcome)
    lines = [event.line for event in outcome.results[0].transcript if event.kind == "err"]
    told = {words[1]: words[2] for words in map(str.split, lines) if words[0] == "probe"}
    expected = {row[0]: "done" if row[place] else "refused" for row in ATTEMPTS if row[place] is not None}
    assert {name: told.get(name) for name in expected} == expected
    assert (node.parent / "own-file").exists() is (strength != "full")  # there it was a copy
    assert outcome.sandbox == strength


@pytest.mark.parametrize(
    ("attack", "strength", "says"),
    [
        (nodes.HOG, "limits", "memory"),
        (nodes.HOG, "full", "memory"),
        (nodes.ONE_GULP, "limits", "memory"),
        (nodes.BOMB, "limits", "processes"),
        (nodes.BOMB, "full", "processes"),
        (nodes.DISK, "limits", "files"),
        (nodes.DISK, "full", "files"),
        (nodes.LONG_LINE, "off", "a line of more than 1 MiB"),
        (nodes.LONG_LINE, "full", "a line of more than 1 MiB"),
        (nodes.STDERR, "off", "stderr: more than 8 MiB"),
        (nodes.STDERR, "limits", "stderr: more than 8 MiB"),
    ],
)
def test_what_is_limited(node: Path, attack: str, strength: Strength, says: str) -> None:
    outcome = attacked(node, attack, strength)
    assert finding(outcome).startswith("limit-exceeded: ")
    assert says in finding(outcome)
    used = outcome.results[0].used
    assert used is not None
    assert used.memory < 1 << 30


def test_who_goes_beyond_a_limit_says_where_it_stood(node: Path) -> None:
    (result,) = attacked(node, nodes.HOG).results
    assert "node.py line" in "\n".join((result.findings[0].message, *result.findings[0].stands))


def test_a_file_that_is_too_large_is_a_limit_too(node: Path) -> None:
    outcome = attacked(node, nodes.ONE_FILE)
    assert "File too large" in finding(outcome) or "limit-exceeded" in finding(outcome)
    assert (node.parent / "big").stat().st_size <= SMALL.files


@pytest.mark.parametrize("strength", ["off", "limits", "full"])
def test_who_hides_is_found(node: Path, strength: Strength) -> None:
    from tests.conversations import CLOSE

    closing = case(send(init()), expect(init_ok()), CLOSE)
    outcome = attacked(node, nodes.HIDDEN.replace("MARK", mark(node)), strength, of=closing)
    assert finding(outcome).startswith("left-processes")
    assert "hostile-mark" in finding(outcome)
    assert attacked(node, nodes.HIDDEN.replace("MARK", mark(node)), strength).passed  # ended with the node


def test_no_folder_is_too_deep(node: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    where = tmp_path / "tmp"
    where.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(where))
    assert attacked(node, nodes.DEEP).passed
    assert list(where.iterdir()) == []


GRADER = """
import sys
from grader.cli import main
status = main(sys.argv[1:])
(peak,) = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
print("grader peak", int(peak) // 1024)
sys.exit(status)
"""
TALKING = """
import sys, time
from grader.notebook import talk
from tests.conversations import init
INIT = init()
with talk(sys.argv[1]) as node:
    node.say(INIT)
    time.sleep(20)
"""
PYTEST = ["-m", "pytest", "-p", "no:cacheprovider", "--node", "NODE", "async-handler.jsonl", "-k", "init"]
KILLED = {
    "grader": ["-c", GRADER, "submit", "NODE", "--case", "init"],
    "pytest": PYTEST,
    "pytest's worker": [*PYTEST, "-n", "1", "--basetemp", "base"],  # pytest itself goes on, with another one
    "notebook": ["-c", TALKING, "NODE"],
}


@pytest.mark.parametrize("who", KILLED)
def test_who_is_killed_leaves_no_process_and_one_folder(
    node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """The folder is the next run's to remove; that of a run which goes on is not."""
    where = tmp_path / "tmp"
    where.mkdir()
    node.write_text(nodes.source(nodes.HIDDEN.replace("MARK", mark(node)) + "\n    time.sleep(20)\n"))
    command = [sys.executable, *(str(node) if word == "NODE" else word for word in KILLED[who])]
    running = subprocess.Popen(
        command,
        env={**os.environ, "TMPDIR": str(where), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        cwd=tmp_path,
    )
    wait_until(lambda: any(mark(node) in word for word in words_of_all()))
    going_on = RunFolder(str(where))
    if who == "pytest's worker":
        [worker] = psutil.Process(running.pid).children()
        worker.kill()
    else:
        running.kill()
    running.wait()
    wait_until(lambda: not any(str(node) in word or mark(node) in word for word in words_of_all()))
    left = [path for path in where.iterdir() if str(path) != going_on.name]
    assert all(path.name.startswith(PREFIX) for path in left)
    assert len(left) == 1 or who == "pytest's worker"  # whose successor may have removed it
    monkeypatch.setattr(tempfile, "tempdir", str(where))
    assert attacked(node, "").passed
    assert [str(path) for path in where.iterdir()] == [going_on.name]
    going_on.close()


@pytest.mark.parametrize("attack", [nodes.STDERR, nodes.LONG_LINE])
def test_the_grader_itself_stays_small(node: Path, attack: str) -> None:
    node.write_text(nodes.source(attack))
    words = ["submit", str(node), "--case", "init", "--max-output", "32"]  # more takes long where many run
    done = subprocess.run([sys.executable, "-c", GRADER, *words], capture_output=True, check=False)
    assert b"limit-exceeded" in done.stdout
    assert int(done.stdout.split(b"grader peak ")[1]) < 200


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGPWR", "SIGRTMAX"])
def test_a_grader_that_is_told_to_stop_reports_what_is_known(node: Path, name: str, tmp_path: Path) -> None:
    number: int = getattr(signal, name)
    node.write_text(nodes.source(nodes.HIDDEN.replace("MARK", mark(node)) + "\n    time.sleep(20)\n"))
    report = tmp_path / "report.json"
    heeds = f"import signal; signal.signal({number:d}, signal.SIG_DFL)"  # whoever runs the tests may ignore it
    words = ["submit", str(node), "--case", "init", "--json", str(report)]
    command = [sys.executable, "-c", heeds + GRADER, *words]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    wait_until(lambda: any(mark(node) in word for word in words_of_all()))
    running.send_signal(number)
    assert running.wait() == 130
    assert json.loads(report.read_text())["interrupted"] is True
    assert nothing_is_left(node)


@pytest.mark.parametrize("how", ["replace", "grow"])
def test_a_report_is_not_forged(node: Path, tmp_path: Path, how: str) -> None:
    """Not even under `limits`, where a node may write where its user may."""
    folder = tmp_path / "reports"
    folder.mkdir()
    node.write_text(nodes.source(nodes.FORGER, REPORTS=str(folder), HOW=how))
    command = ["submit", str(node), "--case", "init", "--json", str(folder / "r.json")]
    done = subprocess.run([sys.executable, "-c", GRADER, *command], stdout=subprocess.DEVNULL, check=False)
    assert done.returncode == 1
    assert json.loads((folder / "r.json").read_text())["passed"] is False


def test_the_callers_own_children_are_its_own(node: Path) -> None:
    """They are reaped as ever, and an orphan of theirs is not kept as a zombie of ours."""
    child = subprocess.Popen([sys.executable, "-c", "import subprocess; subprocess.Popen(['sleep', '0.3'])"])
    assert attacked(node, "").passed
    assert child.wait() == 0
    wait_until(lambda: not [p for p in psutil.Process().children() if p.status() == psutil.STATUS_ZOMBIE])


def test_nothing_that_a_node_writes_reaches_the_terminal_unescaped(node: Path) -> None:
    node.write_text(nodes.source(nodes.ESCAPES))
    command = [sys.executable, "-c", GRADER, "submit", str(node), "--case", "init"]
    done = subprocess.run(
        command, capture_output=True, env={**os.environ, "GITHUB_ACTIONS": "true"}, check=False
    )
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert b"\x1b" not in said
    assert b"\x07" not in said
    assert not any(line.startswith(b"::error::forged") for line in said.splitlines())


def words_of_all() -> Iterator[str]:
    for process in psutil.process_iter(["cmdline"]):
        yield from process.info["cmdline"] or []


def wait_until(is_so: "object") -> None:
    assert callable(is_so)
    for _ in range(400):
        if is_so():
            return
        time.sleep(0.05)
    pytest.fail("it never came true")

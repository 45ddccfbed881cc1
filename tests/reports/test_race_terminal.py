"""`grader race` to the end: interrupts, what is said once only, and replays, good and bad."""

import json
import shutil
import signal
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from grader.cli import main
from tests.explorer.left import left_in, wait_until_left
from tests.explorer.nodes import GUARDED, THREAD, UNGUARDED, write_node

# Two echoes fail with one preemption; a proxy starts so much that its schedules with one don't come to an end.
SOON_AND_NEVER = """
def send(dest, body):
    global next_id
    body["msg_id"] = next_id
    next_id += 1
    write(dest, body)

def work():
    taken, locks = [], [threading.Lock() for _ in range(3)]
    def take():
        for lock in locks * 2:
            with lock:
                taken.append(lock)
    threads[:] = [threading.Thread(target=take) for _ in range(4)]
    for thread in list(threads):
        thread.start()

def start(message):
    if message["body"]["type"] == "proxy":
        import time
        work()
        write("n2", {"type": "echo", "echo": "p", "msg_id": 105})
        time.sleep(1)
        body = {"type": "error", "code": 0, "text": "late", "in_reply_to": message["body"]["msg_id"]}
        write(message["src"], {**body, "msg_id": 106})
    else:
        threads.append(threading.Thread(target=handle, args=(message,)))
        threads[-1].start()
"""
COMMANDS = {
    "race": ["race", "--budget", "600"],
    "submit": ["submit", "--suite", "interleaving", "--slow", "100"],
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", COMMANDS)
def test_an_interrupt_ends_everything_and_reports_what_is_known(
    tmp_path: Path, command: str, number: signal.Signals
) -> None:
    node = write_node(tmp_path, SOON_AND_NEVER)
    name, *options = COMMANDS[command]
    words = [name, node, *options, "--case", "two-echoes", "proxy-late", "--json", "report.json"]
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "grader", *words], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:  # the first case is known, and the second under way
        if "data-race" in line:
            break
    process.send_signal(number)
    process.stdout.read()
    assert process.wait() == 130
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (report["interrupted"], report["passed"]) == (True, False)
    known, open_one = report["cases"]
    assert (known["case"], known["status"]) == ("two-echoes", "failed")
    assert (open_one["case"], open_one["status"]) == ("proxy-late", "passed")
    explored = open_one["explored"]
    assert (explored["complete_to"] + 1, explored["stopped"]) == (explored["open_at"], "interrupt")
    assert explored["schedules"] > 0
    assert left_in(tmp_path) == set()


def test_who_explores_ends_with_who_asked_for_it(tmp_path: Path) -> None:
    node = write_node(tmp_path, SOON_AND_NEVER)
    words = ["race", node, "--budget", "600", "--case", "two-echoes", "proxy-late"]
    command = [sys.executable, "-u", "-m", "grader", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "data-race" in line:
                break
        assert left_in(tmp_path)
        process.kill()
        wait_until_left(tmp_path, set())


BOTH = ["--budget", "60", "--case", "two-echoes", "three-at-once"]  # seconds that a busy machine needs
AS_BEFORE = "data-race         as in two-echoes, above"
Printed = pytest.CaptureFixture[str]


def test_what_was_explained_is_not_explained_again(tmp_path: Path, capsys: Printed) -> None:
    node = write_node(tmp_path, UNGUARDED, THREAD)
    assert main(["race", node, *BOTH]) == 1
    text = capsys.readouterr().out
    assert (text.count("Fix: "), text.count(AS_BEFORE)) == (1, 1)
    assert text.split("\n")[-4].strip() == AS_BEFORE
    assert main(["race", node, *BOTH, "--full"]) == 1
    text = capsys.readouterr().out
    assert (text.count("Fix: "), text.count(AS_BEFORE)) == (2, 0)


def test_another_failure_is_explained(tmp_path: Path, capsys: Printed) -> None:
    two_races = """
def send(dest, body):
    global next_id
    if dest == "c3" or len(threads) > 2:
        mine = next_id
        next_id = mine + 1
    else:
        mine = next_id
        next_id = mine + 1
    write(dest, {**body, "msg_id": mine})
"""
    node = write_node(tmp_path, two_races, THREAD)
    assert main(["race", node, *BOTH]) == 1
    text = capsys.readouterr().out
    assert (text.count("Fix: "), text.count(AS_BEFORE)) == (2, 0)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a node, the replay of what is found in it, and what was printed then."""
    folder = tmp_path_factory.mktemp("found")
    node = write_node(folder, UNGUARDED, THREAD)
    words = ["race", node, "--case", "two-echoes", "--budget", "60", "--save", str(folder / "replay.json")]
    with (folder / "replay.txt").open("w", encoding="utf-8") as printed, redirect_stdout(printed):
        assert main(words) == 1
    return folder


@pytest.fixture
def replay(found: Path, tmp_path: Path) -> Path:
    """The replay, for a test of its own, beside `node.py`."""
    return Path(shutil.copytree(found, tmp_path / "found")) / "replay.json"


def again(replay: Path, *options: str) -> int:
    return main(["race", str(replay.with_name("node.py")), "--replay", str(replay), *options])


def test_a_replay_shows_what_was_shown(replay: Path, capsys: Printed) -> None:
    report = replay.with_name("report.json")
    assert again(replay, "--json", str(report)) == 1
    first, *explained = capsys.readouterr().out.splitlines()
    assert first.endswith("the same schedule")
    shown = replay.with_suffix(".txt").read_text("utf-8").splitlines()
    assert explained == shown[1 : 1 + len(explained)]
    assert len(explained) >= 6
    [case] = json.loads(report.read_text("utf-8"))["cases"]
    assert [finding["code"] for finding in case["findings"]][:2] == ["data-race", "duplicate-msg-id"]


def test_a_replay_says_what_it_can_not_promise(replay: Path, capsys: Printed) -> None:
    data = json.loads(replay.read_text("utf-8"))
    replay.write_text(json.dumps(data | {"python": "3.9"}), "utf-8")
    node = replay.with_name("node.py")
    node.write_text(node.read_text("utf-8") + "# the end\n", "utf-8")
    assert again(replay) == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("Not certain to be the same schedule: node.py was edited since it was found; ")
    assert "found on Python 3.9, and this is Python 3." in first


def test_a_replay_of_a_helper_module_that_was_edited(tmp_path: Path, capsys: Printed) -> None:
    helper = tmp_path / "sending.py"
    helper.write_text("step = 1\n", "utf-8")
    node = write_node(tmp_path, "import sending", UNGUARDED.replace("+= 1", "+= sending.step"), THREAD)
    file = str(tmp_path / "replay.json")
    assert main(["race", node, "--case", "two-echoes", "--budget", "60", "--save", file]) == 1
    helper.write_text("step = 2\n", "utf-8")
    capsys.readouterr()
    main(["race", node, "--replay", file])
    assert "schedule: sending.py was edited since it was found." in capsys.readouterr().out.splitlines()[0]


def test_a_replay_of_a_node_that_is_mended_passes(replay: Path, capsys: Printed) -> None:
    write_node(replay.parent, GUARDED, THREAD)
    assert again(replay) == 0
    assert "another schedule than the one that was found, and it passes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (None, "can't be read"),
        ("{", "no replay"),
        ("[]", "no replay"),
        ("[" * 100_000, "no replay"),
        ({"version": 2}, "another version"),
        ({"choices": ["first"]}, "no replay"),
        ({"choices": [-1]}, "no replay"),
        ({"dropped": ["first"]}, "no replay"),
        ({"dropped": [9]}, "has other messages now"),
        ({"decisions": [1]}, "no replay"),
        ({"seed": "0"}, "no replay"),
        ({"suite": "nowhere"}, "nowhere"),
        ({"case": "no-such-case"}, "no case no-such-case"),
    ],
    ids=[
        "missing",
        "cut",
        "list",
        "deep",
        "older",
        "text",
        "negative",
        "word",
        "message",
        "decision",
        "seed",
        "suite",
        "case",
    ],
)
def test_a_bad_replay_file_is_one_line(
    replay: Path, capsys: Printed, change: str | dict[str, object] | None, word: str
) -> None:
    if change is None:
        replay.unlink()
    else:
        data = json.loads(replay.read_text("utf-8"))
        replay.write_text(change if isinstance(change, str) else json.dumps(data | change), "utf-8")
    assert again(replay) == 2
    printed = capsys.readouterr()
    assert word in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""

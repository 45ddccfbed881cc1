"""A class from the command line: graded in copies, gone on with, interrupted, on a cluster."""

import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import psutil
import pytest

from grader.classes.executor import JobMaker, LocalProcesses
from grader.classes.job import ClassJob, Options, do
from grader.classes.ledger import Ledger
from grader.classes.roster import Student
from grader.classes.submissions import HandedIn
from grader.cli import main
from grader.sandbox.policy import Strength
from grader.sandbox.run_folder import PREFIX

SUITE = """{"case": "hello", "title": "Say hello"}
{"send": {"src": "c0", "dest": "n1", "body": {"type": "init", "msg_id": 1, "node_id": "n1", "node_ids": []}}}
{"expect": {"src": "n1", "dest": "c0", "body": {"type": "init_ok", "in_reply_to": 1}}}
"""
RIGHT = """import json, sys
for line in sys.stdin:
    body = {"type": "init_ok", "in_reply_to": 1}
    print(json.dumps({"src": "n1", "dest": "c0", "body": body}), flush=True)
"""
WRONG = RIGHT.replace("init_ok", "initok")
HELPED = RIGHT.replace("import json, sys", "import json, sys, words").replace('"init_ok"', "words.WORD")
HANGS = "import pathlib, time\npathlib.Path(@).touch()\ntime.sleep(1000)\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A class of three, one of them a folder; the working folder holds it and its suite."""
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "handed"
    (made / "ben").mkdir(parents=True)
    (made / "ada.py").write_text(WRONG, "utf-8")
    (made / "ben" / "main.py").write_text(HELPED, "utf-8")
    (made / "ben" / "words.py").write_text('WORD = "init_ok"\n', "utf-8")
    (made / "eve.c").write_text("int main() {}", "utf-8")
    (tmp_path / "hello.jsonl").write_text(SUITE, "utf-8")
    return made


def grades() -> list[dict[str, str]]:
    with open("handed-grades/grades.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_is_graded_and_told_in_the_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["class", "handed", "--suite", "hello.jsonl"]) == 0
    ada, ben, eve = grades()
    assert (ada["id"], ada["passed"], ada["hello"], ada["lead"], ada["status"]) == (
        "ada", "false", "0", "wrong-type", "graded",
    )  # fmt: skip
    assert "initok" in ada["cause"]
    assert (ben["id"], ben["points"], ben["max_points"], ben["passed"]) == ("ben", "1", "1", "true")
    assert (eve["status"], eve["points"]) == ("not-gradable", "0")
    assert eve["cause"] == "eve.c must be compiled, and a class compiles nothing: have the program handed in"
    reports = Path("handed-grades/reports")
    assert sorted(path.name for path in reports.iterdir()) == ["ada.html", "ada.json", "ben.html", "ben.json"]
    assert json.loads((reports / "ben.json").read_text("utf-8"))["submission"] == "ben/main.py"
    summary = Path("handed-grades/summary.html").read_text("utf-8")
    assert "1 × wrong-type" in summary
    assert sorted(path.name for path in folder.iterdir()) == ["ada.py", "ben", "eve.c"]
    assert "main.py is taken for the node" in capsys.readouterr().err


def test_a_submission_is_no_part_of_the_grader(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the instructor stands in the folder of what was handed in."""
    monkeypatch.chdir(folder / "ben")
    for name in ("json.py", "grader.py"):
        Path(name).write_text("raise SystemExit('it was imported')", "utf-8")
    files = (("main.py", RIGHT.encode()),)
    assert do(ClassJob("ben", "main.py", files, _options(SUITE))).ended == "graded"


def test_only_what_has_changed_is_graded_again(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["class", "handed", "--suite", "hello.jsonl"]
    main(words)
    capsys.readouterr()
    (folder / "ada.py").write_text(RIGHT, "utf-8")
    assert main(words) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in said if line.endswith("as before")] == ["ben"]
    assert [row["passed"] for row in grades()] == ["true", "true", "false"]
    Path("hello.jsonl").write_text(SUITE.replace("Say hello", "Say it"), "utf-8")
    main(words)
    assert "as before" not in capsys.readouterr().out


def test_one_that_hangs_costs_its_own_time_only(folder: Path, tmp_path: Path) -> None:
    (folder / "ada.py").write_text(HANGS.replace("@", repr(str(tmp_path / "hangs"))), "utf-8")
    slow = SUITE.replace('"Say hello"', '"Say hello", "timeout_ms": 3600000')
    Path("hello.jsonl").write_text(slow, "utf-8")
    job = ClassJob(
        "ada.py",
        "ada.py",
        (("ada.py", (folder / "ada.py").read_bytes()),),
        _options(slow, limit_s=3.0, sandbox="limits"),
    )
    graded = do(job)
    assert (graded.ended, graded.why) == ("timed-out", "not done within 3 s")
    assert _left() == []
    one = HandedIn(Student("ada", "ada"), folder / "ada.py")
    Ledger(folder).take(one, graded, "as it is")
    assert Ledger(folder).known(one, "as it is")
    assert not Ledger(folder).known(one, "with another limit")


def test_one_that_breaks_the_grader_costs_only_itself(tmp_path: Path) -> None:
    """Its grading process is killed, in whatever way; who comes after it is graded."""
    executor = LocalProcesses(1)
    hangs = HANGS.replace("@", repr(str(tmp_path / "hangs")))
    results = executor.each(makers({"ada": hangs, "ben": RIGHT}))
    killer = threading.Thread(target=kill_the_first, args=(executor,))
    killer.start()
    ended = {name: (graded.ended, graded.why) for name, graded in results}
    killer.join()
    assert ended == {"ada": ("broken", "the grading process ended with status -9"), "ben": ("graded", "")}


def kill_the_first(executor: LocalProcesses) -> None:
    while not executor.running.processes:
        time.sleep(0.01)
    next(iter(executor.running.processes)).kill()


def interrupt_where_one_hangs(where: Path, *options: str) -> None:
    """Ctrl-C while the last of the folder `handed` hangs: it is told that one is left."""
    hangs = where / "hangs"
    (where / "handed" / "ada.py").write_text(RIGHT, "utf-8")
    (where / "handed" / "zoe.py").write_text(HANGS.replace("@", repr(str(hangs))), "utf-8")
    slow = SUITE.replace('"Say hello"', '"Say hello", "timeout_ms": 3600000')
    (where / "hello.jsonl").write_text(slow, "utf-8")
    command = [sys.executable, "-m", "grader", "class", "handed", "--suite", "hello.jsonl", *options]
    command += ["--sandbox", "limits"]  # else it could not tell us that it runs
    aside = where / "aside"
    aside.mkdir()
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TMPDIR": str(aside)}
    with subprocess.Popen(command, cwd=where, env=env, stdout=subprocess.PIPE, text=True) as run:
        while not hangs.exists():
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        said, _ = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "Interrupted. The same command goes on: 1 are left." in said
    assert [path.name for path in aside.iterdir() if path.name.startswith(PREFIX)] == []


@pytest.mark.usefixtures("folder")
def test_ctrl_c_keeps_all_that_is_known(tmp_path: Path) -> None:
    interrupt_where_one_hangs(tmp_path, "--jobs", "1")
    assert [row["id"] for row in grades()] == ["ada", "ben", "eve"]
    assert Path("handed-grades/summary.html").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["class", "none"], "none: no such folder"),
        (["class", "empty"], "empty: there is no submission in it"),
        (["class", "handed", "--roster", "none.csv"], "--roster none.csv: can't be read"),
        (["class", "handed", "--lesson", "02"], "--lesson 02: expected one of 00, 01, 03, 04, 05, 07"),
        (["class", "handed", "--lesson", "03", "--but", "echo"], "leave out --suite, --case and --but"),
        (["class", "handed", "--suite", "hello.jsonl", "--but", "hello"], "no case is left: hello left out"),
        (["class", "handed", "--suite", "none"], "neither a suite of the grader's"),
        (["class", "handed", "--gradebook", "excel", "x.csv"], "expected canvas, moodle, nbgrader"),
        (["class", "handed", "--gradebook", "canvas", "x.csv"], "--gradebook x.csv: can't be read"),
        (["class", "twins"], "ada.js and ada.py would both be ada: a --roster gives them ids"),
    ],
)
def test_what_can_t_be_done_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    (folder.parent / "empty").mkdir()
    twins = folder.parent / "twins"
    twins.mkdir()
    for name in ("ada.py", "ada.js"):
        (twins / name).write_text("", "utf-8")
    assert main(words) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_gradebook_is_filled_in(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = folder.parent / "moodle.csv"
    book.write_bytes(b"Identifier,Full name,Email,Points\r\nP1,Ada,,\r\nP2,Ben,ben@x.org,\r\nP3,Zoe,,\r\n")
    (folder.parent / "roster.csv").write_text("file,id,name,email\nben,18,Ben,ben@x.org\n", "utf-8")
    words = ["class", "handed", "--suite", "hello.jsonl", "--roster", "roster.csv"]
    main([*words, "--gradebook", "moodle", str(book), "--heading", "Grade=Points", "Email address=Email"])
    assert book.read_bytes() == (
        b"Identifier,Full name,Email,Points\r\nP1,Ada,,0\r\nP2,Ben,ben@x.org,1\r\nP3,Zoe,,\r\n"
    )
    said = capsys.readouterr()
    assert f"{book}: 2 grades\n" in said.out
    for text in (
        "no grade, as nothing was graded, for eve (",
        "nobody is Zoe",
        "grades are points as they are",
    ):
        assert text in said.err


def makers(texts: dict[str, str]) -> dict[str, JobMaker]:
    """A job for each, made when its turn has come."""

    def make(name: str, text: str) -> ClassJob:
        return ClassJob(f"{name}.py", f"{name}.py", ((f"{name}.py", text.encode()),), _options(SUITE))

    return {name: partial(make, name, text) for name, text in texts.items()}


def _options(suite: str, limit_s: float = 60.0, sandbox: Strength = "full") -> Options:
    return Options(own_suites=(("hello.jsonl", suite),), limit_s=limit_s, sandbox=sandbox)


def _left() -> list[int]:
    """Nodes of a class that are still there."""
    words = {process.pid: process.info["cmdline"] or () for process in psutil.process_iter(["cmdline"])}
    return [pid for pid, line in words.items() if any("grader-run-" in word and "ada" in word for word in line)]

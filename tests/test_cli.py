"""The command line: statuses, one clear line for each refusal, and reports that others rely on."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import psutil
import pytest

import grader as api
from grader.cases.parser import load
from grader.commands import sandbox_options
from grader.grading.places import UNTRIED
from grader.reports.case_text import input_of
from grader.sandbox import policy
from tests.conftest import Grader
from tests.conversations import case, init, init_ok

REFERENCE = Path(__file__).parents[1] / "reference"
NodeFile = Callable[..., str]
QUICK = ["--case", "three-echoes", "echo", "serves-while-waiting"]
COUNTS_WITHOUT_A_LOCK = """
import json, sys, threading
count = 0

def handle(request):
    global count
    body = request["body"]
    number, count = count, count + 1
    said = {"type": body["type"] + "_ok", "in_reply_to": body["msg_id"], "msg_id": number}
    if "echo" in body:
        said["echo"] = body["echo"]
    line = json.dumps({"src": "n1", "dest": request["src"], "body": said})
    sys.stdout.write(line + "\\n")
    sys.stdout.flush()

handle(json.loads(sys.stdin.readline()))
for line in sys.stdin:
    threading.Thread(target=handle, args=(json.loads(line),)).start()
"""


def test_a_right_node_passes(grader: Grader) -> None:
    done = grader("submit", REFERENCE / "node.py", *QUICK)
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout
    assert "3 of 3 cases" in done.stdout


def test_the_node_of_grader_new_is_blocked_and_told_what_to_do(grader: Grader) -> None:
    assert grader("new", "mine.py").returncode == 0
    done = grader("submit", "mine.py", *QUICK, "--slow", "0.1", "--json", "report.json")
    assert done.returncode == 1
    assert "blocked" in done.stdout
    told = " ".join(done.stdout.split())
    assert "First: blocked in serves-while-waiting: The main thread runs the handler itself" in told
    assert "Let the main thread only read" in told.partition("First: ")[2]


def test_grader_new_knows_its_languages_and_says_so(grader: Grader, tmp_path: Path) -> None:
    refused = grader("new", str(tmp_path / "node.rs"))
    assert refused.returncode == 2
    assert "name a file that ends in .py, .js, .cjs, .go, .java, .yml" in refused.stderr
    assert not list(tmp_path.iterdir())


def test_which_version(grader: Grader) -> None:
    assert grader("--version").stdout == f"grader {version('concurrent-message-kit')}\n"


def test_grader_new_does_not_overwrite(grader: Grader, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("precious")
    done = grader("new", "mine.py")
    assert (done.returncode, (tmp_path / "mine.py").read_text()) == (2, "precious")
    assert done.stderr == "grader: mine.py is there already; name a new file\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["submit"], "name one node"),
        (["submit", "none.py"], "none.py: no such file"),
        (["submit", "."], "not a file"),
        (["submit", "--", "no-such-command"], "no-such-command: no such command"),
        (["submit", "node.py", "--", "cat"], "name one node"),
        (["submit", "node.py", "--suite", "none"], "neither a suite of the grader's (async-handler"),
        (["submit", "node.py", "--suite", "broken.jsonl"], "broken.jsonl:1: expected one JSON object a line"),
        (
            ["submit", "node.py", "--case", "ecoh"],
            "no case ecoh in async-handler, rpc, interleaving; did you mean echo",
        ),
        (["submit", "node.py", "--slow", "0"], "expected a number above 0, at most 1000"),
        (["submit", "node.py", "--python", "nopython"], "--python nopython: no such interpreter"),
        (["submit", "node.py", "--json", "no/such/folder"], "--json no/such/folder: can't be written"),
        (["submit", "node.py", "--html", "no/such/folder"], "--html no/such/folder: can't be written"),
        (["submit", "node.py", "--html", "-", "--json", "-"], "only one report can go to stdout (-)"),
        (["submit", "node.py", "--sede", "1"], "unrecognized arguments: --sede 1"),
        (["submit", "plain.txt"], "plain.txt: not executable; try chmod +x plain.txt"),
        (["sumbit"], "invalid choice: 'sumbit'"),
        ([], "required: COMMAND"),
        (["cases", "show", "none"], "no case none"),
    ],
)
def test_what_cannot_be_graded_is_one_line_and_status_2(
    grader: Grader, tmp_path: Path, words: list[str], said: str
) -> None:
    (tmp_path / "node.py").write_text("")
    (tmp_path / "plain.txt").write_text("")
    (tmp_path / "broken.jsonl").write_text("nonsense\n")
    done = grader(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
@pytest.mark.parametrize("words", [["cases"], ["submit", str(REFERENCE / "node.py"), "--case", "echo"]])
def test_a_full_disk_is_one_line_and_status_2(words: list[str]) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "grader", *words]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    said = "grader: the output can't be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, said)


def test_the_json_report_is_that_of_the_design(grader: Grader) -> None:
    done = grader("submit", REFERENCE / "node.py", "--case", "echo", "--json", "-")
    report = json.loads(done.stdout)
    keys = "version submission passed points max_points duration_s seed interrupted lead sandbox cases"
    assert list(report) == keys.split()
    (case,) = report["cases"]
    keys = "suite case title status points max_points duration_s note findings transcript used"
    assert list(case) == keys.split()
    assert (report["version"], report["passed"], case["status"]) == (1, True, "passed")
    assert list(case["transcript"][0]) == ["n", "t_ms", "kind", "line"]
    assert "Answer an echo" in done.stderr


def test_a_finding_in_the_json_report(grader: Grader, node_file: NodeFile) -> None:
    grader("submit", node_file("print('hello')"), "--case", "three-echoes", "--json", "r.json")
    folder = Path(node_file("print('hello')")).parent
    (case,) = json.loads((folder / "r.json").read_text("utf-8"))["cases"]
    finding = case["findings"][0]
    keys = "code message expected actual hint lesson events follows cause schedule"
    assert list(finding) == keys.split()
    assert (finding["code"], finding["follows"], finding["schedule"]) == ("not-json", False, None)


def test_long_transcripts_are_cut_but_never_what_a_finding_names(grader: Grader) -> None:
    done = grader("submit", REFERENCE / "node.py", "--case", "in-order", "--json", "-")
    (case,) = json.loads(done.stdout)["cases"]
    events = case["transcript"]
    (cut,) = [event for event in events if event["kind"] == "cut"]
    assert len(events) == 201
    assert cut["events"] + 200 == events[-1]["n"] + 1


def test_a_suite_of_ones_own(grader: Grader, tmp_path: Path) -> None:
    lines = [
        '{"case": "mine", "title": "Mine"}',
        json.dumps({"send": init()}),
        json.dumps({"expect": init_ok()}),
    ]
    (tmp_path / "mine.jsonl").write_text("\n".join(lines))
    done = grader("submit", "--suite", "mine.jsonl", "--", sys.executable, REFERENCE / "node.py")
    assert done.returncode == 0, done.stderr
    assert "mine\n" in done.stdout
    assert (
        grader("cases", "check", "mine.jsonl").stdout
        == "mine.jsonl: nothing wrong; 1 case, passed by 3 nodes\n"
    )


def test_the_list_may_stand_before_the_node(grader: Grader) -> None:
    done = grader("submit", "--case", "echo", "init", REFERENCE / "node.py")
    assert done.returncode == 0, done.stderr


def test_a_node_without_proxy_is_not_attempted(grader: Grader, node_file: NodeFile) -> None:
    grader("new", "mine.py")
    folder = Path(node_file("")).parent
    source = (folder / "mine.py").read_text("utf-8").replace(', "proxy": proxy', "")
    node = node_file(source)
    done = grader("submit", node, "--case", "echo", "proxy", "silent-peer")
    assert done.returncode == 0, done.stdout
    assert "rpc was not attempted: the node answers proxy with error 10" in done.stdout
    assert "does not show that the node is concurrent" in done.stdout
    assert grader("submit", node, "--suite", "rpc").returncode == 1
    done = grader("submit", node, "--case", "echo", "two-echoes", "proxy-late")
    assert done.returncode == 0, done.stdout
    assert (
        "Of interleaving 1 of 2 was not attempted (proxy-late): the node answers proxy with error 10"
        in done.stdout
    )


def test_schedules_are_part_of_it(grader: Grader, node_file: NodeFile) -> None:
    options = "--case", "echo", "two-echoes", "--budget", "60", "--json", "-"
    right = grader("submit", REFERENCE / "with_asyncio.py", *options)
    assert right.returncode == 0, right.stderr
    echo, explored = json.loads(right.stdout)["cases"]
    assert (echo["suite"], explored["suite"]) == ("async-handler", "interleaving")
    assert "explored" not in echo
    assert explored["explored"]["schedules"] > 0
    assert "of the workloads 1 complete to 2 preemptions" in right.stderr
    counted = node_file(COUNTS_WITHOUT_A_LOCK)
    wrong = grader("submit", counted, "--case", "echo", "two-echoes")
    assert wrong.returncode == 1
    assert "First: data-race in two-echoes" in wrong.stdout


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs sh")
def test_of_a_node_in_another_language_no_schedules_are_shown(grader: Grader) -> None:
    node = "sh", NODES / "echo_only.sh"
    done = grader("submit", "--case", "echo", "two-echoes", "start", "--", *node, "--verbose")
    assert done.returncode == 0, done.stderr
    assert "2 cases, not attempted" in done.stdout
    assert "interleaving was not attempted: the explorer runs Python nodes only" in done.stdout
    assert "does not show that the node's concurrency is right in every schedule" in done.stdout


def test_when_init_is_not_answered_no_further_case_is_begun(grader: Grader, node_file: NodeFile) -> None:
    done = grader("submit", node_file("import no_such_module"), "--json", "-")
    report = json.loads(done.stdout)
    leading = [case["findings"][0] for case in report["cases"]]
    assert {finding["code"] for finding in leading} <= {"did-not-start", "crashed"}
    at_once = (os.cpu_count() or 1) + UNTRIED
    assert sum(not finding["follows"] for finding in leading) <= at_once
    assert "No module named 'no_such_module'" in leading[0]["actual"]
    assert "not begun" in report["cases"][-1]["note"]


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_everything_and_reports_what_is_known(
    node_file: NodeFile, tmp_path: Path, number: signal.Signals
) -> None:
    answer = '{"src": "n3", "dest": "c0", "body": {"type": "init_ok", "in_reply_to": 1}}'
    node = node_file(f"import time\nif 'n3' in input(): print({answer!r}, flush=True)\ntime.sleep(600)")
    command = [sys.executable, "-u", "-m", "grader", "submit", node, "--json", "r.json", "--slow", "100"]
    cases = ["--case", "init", "echo", "node-name"]
    process = subprocess.Popen([*command, *cases], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:  # the first case is known
        if "Answer init" in line:
            break
    process.send_signal(number)
    rest = process.stdout.read()
    assert process.wait() == 130
    assert "Interrupted" in rest
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert report["interrupted"] is True
    assert report["passed"] is False
    assert [case["case"] for case in report["cases"]] == ["init"]
    assert not [p for p in psutil.process_iter(["cmdline"]) if node in (p.info["cmdline"] or [])]


def test_cases_are_listed_and_shown(grader: Grader) -> None:
    listed = grader("cases").stdout
    assert "async-handler\n  three-echoes           Handle 3 concurrent echo messages\n" in listed
    assert "maelstrom-echo (only with --suite maelstrom-echo)" in listed
    shown = grader("cases", "show", "three-echoes").stdout
    assert shown.startswith('{"case": "three-echoes", "title": "Handle 3 concurrent echo messages"')
    assert json.loads(shown.splitlines()[-1])["expect"]["body"]["msg_id"] == 3


def test_the_input_of_a_case_can_be_piped_into_a_node(grader: Grader) -> None:
    lines = grader("cases", "show", "end-with-work", "--input").stdout
    done = subprocess.run(
        [sys.executable, REFERENCE / "node.py"], input=lines, capture_output=True, text=True, check=True
    )
    answers = [json.loads(line)["body"] for line in done.stdout.splitlines()]
    assert [body["type"] for body in answers] == ["init_ok"] + ["echo_ok"] * 200


@pytest.mark.parametrize("name", ["async-handler", "rpc", "maelstrom-echo"])
def test_every_case_has_an_input(name: str) -> None:
    for each in load(name).cases:
        assert input_of(each) or each.id == "no-input"


def test_the_input_of_a_case_that_binds_more_than_ids_is_shown_all_the_same() -> None:
    asks = {"src": "n1", "dest": "n2", "body": {"type": "q", "k": {"$bind": "key"}}}
    uses = {"src": "n2", "dest": "n1", "body": {"type": "q_ok", "k": "$key"}}
    assert '"k": "key"' in input_of(case({"send": init()}, {"expect": asks}, {"send": uses}))


def test_the_public_api_is_what_it_says() -> None:
    for name in api.__all__:
        assert getattr(api, name) is not None
    grade = api.submit(str(REFERENCE / "node.py"), cases=["echo"])
    assert grade.passed
    with pytest.raises(api.NotGradable, match="no such file"):
        api.submit("none.py")
    with pytest.raises(AttributeError):
        api.none  # noqa: B018


NODES = Path(__file__).parent / "corpus" / "right"


@pytest.mark.parametrize("name", ["node_await.js", "select.pl", "poll.c", "echo_only.sh"])
def test_nodes_in_other_languages(grader: Grader, tmp_path: Path, name: str) -> None:
    tools = {".js": "node", ".pl": "perl", ".c": "cc", ".sh": "sh"}
    if shutil.which(tools[Path(name).suffix]) is None:
        pytest.skip(f"needs {tools[Path(name).suffix]}")
    node = NODES / name
    if node.suffix == ".c":
        node = tmp_path / "node"
        subprocess.run(["cc", "-pthread", "-o", node, NODES / name], check=True)
    done = grader("submit", node, *QUICK, "bad-lines", "end-with-work")
    assert done.returncode == 0, done.stdout


def test_without_greenlet_all_but_the_schedules_is_graded() -> None:
    code = (
        "import sys; sys.modules['greenlet'] = None; from grader.cli import main; sys.exit(main(sys.argv[1:]))"
    )

    def run(*words: str | Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, encoding="utf-8")

    node = REFERENCE / "node.py"
    done = run("submit", node, "--case", "echo", "two-echoes")
    assert done.returncode == 0, done.stderr
    assert "interleaving was not attempted: the explorer needs the package greenlet" in done.stdout
    done = run("race", node)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "grader: the explorer needs the package greenlet: pip install greenlet\n"


@pytest.mark.parametrize("command", ["submit", "race"])
def test_of_a_report_that_is_not_written_nothing_is_left(command: str, grader: Grader, tmp_path: Path) -> None:
    node = REFERENCE / "node.py"
    done = grader(command, node, "--json", "r.json", "--html", "no/folder/r.html", "--case", "two-echoes")
    assert done.returncode == 2
    assert list(tmp_path.iterdir()) == []
    done = grader("race", node, "--json", "r.json", "--case", "no-such-case")
    assert done.returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_the_help_names_the_limits_that_hold() -> None:
    """They stand there once more, so that `--help` need not load what holds them."""
    named = {name: usual * policy.MIB for name, (usual, _) in sandbox_options.SIZES.items()}
    assert named | {"processes": sandbox_options.PROCESSES} == asdict(policy.Limits())
    assert sandbox_options.STRENGTHS == policy.STRENGTHS

"""A case recorded from a node that is right: it passes its check, and a wrong node fails it."""

import json
from pathlib import Path

import pytest

from grader.cases.parser import parse
from grader.cli import main
from grader.conversation.submission import from_file
from grader.grading.runner import grade
from grader.recording.account import Account
from grader.recording.recorder import record
from grader.recording.script_lines import BadLine, init_for, read
from grader.recording.written_case import OtherwiseAgain, both

ROOT = Path(__file__).parents[2]
SCRIPT = """\
# c1's peer is slow, and c2 is served meanwhile; two ask at once, and are answered the other way round
{"type": "proxy", "target": "n2", "inner": {"type": "read", "key": "$k"}}
{"src": "c2", "dest": "n1", "body": {"type": "echo", "msg_id": 1, "echo": [0, null, "$m1"]}}
{"type": "read_ok", "in_reply_to": "$m1", "value": 7}
[{"src": "c1", "dest": "n1", "body": {"type": "proxy", "msg_id": 5, "target": "n2", "inner": {"type": "r"}}},\
 {"src": "c3", "dest": "n1", "body": {"type": "proxy", "msg_id": 5, "target": "n3", "inner": {"type": "read"}}}]
{"type": "error", "code": 20, "text": "none", "in_reply_to": "$m3"}
{"type": "read_ok", "in_reply_to": "$m2", "value": 3}
{"type": "nonsense"}
{"close": "stdin"}
"""
CHOOSES = """import json, os, sys
for line in sys.stdin:
    request = json.loads(line)
    kind, number = request["body"]["type"], request["body"]["msg_id"]
    body = {"type": kind + "_ok", "in_reply_to": number, "msg_id": os.getpid() + number}
    if kind == "generate":
        body |= {"id": os.getpid(), "by": [str(os.getpid()), "me"]}
    print(json.dumps({"src": "n1", "dest": request["src"], "body": body}), flush=True)
"""
ASKED = {"src": "n1", "dest": "n2", "body": {"type": "read", "msg_id": 7}}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case that the script makes of the reference, added to a suite that had one."""
    folder = tmp_path_factory.mktemp("recorded")
    file, script = folder / "mine.jsonl", folder / "script.txt"
    first = '{"case": "first"}\n{"send": {"src": "c0", "dest": "n1", "body": {"type": "init", "msg_id": 1}}}'
    file.write_text(first, "utf-8")
    script.write_text(SCRIPT, "utf-8")
    words = ["--script", str(script), "--id", "busy", "--hidden", "--out", str(file), "--title", "Serve all"]
    assert main(["cases", "record", str(ROOT / "reference" / "with_asyncio.py"), *words]) == 0
    text = file.read_text("utf-8")
    assert text.startswith(first + "\n")
    file.write_text(text.removeprefix(first + "\n"), "utf-8")
    return file


def test_ids_that_the_node_chose_are_patterns(suite: Path) -> None:
    header, _, _, _, asked, _, echoed, *_ = map(json.loads, suite.read_text("utf-8").splitlines())
    assert header == {"case": "busy", "title": "Serve all", "hidden": True}
    assert asked["expect"]["body"] == {"type": "read", "key": "$$k", "msg_id": {"$bind": "m1"}}
    assert echoed["expect"]["body"] == {"type": "echo_ok", "echo": [0, None, "$$m1"], "in_reply_to": 1}
    assert '"result": {"type": "error", "code": 20, "text": "none", "in_reply_to": "$m3"}' in suite.read_text()


def test_it_passes_its_check_and_so_all_references(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cases", "check", str(suite)]) == 0
    assert "nothing wrong; 1 case, passed by 3 nodes" in capsys.readouterr().out


def test_other_ids_are_as_right_and_a_wrong_node_fails(suite: Path) -> None:
    (case,) = parse(suite.read_text("utf-8"), "mine", "mine.jsonl").cases
    right = ROOT / "tests" / "corpus" / "right" / "ids_from_one.py"
    assert grade(from_file(str(right)), [case]).passed
    (failed,) = grade(from_file(str(ROOT / "grader" / "templates" / "node.py")), [case]).results
    assert failed.findings[0].code == "blocked"


def test_what_differs_when_it_is_asked_again_is_the_node_s_own_choice(tmp_path: Path) -> None:
    (tmp_path / "node.py").write_text(CHOOSES, "utf-8")
    shown: list[tuple[str, str]] = []

    def show(what: str, text: str) -> None:
        shown.append((what, text))

    text = record(
        from_file(str(tmp_path / "node.py")), ['{"type": "generate"}'], show, pytest.fail, {"case": "g"}
    )
    expected = json.loads(text.splitlines()[-1])["expect"]["body"]
    assert expected == {"type": "generate_ok", "in_reply_to": 1, "id": "$int", "by": ["$any", "me"]}
    assert [what for what, _ in shown] == ["in", "out", "in", "out"]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("print('hello')\n" + CHOOSES, "a line on its stdout is no message"),
        (CHOOSES.replace("    print", "    if kind != 'generate': print"), "has not answered c1's request"),
        ("import sys; sys.stdin.readline(); sys.exit(3)", "it ended with status 3 before its input did"),
        (CHOOSES.replace('kind + "_ok"', "kind + str(os.getpid() % 997)"), "the second time the init"),
    ],
)
def test_of_a_wrong_node_no_case_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, source: str, why: str
) -> None:
    monkeypatch.setattr("grader.recording.dialogue.PATIENCE_S", 1.0)
    (tmp_path / "node.py").write_text(source, "utf-8")
    (tmp_path / "script.txt").write_text('{"type": "generate"}\n', "utf-8")
    words = ["--script", str(tmp_path / "script.txt"), "--out", str(tmp_path / "mine.jsonl")]
    assert main(["cases", "record", str(tmp_path / "node.py"), *words]) == 1
    assert why in capsys.readouterr().err
    assert not (tmp_path / "mine.jsonl").exists()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("hello", "it is not JSON"),
        ("3", "expected a message or a list of them"),
        ('{"body": {"type": "echo"}}', "the message has no “src”"),
        ('{"silence_ms": "long"}', "“silence_ms”: expected"),
        ('{"type": "read_ok", "in_reply_to": "$m9"}', "the node has asked nothing that is called $m9"),
        ('{"type": "echo", "echo": {"$bind": "x"}}', "“$bind” as a key means something of its own"),
    ],
)
def test_a_line_that_says_nothing_is_refused(line: str, why: str) -> None:
    with pytest.raises(BadLine) as refused:
        read(line, Account())
    assert why in str(refused.value)


def test_short_lines_are_filled_in() -> None:
    account = Account()
    step = read('{"type": "echo", "echo": 1}', account)
    assert step == {"send": {"src": "c1", "dest": "n1", "body": {"type": "echo", "msg_id": 1, "echo": 1}}}
    init = init_for(step)
    assert init is not None
    assert init_for(init) is None
    for told in (init, step):
        account.say(told["send"])
    account.hear(ASKED)
    assert read('{"type": "echo"}', account)["send"]["body"]["msg_id"] == 2
    answers = [read(f'{{"type": "read_ok", "in_reply_to": {name}}}', account) for name in ('"$m1"', "7")]
    wanted = {"src": "n2", "dest": "n1", "body": {"type": "read_ok", "in_reply_to": "$m1"}}
    assert answers == [{"send": wanted}, {"send": wanted}]


def test_what_comes_only_once_is_told() -> None:
    one = {"src": "n1", "dest": "c1", "body": {"type": "ok", "in_reply_to": 1}}
    with pytest.raises(OtherwiseAgain, match="did not come"):
        both([one], [])
    with pytest.raises(OtherwiseAgain, match="came, too"):
        both([], [one])

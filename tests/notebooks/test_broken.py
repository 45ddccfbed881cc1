"""The sentence that a node breaks is told by what a case finds: no other is taken for it."""

import json
from pathlib import Path
from typing import Any

import pytest

from grader.checks.findings import CODES
from grader.notebook import breaks, check
from grader.notebook.exercises.broken import sentences, shown_by
from grader.notebook.exercises.lesson_files import LESSONS, load
from grader.notebook.exercises.outcomes import in_cases, in_schedules
from tests.notebooks.cells import written

HONEST = "from honest import *\n\n\nclass Liar(Node):\n{}\n\n\nif __name__ == '__main__':\n    Liar().run()\n"
CLOSE = {"close": "stdin"}


def to_node(src: str, **body: Any) -> dict[str, Any]:
    return {"send": {"src": src, "dest": "n1", "body": body}}


def from_node(dest: str, **body: Any) -> dict[str, Any]:
    return {"expect": {"src": "n1", "dest": dest, "body": body}}


INIT = (
    to_node("c0", type="init", msg_id=1, node_id="n1", node_ids=["n1", "n2"]),
    from_node("c0", type="init_ok", in_reply_to=1),
)
ECHO = (to_node("c1", type="echo", msg_id=2, echo="moon"),)
ECHO_OK = (from_node("c1", type="echo_ok", in_reply_to=2, echo="moon"),)
INNER = {"type": "echo", "echo": "moon"}
ASK = (
    to_node("c2", type="proxy", msg_id=3, target="n2", inner=INNER),
    from_node("n2", **INNER, msg_id={"$bind": "m"}),
)
REPLY = (to_node("n2", type="echo_ok", echo="moon", in_reply_to="$m"),)
RESULT = {"type": "echo_ok", "echo": "moon", "in_reply_to": "$m"}
PROXY_OK = (from_node("c2", type="proxy_ok", in_reply_to=3, result=RESULT),)
GIVES_UP = (from_node("c2", type="error", in_reply_to=3, code=0),)

REPLYING = """    def reply(self, message, body):
        if "moon" in str(message):
            {}
        super().reply(message, body)"""
SAYING = """    def say(self, dest, body, box=None):
        if "moon" in str(body):
            {}
        return super().say(dest, body, box)"""

# What the node does wrong, the case, and the sentences that this shows to be broken; none: nobody can tell.
NODES: dict[str, tuple[str, tuple[Any, ...], set[int]]] = {
    "another value": (REPLYING.format('body = {**body, "echo": 1}'), (*ECHO, *ECHO_OK), {1}),
    "an error": (REPLYING.format('body = {"type": "error", "code": 13}'), (*ECHO, *ECHO_OK), {1}),
    "to somebody else": (
        REPLYING.format('message = {**message, "src": "c9"}'), (*ECHO, *ECHO_OK), {2},
    ),
    "names another": (
        REPLYING.format('message = {**message, "body": {"msg_id": 99}}'), (*ECHO, *ECHO_OK), {2},
    ),
    "twice": (REPLYING.format("super().reply(message, body)"), (*ECHO, *ECHO_OK, {"silence_ms": 200}), {3}),
    "never": (REPLYING.format("return"), (*ECHO, *ECHO_OK), {1, 3}),
    "by another name": (REPLYING.format('self.id = "n7"'), (*ECHO, *ECHO_OK), {4}),
    "one number twice": (REPLYING.format("self.next_id = 0"), (*ECHO, *ECHO_OK), {5}),
    "a word on stdout": (REPLYING.format('print("the moon!", flush=True)'), (*ECHO, *ECHO_OK), {6}),
    "dies of a line": (
        "    def run(self):\n"
        "        for line in sys.stdin:\n"
        '            if "moon" in line and "msg" not in line:\n'
        "                sys.exit(1)\n"
        "            if (message := parse(line)) is not None:\n"
        "                self.dispatch(message)\n"
        "        self.drain()",
        ({"send_raw": "moon\n"}, *ECHO, *ECHO_OK),
        {7},
    ),
    "another error": (
        REPLYING.format('body = {"type": "error", "code": 11}'),
        (to_node("c1", type="moon", msg_id=2), from_node("c1", type="error", in_reply_to=2, code=10)),
        {8},
    ),
    "half a result": (
        REPLYING.format('body = {**body, "result": {"type": "echo_ok"}}'), (*ASK, *REPLY, *PROXY_OK), {9},
    ),
    "another question": (SAYING.format('body = {**body, "echo": "sun"}'), (*ASK,), {3, 9}),
    "a result of its own": (
        "    def pass_on(self, message, target, inner):\n"
        '        self.reply(message, {"type": "proxy_ok", "result": {"type": "echo_ok", "echo": "moon"}})',
        (*ASK, *REPLY, *PROXY_OK),
        {9},
    ),
    "waits itself": (
        "    def proxy(self, message):\n"
        '        self.pass_on(message, message["body"]["target"], message["body"]["inner"])',
        (*ASK, *ECHO, *ECHO_OK, *REPLY, *PROXY_OK),
        {10},
    ),
    "no timeout": (
        "    def rpc(self, dest, body):\n"
        "        box = queue.SimpleQueue()\n"
        "        self.say(dest, body, box)\n"
        "        return box.get()",
        (*ASK, *GIVES_UP),
        {3, 11},
    ),
    "another code": (REPLYING.format('body = {**body, "code": 1}'), (*ASK, *GIVES_UP), {11}),
    "gives up at once": (
        "    def rpc(self, dest, body):\n        self.say(dest, body)",
        (*ASK, *REPLY, *PROXY_OK),
        {9, 11},
    ),
    "ends in the middle": (
        "    def pass_on(self, message, target, inner):\n"
        "        self.rpc(target, inner)\n"
        "        threading.Event().wait()  # it has not come to its answer by then\n\n"
        "    def drain(self):\n        import os\n        os._exit(0)",
        (*ASK, *REPLY, CLOSE, *PROXY_OK),
        {3, 12},
    ),
    "ends with status 1": ("    def drain(self):\n        sys.exit(1)", (*ECHO, *ECHO_OK, CLOSE), {12}),
    "never ends": ("    def drain(self):\n        threading.Event().wait()", (*ECHO, *ECHO_OK, CLOSE), {12}),
}  # fmt: skip


@pytest.fixture(autouse=True)
def honest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("honest.py").write_text(written("08", "node-file").partition("\n")[2] + "\n", "utf-8")


@pytest.mark.parametrize("name", NODES)
def test_what_a_case_finds_belongs_to_its_sentence(name: str) -> None:
    method, steps, expected = NODES[name]
    liar(method)
    [result] = in_cases("liar.py", case(*steps)).failed
    assert shown_by(result) == expected, result.findings


def test_the_number_of_another_sentence_is_not_taken() -> None:
    method, steps, _ = NODES["another value"]
    liar(method)
    mine = case(*steps)
    right = breaks(1, "liar.py", mine, passes="maelstrom-echo")
    assert right.ok
    assert "Your case 'mine' shows: The echo_ok to c1 (in_reply_to 2) came back" in right.why
    wrong = breaks(5, "liar.py", mine, passes="maelstrom-echo")
    assert not wrong.ok
    assert not wrong.half
    assert "That is sentence 1, and not 5." in wrong.why
    assert "SENTENCE = 1" in wrong.why
    assert check("08.3", wrong).text.startswith("✗ 08.3: not yet.")


def test_where_nobody_can_tell_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    method, steps, _ = NODES["another value"]
    liar(method)
    monkeypatch.setattr("grader.notebook.exercises.broken.shown_by", lambda _: frozenset())
    judged = breaks(1, "liar.py", case(*steps), passes="maelstrom-echo")
    assert not judged.ok
    assert "can't be told" in judged.why
    shown = check("08.3", judged)
    assert shown.text.startswith("◐ 08.3: it is caught; but nobody can tell by which sentence.")
    assert not shown.ok


def test_of_a_schedule_it_is_what_followed_that_tells() -> None:
    source = Path("honest.py").read_text("utf-8")
    taken = "            number = self.next_id\n            self.next_id = number + 1\n"
    early = taken.replace("    " * 3, "    " * 2) + "        with self.lock:\n"
    Path("liar.py").write_text(source.replace(f"        with self.lock:\n{taken}", early), "utf-8")
    both = {"send": [ASK[0]["send"], ECHO[0]["send"]]}
    mine = case(both, {"expect": [from_node("n2", **INNER)["expect"], ECHO_OK[0]["expect"]]})
    [result] = in_schedules("liar.py", mine).failed
    assert result.findings[0].code == "data-race"
    assert shown_by(result) == {5}


def test_each_code_of_the_sentences_is_one_of_the_grader() -> None:
    known = load(f"{LESSONS}/sentences.toml")["sentences"]
    assert len(sentences()) == len(known) == 12
    for one in known:
        assert {code.partition(":")[0] for code in one["shown_by"]} <= set(CODES)


def liar(method: str) -> None:
    Path("liar.py").write_text(HONEST.format(method), "utf-8")


def case(*steps: Any) -> str:
    lines = [{"case": "mine", "title": "Mine"}, *INIT, *steps]
    Path("mine.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return "mine.jsonl"

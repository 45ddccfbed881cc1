"""The explorer runs a node's code in a process of its own: under the same limits, and trusted no more."""

import os
import pickle
import sys
from pathlib import Path

import pytest

from grader.cases.select import select
from grader.conversation.submission import from_file
from grader.explorer import client
from grader.explorer.runtime.resources import Resource
from grader.explorer.search.framing import Letters, Misheard, letter
from grader.grading.exploration import race
from grader.grading.results import Grade
from tests.hostile import nodes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits are Linux's")

NODE = nodes.ANSWERING.replace("            attack()\n", "").replace(
    "            answer = {", "            attack()\n            answer = {", 2
)
LOOP = "def attack():\n    sum(range(10**12))\n"
REGEX = "def attack():\n    import re\n    re.match(r'(a+)+$', 'a' * 40 + 'b')\n"
HOG = "def attack():\n    kept = b'x' * (900 << 20)\n    while kept: pass\n"
LIAR = (
    "def attack():\n    for fd in range(3, 20):\n        try:\n            os.write(fd, LETTER)\n"
    "        except OSError:\n            pass\n"
)


def explored(tmp_path: Path, attack: str, *cases: str) -> Grade:
    node = tmp_path / "node.py"
    node.write_text(NODE.replace("ATTACK", attack))
    return race(from_file(str(node)), select(["interleaving"], cases or ["two-echoes", "start"]), budget=1.0)


@pytest.mark.parametrize(
    ("attack", "why"), [(LOOP, "neither ends nor waits"), (REGEX, "neither ends nor waits"), (HOG, "memory")]
)
def test_who_does_not_come_back_has_shown_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attack: str, why: str
) -> None:
    monkeypatch.setattr(client, "MORE_MEMORY", 64 << 20)  # to fill much takes a slow machine seconds
    outcome = explored(tmp_path, attack)
    assert not outcome.passed
    assert {result.status for result in outcome.results} == {"not-attempted"}
    assert any(why in result.note for result in outcome.results), [r.note for r in outcome.results]


FLOODS = {
    "stderr": "os.write(2, (b'y' * 999 + b'\\n') * 20_000)",
    "stdout": "sys.stdout.buffer.write(b'x' * 1_000_000)",
}


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("stderr", "stderr: more than 64 MiB (line 8 of node.py)"),
        ("stdout", "output: a line of more than 8 MiB (line 8 of node.py)"),
    ],
)
def test_a_flood_ends_its_run_as_it_would_end_the_node(tmp_path: Path, how: str, says: str) -> None:
    """After few runs: nothing is to be learned from more of them."""
    outcome = explored(tmp_path, f"def attack():\n    for _ in range(10): {FLOODS[how]}\n", "start")
    (result,) = outcome.results
    assert (result.findings[0].code, result.findings[0].actual) == ("limit-exceeded", says)
    assert result.explored
    assert result.explored.schedules <= 2
    assert sum(len(event.line) for event in result.transcript if event.kind == "err") < 1 << 20


START = """
import json, sys
print("starting", file=sys.stderr)
ATTACK
node = ""
for number, line in enumerate(sys.stdin):
    message = json.loads(line)
    body = message["body"]
    node = body.get("node_id", node)
    answer = {"type": body["type"] + "_ok", "in_reply_to": body["msg_id"], "msg_id": number}
    if body["type"] == "echo":
        answer["echo"] = body["echo"]
    print(json.dumps({"src": node, "dest": message["src"], "body": answer}), flush=True)
"""


def test_a_start_that_costs_more_than_the_budget_is_none_of_it(tmp_path: Path) -> None:
    """It is made once, and what it says on stderr changes nothing of that."""
    node = tmp_path / "node.py"
    node.write_text(START.replace("ATTACK", "import time\nwhile time.process_time() < 1.0: pass"))
    cases = select(["interleaving"], ["two-echoes", "start"])
    outcome = race(from_file(str(node)), cases, budget=0.5)
    assert [result.note for result in outcome.results] == [
        "complete to 2 preemptions; 1 schedule, 1 distinct"
    ] * 2


def pickled(name: str) -> bytes:
    """`getattr` of an enumeration of ours, as Python 3.11.0 to 3.11.3 write its members."""

    class Asked:
        def __reduce__(self) -> object:
            return getattr, (Resource, name)

    data = pickle.dumps(Asked())
    return (len(data) + 1).to_bytes(4, "little") + b"p" + data


def test_a_member_of_an_enumeration_may_come_by_its_name_and_nothing_else_of_it() -> None:
    assert list(Letters(is_from_nodes=True).feed(pickled("LOCK"))) == [Resource.LOCK]
    for name in ("__init__", "__members__", "mro"):
        with pytest.raises(Misheard):
            list(Letters(is_from_nodes=True).feed(pickled(name)))


class Evil:
    """What a pickle may do to who reads it."""

    def __reduce__(self) -> object:
        return os.mkdir, ("hostile-was-here",)


@pytest.mark.parametrize("evil", [pickle.dumps(Evil()), b"garbage", b""])
def test_nothing_that_comes_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, evil: bytes) -> None:
    monkeypatch.chdir(tmp_path)
    for kind in (b"p", b"m"):
        data = (len(evil) + 1).to_bytes(4, "little") + kind + evil
        with pytest.raises(Misheard):
            list(Letters(is_from_nodes=True).feed(data))
    with pytest.raises(Misheard, match="MiB"):
        list(Letters(is_from_nodes=True).feed((1 << 30).to_bytes(4, "little") + bytes(257 << 20)))
    assert list(tmp_path.iterdir()) == []
    assert list(Letters().feed(letter((1, "x")))) == [(1, "x")]


def test_who_writes_into_its_pipe_is_not_believed(tmp_path: Path) -> None:
    evil = pickle.dumps(Evil())
    forged = (len(evil) + 1).to_bytes(4, "little") + b"p" + evil
    outcome = explored(tmp_path, LIAR.replace("LETTER", repr(forged)))
    assert not outcome.passed
    assert not (tmp_path / "hostile-was-here").exists()

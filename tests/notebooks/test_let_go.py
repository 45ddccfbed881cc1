"""Calls that are over: a node that keeps something of them is told so; whoever lets go, in any way, is not."""

from pathlib import Path

import pytest

from grader.notebook.exercises.let_go import CALLS, kept
from tests.notebooks.cells import Cell, lesson_cell

SET_UP = 'from grader.notebook import *\nlesson("{}")'
PARTS = {
    "04": [
        "make-begin",
        "make-head",
        "make-read",
        "make-drain",
        "make-guard",
        "make-handlers",
        "ex-04-2",
        "ex-04-3",
    ],
    "05": ["make-begin", "make-head", "make-read", "make-dispatch", "ex-05-1", "make-reply-part"],
}
FILES = {"04": "my_asyncio.py", "05": "my_queues.py"}

ANSWERED, GIVEN_UP = "were answered", "were given up"

# Of lesson 04: how a reply finds who waits, what rpc does when the second is over, and where a call begins.
POPS = "self.calls.pop(number, None)\n    if future"
LOOKS = "self.calls.get(number)\n    if future"
ENDS = "        self.calls.pop(number, None)\n        return None"
FORGETS = "        return None"
BEGINS = "    self.calls[number] = future\n"
ONLY_LOOKS = [(POPS, LOOKS), (ENDS, FORGETS)]
BY_CALLBACK = "    future.add_done_callback(lambda _: self.calls.pop(number, None))\n"
AT_THE_NEXT = "    for n in [n for n, f in self.calls.items() if f.done()]:\n        del self.calls[n]\n"
# Of lesson 05.
TAKES = "waiting = calls.pop(to, None)"
STORES = "calls[next_id] = box"
BY_PEER = (STORES, "calls.setdefault(to, {})[next_id] = box")

# By lesson, what is written in place of what, and which calls are kept, in which table: "" if none.
NODES: dict[str, tuple[str, list[tuple[str, str]], list[str], str]] = {
    "04, the model": ("04", [], [], ""),
    "04, a timeout forgets": ("04", [(ENDS, FORGETS)], [GIVEN_UP], "self.calls"),
    "04, only looked at": ("04", [(POPS, LOOKS)], [ANSWERED], "self.calls"),
    "04, never": ("04", ONLY_LOOKS, [ANSWERED, GIVEN_UP], "self.calls"),
    "04, the key stays": (
        "04", [(ENDS, f"        self.calls[number] = None\n{FORGETS}")], [GIVEN_UP], "self.calls",
    ),
    "04, in finally": (
        "04", [(POPS, LOOKS), (ENDS, f"{FORGETS}\n    finally:\n        del self.calls[number]")], [], "",
    ),
    "04, by a callback": ("04", [*ONLY_LOOKS, (BEGINS, BEGINS + BY_CALLBACK)], [], ""),
    "04, by a new table": (
        "04",
        [(ENDS, f"        self.calls = {{n: f for n, f in self.calls.items() if n != number}}\n{FORGETS}")],
        [],
        "",
    ),
    "04, at the next call": ("04", [*ONLY_LOOKS, (BEGINS, BEGINS + AT_THE_NEXT)], [], ""),
    "04, a log": ("04", [(BEGINS, f"{BEGINS}    self.node_ids.append(str(body))\n")], [], ""),
    "05, the model": ("05", [], [], ""),
    "05, only looked at": (
        "05", [(TAKES, "waiting = calls.get(to)")], [ANSWERED, GIVEN_UP], "calls in guard",
    ),
    "05, del": (
        "05",
        [
            (TAKES, "waiting = calls.get(to)"),
            ("waiting.put(said)", "waiting.put(said)\n                del calls[to]"),
        ],
        [],
        "",
    ),
    "05, tables by peer": (
        "05",
        [BY_PEER, (TAKES, "waiting = next((c.pop(to) for c in calls.values() if to in c), None)")],
        [],
        "",
    ),
    "05, tables by peer, looked at": (
        "05",
        [BY_PEER, (TAKES, "waiting = next((c[to] for c in calls.values() if to in c), None)")],
        [ANSWERED, GIVEN_UP],
        "calls in guard[…]",
    ),
    "05, a list of pairs": (
        "05",
        [
            ("calls = {}", "calls, pairs = {}, []"),
            (STORES, "pairs.append((next_id, box))"),
            (TAKES, "waiting = next((b for n, b in pairs if n == to), None)"),
        ],
        [ANSWERED, GIVEN_UP],
        "pairs in guard",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NODES)
def test_what_is_kept_is_said_and_nothing_else(name: str, cell: Cell) -> None:
    lesson, changes, says, table = NODES[name]
    written(cell, lesson, changes)
    told = kept(FILES[lesson])
    assert [word for word in (ANSWERED, GIVEN_UP) if word in told] == says, told
    assert (f", and {table} keeps something of {CALLS}" in told) == bool(says), told
    assert ("pop(number, None)" in told) == bool(says)


def test_a_check_says_it_of_a_node_that_passes(cell: Cell) -> None:
    written(cell, "05", [("calls.pop(to, None)", "calls.get(to)")])
    shown = cell('check("05.1", "my_queues.py", cases=["init", "proxied-once", "silent-peer"], lets_go=True)')
    assert not shown.ok
    assert shown.text.startswith("◐ 05.1: passes its cases, and keeps calls that are over.")
    assert "calls in guard keeps" in shown.text
    written(cell, "05", [])
    assert cell('check("05.1", "my_queues.py", cases=["init"], lets_go=True)').ok


@pytest.mark.parametrize(
    "changes",
    [
        [(STORES, "calls[to] = box")],
        [  # a stack for each peer: right as long as the last question is answered first
            (STORES, "calls.setdefault(to, []).append(box)"),
            (TAKES, "waiting = next((c.pop() for c in reversed(calls.values()) if c), None)"),
        ],
    ],
)
def test_05_who_waits_is_not_found_by_the_name_of_the_peer(changes: list[tuple[str, str]], cell: Cell) -> None:
    written(cell, "05", changes)
    shown = cell(lesson_cell("05", "check-05-1").given)
    assert not shown.ok
    assert "Match replies that come in another order" in shown.text or "between 20 proxies" in shown.text


@pytest.mark.parametrize(
    "source", ["1 / 0", "import time; time.sleep(60)", "class Node: pass\nnode = Node()", "node = None"]
)
def test_of_what_can_not_be_counted_nothing_is_said(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.notebook.comparison.measuring.PATIENCE_S", 1.0)
    file = tmp_path / "node.py"
    file.write_text(source, "utf-8")
    assert kept(str(file)) == ""
    assert kept(str(tmp_path / "nowhere.py")) == ""


def written(cell: Cell, lesson: str, changes: list[tuple[str, str]]) -> None:
    """The model of a lesson, with these changes, in its file."""
    cell(SET_UP.format(lesson))
    for id in PARTS[lesson]:
        text = lesson_cell(lesson, id).solved
        for old, new in changes:
            text = text.replace(old, new)
        cell(text)
    source = Path(FILES[lesson]).read_text("utf-8")
    for _, new in changes:
        assert new.strip().splitlines()[-1].strip() in source, new

"""The search from within: what it does with runs that are cut off, and that nothing of it is left behind.

Each test works in a process of its own, as the explorer does: after `prepare` no clock is the same any more.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.explorer.left import wait_until_left
from tests.explorer.nodes import GUARDED, THREAD, UNGUARDED, write_node
from tests.explorer.races import RACES

BEGIN = """
import sys
from grader.explorer.runtime.launch import of_file
from grader.explorer.server import prepare
program = prepare(of_file(sys.argv[1]))
import json
from contextlib import suppress
from grader.explorer.search import forks, execution, execution_tree, state_table, cpu_budget
from grader.explorer.runtime import originals
from grader.explorer.runtime.scheduler import Places
from grader.explorer.search.engine import Search
from grader.cases.select import select

def tell(what):
    originals.write(1, (json.dumps(what) + "\\n").encode())

def case(name):
    return select(["interleaving"], [name])[0]

def grown(level, limit=forks.Limit()):
    return execution_tree.grow(program, case("three-at-once"), Places(), level, state_table.Table(), limit)
"""
END = "\noriginals.read(0, 1)\n"


@contextmanager
def within(node: str, code: str) -> Iterator[tuple[psutil.Process, Any]]:
    """A process that has done this, and what it told; it stays until that is left."""
    root = str(Path(__file__).parents[3])
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN + code + END, node],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(node).parent,
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": root},
    )
    assert process.stdout is not None
    with process:
        yield psutil.Process(process.pid), json.loads(process.stdout.readline())


def test_a_run_that_was_cut_off_goes_on_to_its_end_now_and_then(tmp_path: Path) -> None:
    """Here all states seem to come again after a preemption; every second run that is cut off goes on."""
    code = """
from grader.explorer.search import engine as module
module.AROUND, module.CHECKED = (), 2

class Mistaken(state_table.Table):
    def visit(self, key, preemptions, asleep):
        return None if preemptions else asleep

search = Search(program, case("two-echoes"), Mistaken(), 0)
for level in (0, 1):
    search.explore(level, cpu_budget.spent() + 60)
tell(search.found is not None)
"""
    with within(write_node(tmp_path, UNGUARDED, THREAD), code) as (_, is_found):
        assert is_found


# From 3.13 on the classes of ctypes are objects like any other, and what happens behind them is seen.
HIDES = pytest.mark.skipif(sys.version_info >= (3, 13), reason="nothing is hidden behind an address there")
HIDDEN = """
import ctypes
box = ctypes.c_long(0)
AT = ctypes.addressof(box)

def send(dest, body):
    mine = ctypes.c_long.from_address(AT).value
    ctypes.c_long.from_address(AT).value = mine + 1
    write(dest, {**body, "msg_id": mine})
"""


@HIDES
def test_where_states_are_not_seen_no_run_is_cut_off_any_more(tmp_path: Path) -> None:
    """Nothing tells that two objects of C have one address, so states seem to come again that don't."""
    code = """
from grader.explorer.search import engine as module
module.AROUND = ()
cuts = []

class Watched(Search):
    def _checked(self, leaf):
        if self.doubt:
            cuts.append(leaf.cut)
        return leaf

search = Watched(program, case("three-at-once"), state_table.Table(), 0)
for level in (0, 1):
    search.explore(level, 60)
tell([search.doubt, search.explored.escaped, cuts])
"""
    with within(write_node(tmp_path, HIDDEN, THREAD), code) as (_, told):
        doubt, escaped, cuts = told
    assert cuts
    assert not any(cuts)
    assert "two runs with the same trace wrote different lines" in doubt
    assert escaped == [doubt]


LOOKS_AROUND = """
search = Search(program, case("two-echoes"), state_table.Table(), 0)
search.explore(0, 60)
search.most = 1  # of the tree's runs
search.explore(1, 60)
found = search.found
tell(found and [found.preemptions, found.failing.findings[0].code, search.explored.stopped])
"""


def test_what_fails_with_many_switches_is_shrunk_to_one_if_one_is_enough(tmp_path: Path) -> None:
    with within(write_node(tmp_path, UNGUARDED, THREAD), LOOKS_AROUND) as (_, told):
        assert told == [1, "duplicate-msg-id", "found"]


def test_what_has_failed_once_is_found_though_the_tree_is_left(tmp_path: Path) -> None:
    """The bug needs two preemptions, so that the tree's runs with one would have gone on without it."""
    node = tmp_path / "node.py"
    node.write_text((RACES / "wrong" / "home_made_lock.py").read_text("utf-8"), "utf-8")
    with within(str(node), LOOKS_AROUND) as (_, told):
        preemptions, outcome, stopped = told
    assert preemptions >= 2
    assert (outcome, stopped) == ("duplicate-msg-id", "found")


def test_what_is_found_when_it_is_interrupted_is_told_as_it_is(tmp_path: Path) -> None:
    """No run is made any more to shrink it."""
    code = """
from grader.explorer.search import counterexample
from grader.explorer.search import engine as module
module.AROUND = ()
stop, stopping = originals.pipe()
shrink, ended = counterexample.shrink, []

def interrupted(choices, fails):
    originals.write(stopping, b"x")
    return shrink(choices, lambda fewer: ended.append(fails(fewer)))

counterexample.shrink = interrupted
search = Search(program, case("two-echoes"), state_table.Table(), 0, stop)
for level in (0, 1):
    search.explore(level, 60)
found = search.found
told = found and [found.failing.findings[0].code, found.passing is not None]
tell([told, search.explored.stopped, ended])
"""
    with within(write_node(tmp_path, UNGUARDED, THREAD), code) as (_, told):
        assert told == [["duplicate-msg-id", True], "found", []]


POLLS = """
import queue
answers = queue.Queue()

def ask(message):
    body = message["body"]
    send(body["target"], dict(body["inner"]))
    for _ in range(10):
        try:
            result = answers.get(timeout=0.1)
        except queue.Empty:
            continue
        send(message["src"], {"type": "proxy_ok", "in_reply_to": body["msg_id"], "result": result})
        return
    send(message["src"], {"type": "error", "code": 0, "text": "late", "in_reply_to": body["msg_id"]})

def start(message):
    body = message["body"]
    if "in_reply_to" in body:
        answers.put(body)
    else:
        work = ask if body["type"] == "proxy" else handle
        threads.append(threading.Thread(target=work, args=(message,)))
        threads[-1].start()
"""


def test_that_time_is_up_again_and_again_is_no_failure(tmp_path: Path) -> None:
    """A peer is waited for in ten short steps; in runs with many switches all of them time out."""
    with within(write_node(tmp_path, GUARDED, POLLS), LOOKS_AROUND.replace("two-echoes", "proxy-held")) as (
        _,
        told,
    ):
        assert told is None


def test_what_a_node_does_before_it_can_be_explored_costs_no_budget(tmp_path: Path) -> None:
    code = """
from grader.explorer.search.framing import Letters
used = [0.0]
originals.put(originals, used=lambda: used[0])
costs = []
for was_started in (False, True):
    used[0] = 5.0
    group = forks.ProcessGroup("")
    group.is_ready(was_started=was_started)
    used[0] = 5.5
    group.tell("what a run has shown")
    [(cost, _)] = Letters().feed(originals.read(group.reading, 1 << 16))
    costs.append(cost)
tell(costs)
"""
    with within(write_node(tmp_path, GUARDED, THREAD), code) as (_, costs):
        assert costs == [0.5, 5.5]  # where the start was made for all, all that a run costs is its own


def test_once_the_budget_is_over_only_the_first_of_several_runs_told_at_once_is_shown(tmp_path: Path) -> None:
    code = """
import os
from grader.explorer.search.forks import Limit, Over

def work():
    group.tell("first")
    group.tell("second")
    forks.leave()

group = forks.ProcessGroup("")
group.start(work)
os.waitid(os.P_PID, group.root, os.WEXITED | os.WNOWAIT)  # both stand in the pipe
shown = []
try:
    for message in group.hear(Limit(spent=0.0), lambda: 0):
        shown.append(message)
except Over:
    tell(shown)
group.end()
"""
    with within(write_node(tmp_path, GUARDED, THREAD), code) as (_, shown):
        assert shown == ["first"]


def test_a_case_is_left_out_that_would_begin_long_after_the_budget_is_over(tmp_path: Path) -> None:
    code = """
from grader.explorer.search import cpu_budget
from grader.explorer.search.engine import AFTERWARDS, search
told = []
for result in search(program, [case("two-echoes"), case("start")], 0.0):
    told.append([result.explored.schedules, result.explored.escaped])
    cpu_budget.add(AFTERWARDS + 1)
tell(told)
"""
    with within(write_node(tmp_path, GUARDED, THREAD), code) as (_, told):
        assert [schedules for schedules, _ in told] == [1, 0]
        assert "was not run" in told[1][1][0]


def test_a_workload_of_which_the_budget_allows_one_schedule_is_inconclusive(tmp_path: Path) -> None:
    code = """
from grader.explorer.search.engine import search
[result] = search(program, [case("two-echoes")], 0.0)
tell([result.explored.schedules, result.explored.stopped, result.explored.escaped])
"""
    with within(write_node(tmp_path, GUARDED, THREAD), code) as (_, (schedules, stopped, escaped)):
        assert schedules == 1
        assert stopped == "inconclusive"
        assert "after one schedule" in escaped[0]


def test_where_memory_is_short_the_other_ways_are_gone_from_the_start(tmp_path: Path) -> None:
    """No process waits, and the same comes of it."""
    code = """
from grader.explorer.search import memory
places = Places()

def explore():
    count, found = 0, set()
    for leaf in execution_tree.grow(program, case("two-echoes"), places, 1, state_table.Table(), forks.Limit()):
        count += 1
        new = Places(set(leaf.racy), set(leaf.shared))
        if places.missing(new):
            places.learn(new)
            return explore()
        if not leaf.cut:
            found.add(str([event.line for event in leaf.transcript if event.kind == "out"]))
    return count, sorted(found)

with_room = explore()
memory.Held.has_room = lambda held: False
tell([with_room, explore()])
"""
    with within(write_node(tmp_path, UNGUARDED, THREAD), code) as (_, ((_, with_room), (_, without))):
        assert with_room == without
        assert len(with_room) > 1


@pytest.mark.parametrize(
    "code",
    [
        "leaves = grown(2)\nnext(leaves)\nleaves.close()\ntell('closed')",
        "leaves = grown(2)\nnext(leaves)\ndel leaves\ntell('dropped')",
        """
stop, stopping = originals.pipe()
leaves = grown(2, forks.Limit(stop=stop))
next(leaves)
originals.write(stopping, b"x")
with suppress(forks.Over):
    list(leaves)
tell("over")
""",
        """
originals.put(execution, play=lambda *_: 1 / 0)
try:
    list(grown(0))
except RuntimeError as error:
    tell("an error of ours")
""",
    ],
    ids=["closed", "dropped", "over", "failed"],
)
def test_no_run_outlives_its_tree(tmp_path: Path, code: str) -> None:
    with within(write_node(tmp_path, GUARDED, THREAD), code) as (process, told):
        assert told
        wait_until_left(tmp_path, {process.pid})


@pytest.mark.parametrize("line", ["sum(range(10**13))", "import os; os.kill(os.getpid(), 9)"])
def test_no_run_outlives_a_tree_that_is_given_up_on(tmp_path: Path, line: str) -> None:
    """One schedule gets stuck, or dies, when others wait for their turn."""
    part = f"def stop(message):\n    handle(message)\n    if message['body']['msg_id'] == 4:\n        {line}\n"
    node = write_node(tmp_path, GUARDED, part, THREAD.replace("=handle,", "=stop,"))
    code = """
try:
    list(grown(2))
except forks.Stuck as stuck:
    tell(str(stuck))
"""
    with within(node, code) as (process, told):
        assert told
        wait_until_left(tmp_path, {process.pid})


def test_what_needs_two_preemptions_is_shown_though_the_budget_ends_at_one() -> None:
    """A run with many switches has failed: it is kept in reserve, until the level that needs it."""
    code = """
from grader.explorer.search import engine as module
explore = Search.explore

def explore_and_spend(self, level, *limits):
    explore(self, level, *limits)
    if level == 1:
        told.append(self.spare is not None and not self.is_done)
        cpu_budget.add(1e9)

told = []
Search.explore = explore_and_spend
[searched] = module.search(program, [case("two-echoes")], 120.0)
tell([*told, searched.found is not None])
"""
    with within(str(RACES / "wrong" / "home_made_lock.py"), code) as (_, told):
        assert told == [True, True]

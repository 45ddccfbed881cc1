"""Who sleeps is missed nowhere: without sleepers there are more schedules, and nothing else comes of them.

Nor is it missed that a new worker might have begun later.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.explorer.runtime.sleep_sets import Sleepers
from tests.explorer.nodes import GUARDED, THREAD, UNGUARDED, write_node

WORKERS = """
import queue
inbox, outbox = queue.SimpleQueue(), queue.Queue()
free = queue.SimpleQueue()

def work():
    while (message := inbox.get()) is not None:
        free.get()
        handle(message)
        free.put(None)
    inbox.put(None)

def start(message):
    if free.empty():
        free.put(None)
        threads.append(threading.Thread(target=work, daemon=True))
        threads[-1].start()
    inbox.put(message)
"""

TELLING = """
changed = threading.Condition()
served = []

def start(message):
    def serve():
        handle(message)
        with changed:
            served.append(1)
            changed.notify()
    def look():
        with changed:
            while not served:
                changed.wait(0.2)
    for work in (serve, look):
        threads.append(threading.Thread(target=work))
        threads[-1].start()
"""

POOL = """
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor(2)

def start(message):
    pool.submit(handle, message)
"""

COUNTED = """
served = 0

def start(message):
    def serve():
        global served
        handle(message)
        served += 1
    threads.append(threading.Thread(target=serve))
    threads[-1].start()
"""

NODES = {
    "counted": (GUARDED, COUNTED),  # what they race for is first touched by those who race
    "unguarded": (UNGUARDED, THREAD),
    "workers": (GUARDED, WORKERS),
    "telling": (GUARDED, TELLING),
    "pool": (UNGUARDED, POOL),
}

# What comes of a node: the traces of its runs up to one preemption, each with the lines that were written.
EXPLORE = """
import sys
file, case_id, without = sys.argv[1:]
from grader.explorer.runtime.launch import of_file
from grader.explorer.server import prepare
program = prepare(of_file(file))
from grader.explorer.runtime import sleep_sets, originals
from grader.explorer.search import execution_tree, state_table
from grader.explorer.search.forks import Limit
from grader.explorer.runtime.scheduler import Scheduler
from grader.explorer.runtime.worker import Places
from grader.cases.select import select
import json

[case] = select(["interleaving"], [case_id])
places, table, turn = Places(), state_table.Table(), sleep_sets.Sleepers.turn

def explore():
    count, found = 0, {}
    for leaf in execution_tree.grow(program, case, places, 1, table, Limit()):
        count += 1
        new = Places(set(leaf.racy), set(leaf.shared))
        if places.missing(new):
            places.learn(new)
            return explore()
        if not leaf.cut:
            found[str(leaf.trace)] = [event.line for event in leaf.transcript if event.kind == "out"]
    return count, found

def nobody_sleeps(sleepers, _worker, note):
    turn(sleepers, -1, note)

explore()
told = [explore()]
if without == "sleepers":
    sleep_sets.Sleepers.turn = nobody_sleeps
else:
    Scheduler.begin = lambda run, worker: None
told.append(explore())
originals.write(1, json.dumps(told).encode())
"""


def with_and_without(folder: Path, name: str, what: str) -> tuple[tuple[int, object], tuple[int, object]]:
    """How many schedules, and what comes of them, with `what` and without."""
    file = write_node(folder, *NODES[name])
    case = "start" if name == "telling" else "two-echoes"
    command = [sys.executable, "-c", EXPLORE, file, case, what]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env={"PYTHONHASHSEED": "0"})
    (fewer, with_it), (more, without_it) = json.loads(done.stdout)
    return (fewer, with_it), (more, without_it)


@pytest.mark.parametrize("name", NODES)
def test_sleepers_are_missed_nowhere(tmp_path: Path, name: str) -> None:
    (fewer, with_sleepers), (more, without) = with_and_without(tmp_path, name, "sleepers")
    assert fewer < more
    assert with_sleepers == without


@pytest.mark.parametrize("name", [name for name in NODES if name != "unguarded"])
def test_a_worker_that_begins_at_once_might_begin_later(tmp_path: Path, name: str) -> None:
    """(Those of `unguarded` are given a message each, and begin when it is their turn.)"""
    (fewer, at_once), (more, later) = with_and_without(tmp_path, name, "beginnings")
    assert fewer < more
    assert at_once == later


def watched(sleepers: Sleepers, thing: object, *, to_next_point: bool, writes: bool = True) -> bytes:
    """A watch's note on a worker that touches one thing, and comes to a point."""
    watch = sleepers.watch(to_next_point=to_next_point)
    sleepers.touch(thing, writes=writes)
    sleepers.point(free=False)
    return watch.note()


def test_a_worker_sleeps_until_another_touches_the_same() -> None:
    sleepers, lock, other = Sleepers(), object(), object()
    sleepers.turn(1, watched(Sleepers(), lock, to_next_point=True))
    sleepers.touch(other)
    assert 1 in sleepers
    sleepers.wake(lock)
    assert 1 not in sleepers


def test_who_only_looks_disturbs_nobody_who_does() -> None:
    sleepers, event = Sleepers(), object()
    sleepers.turn(1, watched(Sleepers(), event, to_next_point=True, writes=False))
    sleepers.touch(event, writes=False)
    assert 1 in sleepers
    sleepers.touch(event)
    assert 1 not in sleepers


def test_what_is_not_known_to_its_end_lets_nobody_sleep() -> None:
    sleepers = Sleepers()
    assert watched(sleepers, object(), to_next_point=False) == b""  # to switch there would be a preemption
    sleepers.turn(1, b"")
    assert 1 not in sleepers
    watch = sleepers.watch(to_next_point=True)
    sleepers.touch_all()
    sleepers.point(free=True)
    assert watch.note() == b""

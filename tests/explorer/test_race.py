"""The explorer finds what fails, says what it covered, and gives up with a clear word."""

import json
import sys
from pathlib import Path

import pytest

from grader.cases.model import Case
from grader.cases.parser import load
from grader.cli import main
from grader.conversation.node_process import prepare
from grader.conversation.submission import from_file
from grader.explorer import client
from grader.explorer.coverage import Explored
from grader.explorer.replay import again, is_same, save
from grader.explorer.replay import load as load_replay
from grader.explorer.search.engine import TOO_SLOW, Searched
from grader.grading.exploration import race
from grader.grading.results import Result
from grader.grading.runner import grade
from tests.explorer.nodes import AT_ONCE, GUARDED, NO_CALL_BETWEEN, THREAD, UNGUARDED, write_node

CASES = {case.id: case for case in load("interleaving").cases}
ENOUGH = 60.0  # seconds: a busy machine must not decide

KEPT = """
box = {box}

def serve(message):
    box.message = message
    handle(box.message)

def start(message):
    threads.append(threading.Thread(target=serve, args=(message,)))
    threads[-1].start()
"""


def explore(file: str, *ids: str) -> list[Result]:
    return list(race(from_file(file), [CASES[name] for name in ids], budget=ENOUGH).results)


def test_an_unguarded_counter_is_a_data_race(tmp_path: Path) -> None:
    [result] = explore(write_node(tmp_path, UNGUARDED, THREAD), "two-echoes")
    assert [finding.code for finding in result.findings[:2]] == ["data-race", "duplicate-msg-id"]
    assert result.findings[1].follows
    assert "next_id" in result.findings[0].message
    schedule = result.findings[0].schedule
    assert schedule["preemptions"] <= 1
    assert schedule["races"]


def test_a_guarded_one_is_complete(tmp_path: Path) -> None:
    [result] = explore(write_node(tmp_path, GUARDED, THREAD), "two-echoes")
    assert result.status == "passed"
    assert result.explored is not None
    assert result.explored.complete_to == 2
    assert result.note.startswith("complete to 2 preemptions")


def test_files_that_speak_for_a_job_are_not_named_to_an_explored_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ENV", "env")
    node = Path(write_node(tmp_path, GUARDED, THREAD))
    node.write_text('import os\nassert "GITHUB_ENV" not in os.environ\n' + node.read_text("utf-8"), "utf-8")
    [result] = explore(str(node), "two-echoes")
    assert result.status == "passed"


@pytest.mark.parametrize("change", ["dest = [dest]", "body['in_reply_to'] = [body['in_reply_to']]"])
def test_a_reply_that_can_be_nobody_s_is_the_node_s_fault(tmp_path: Path, change: str) -> None:
    send = UNGUARDED.replace("    write(dest", f"    if dest != 'c0':\n        {change}\n    write(dest")
    [result] = explore(write_node(tmp_path, send, THREAD), "two-echoes")
    assert result.status == "failed"


def test_what_today_s_python_never_does_is_found_too(tmp_path: Path) -> None:
    [result] = explore(write_node(tmp_path, NO_CALL_BETWEEN, THREAD), "two-echoes")
    assert result.findings[0].code == "data-race"


def test_what_is_local_to_a_thread_is_nobody_else_s(tmp_path: Path) -> None:
    found = []
    for box in ("threading.local()", "threading.Thread()"):  # each takes any attribute
        node = write_node(tmp_path, GUARDED, KEPT.format(box=box))
        [result] = explore(node, "two-echoes")
        found.append([finding.code for finding in result.findings])
    assert not found[0]
    assert found[1]


HELD: dict[str, tuple[str, str]] = {  # what is made once, and how a number is taken from it
    "heapq": ("import heapq\nfree = list(range(99))", "free[0]; heapq.heappop(free)"),
    "bisect": ("import bisect\nused = [0]", "used[-1] + 1; bisect.insort(used, mine)"),
    "argument": ("import bisect\nused = [0]", "bisect.insort(used, (n := used[-1] + 1)) or n"),
    "alias": ("from bisect import insort as put\nused = [0]", "used[-1] + 1; put(used, mine)"),
    "StringIO": ("import io\nmarks = io.StringIO()", "marks.tell(); marks.write('x')"),
    "array": ("import array\nlast = array.array('i', [0])", "last[0]; last[0] = mine + 1"),
    "by name": ("last = [0]\nput = lambda n: last.__setitem__(0, n)", "last[0]; put(mine + 1)"),
    "descriptor": (
        "class Box: __slots__ = ('n',)\nbox = Box(); box.n = 0",
        "Box.n.__get__(box); Box.n.__set__(box, mine + 1)",
    ),
    "setattr": ("class Box: n = 0\nbox = Box()", "getattr(box, 'n'); setattr(box, 'n', mine + 1)"),
    "vars": ("class Box: n = 0\nbox = Box(); box.n = 0", "box.n; vars(box)['n'] = mine + 1"),
    "update": ("class Box: n = 0\nbox = Box(); box.n = 0", "box.n; box.__dict__.update(n=mine + 1)"),
    "one for all": (
        "class Box:\n    all = {'n': 0}\n    def __init__(self): self.__dict__ = self.all",
        "Box().n; Box().n = mine + 1",
    ),
    "UserDict": (
        "from collections import UserDict\ntable = UserDict(n=0)",
        "table['n']; table['n'] = mine + 1",
    ),
    "UserList": ("from collections import UserList\nused = UserList()", "len(list(used)); used.append(1)"),
    "memoryview": ("buffer = bytearray(8); view = memoryview(buffer)[2:4]", "view[0]; buffer[2] = mine + 1"),
    "struct": (
        "import struct\nbuffer = bytearray(8)",
        "struct.unpack_from('I', buffer)[0]; struct.pack_into('I', buffer, 0, mine + 1)",
    ),
    "str": ("used = {'a': []}", "str(used).count('1'); used['a'].append(1)"),
    "f-string": ("used = []", "len(f'{used}'); used.append(1)"),
    "%": ("used = []", "len('%s' % used); used.append(1)"),
    "operator": ("used = []", "len(used + [0]); used.append(1)"),
    "compared": ("used = []", "1 if used == [] else 2 if used == [1] else 3; used.append(1)"),
    "unpacked": ("last = [0, 0]", "(lambda n, _: n)(*last); last[0] = mine + 1"),
    "iter": ("used = []", "sum(1 for _ in iter(used)); used.append(1)"),
    "grows": ("used = []; other = used", "len(used); globals()['other'] += [1]"),
}


@pytest.mark.parametrize(("made", "taken"), HELD.values(), ids=HELD)
def test_what_is_changed_in_c_is_seen(tmp_path: Path, made: str, taken: str) -> None:
    send = f"def send(dest, body):\n    mine = {taken}\n    write(dest, {{**body, 'msg_id': mine}})"
    [result] = explore(write_node(tmp_path, made, send, THREAD), "two-echoes")
    assert [finding.code for finding in result.findings[:2]] == ["data-race", "duplicate-msg-id"]


def test_what_is_guarded_is_no_state_that_is_not_seen(tmp_path: Path) -> None:
    """A number from each of them, all under one lock."""
    for place, (made, taken) in enumerate(HELD.values()):
        text = f"{made}\ndef take():\n    mine = {taken}\n    return mine\n"
        (tmp_path / f"held{place}.py").write_text(text, "utf-8")
    modules = ", ".join(f"held{place}" for place in range(len(HELD)))
    send = f"""
import {modules}
door = threading.Lock()

def send(dest, body):
    with door:
        number = sum(held.take() for held in ({modules}))
    write(dest, {{**body, "msg_id": number}})
"""
    [result] = explore(write_node(tmp_path, send, THREAD), "two-echoes")
    assert (result.status, result.note.partition(";")[0]) == ("passed", "complete to 2 preemptions")


NUMBERS = """
import itertools

def numbers():
    n = 0
    while True:
        {go_on}
        n += 1

ids = numbers()
lent, door = threading.Lock(), threading.Lock()

def send(dest, body):
    {take}
    write(dest, {{**body, "msg_id": mine}})
"""


@pytest.mark.parametrize(
    "take",
    [
        "mine = next(ids)",
        "mine = ids.send(None)",
        "take = ids.__next__; mine = take()",
        "mine = [n for n in itertools.islice(ids, 1)][0]",
        "for mine in ids: break",
        "mine = next(ids); lent.acquire(); lent.release()",
    ],
)
def test_two_in_one_generator(tmp_path: Path, take: str) -> None:
    for go_on in ("yield n", "yield from [n]", "yield from iter([n])", "with door: n += 0\n        yield n"):
        node = write_node(tmp_path, NUMBERS.format(take=take, go_on=go_on), THREAD)
        [result] = explore(node, "two-echoes")
        assert [finding.code for finding in result.findings[:2]] == ["data-race", "no-reply"]
        assert "ValueError" in result.findings[0].message
        assert result.findings[0].schedule["preemptions"] <= 1


@pytest.mark.parametrize("own", ["", "own = numbers(); mine = [next(own), next(own)]"])
def test_a_generator_that_one_worker_has_at_a_time_costs_no_schedule(tmp_path: Path, own: str) -> None:
    counted = []
    for ids in ("numbers()", "itertools.count()"):
        take = f"{own}\n    with lent: mine = next(ids)"
        text = NUMBERS.format(take=take, go_on="yield n").replace("ids = numbers()", f"ids = {ids}")
        [result] = explore(write_node(tmp_path, text, THREAD), "two-echoes")
        assert result.explored is not None
        assert result.explored.complete_to == 2
        counted.append(result.explored.schedules)
    assert counted[0] <= counted[1]


FORGETS = """
import asyncio, json, sys

numbers = []

async def main():
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        message = json.loads(line)
        body, dest = dict(message["body"]), message["src"]
        loop.call_later({after}, numbers.clear)
        body.update(type=body["type"] + "_ok", in_reply_to=body["msg_id"], msg_id=len(numbers))
        numbers.append(dest)
        for name in ("node_id", "node_ids"):
            body.pop(name, None)
        print(json.dumps({{"src": "n1", "dest": dest, "body": body}}), flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize(("after", "found"), [(0.05, ["duplicate-msg-id"]), (5, [])])
def test_a_line_may_be_later_than_a_timer_that_ends_soon(
    tmp_path: Path, after: float, found: list[str]
) -> None:
    node = tmp_path / "node.py"
    node.write_text(FORGETS.format(after=after), "utf-8")
    [result] = explore(str(node), "two-echoes")
    assert [finding.code for finding in result.findings if not finding.follows][-1:] == found


def test_a_node_that_does_one_thing_at_a_time_has_one_schedule(tmp_path: Path) -> None:
    [result] = explore(write_node(tmp_path, UNGUARDED, AT_ONCE), "three-at-once")
    assert (result.status, result.explored and result.explored.distinct) == ("passed", 1)


def test_a_lock_taken_twice_is_a_deadlock(tmp_path: Path) -> None:
    start = """
def start(message):
    with lock:
        handle(message)
"""
    [result] = explore(write_node(tmp_path, GUARDED, start), "two-echoes")
    assert result.findings[0].code == "deadlock"
    assert "waits for lock (line 15), which it holds itself" in result.findings[0].message


def test_a_lock_that_is_tried_can_be_seen_taken(tmp_path: Path) -> None:
    start = """
import queue
turn, jobs = threading.Lock(), queue.SimpleQueue()

def serve(message):
    jobs.put(message)
    if turn.acquire({how}):
        try:
            while True:
                handle(jobs.get_nowait())
        except queue.Empty:
            turn.release()

def start(message):
    threads.append(threading.Thread(target=serve, args=(message,)))
    threads[-1].start()
"""
    for how in ("blocking=False", "timeout=0.01"):
        node = write_node(tmp_path, GUARDED, start.format(how=how))
        [result] = explore(node, "two-echoes")
        assert [finding.code for finding in result.findings] == ["no-reply"], how


@pytest.mark.parametrize(
    "is_none",
    [
        "not any(thread.is_alive() for thread in threads)",
        "threading.active_count() == 1",
        "'drain' not in [thread.name for thread in threading.enumerate()]",
        "not threads or threads[-1].join(timeout=0) or not threads[-1].is_alive()",
    ],
    ids=["is_alive", "active_count", "enumerate", "join"],
)
def test_a_thread_that_is_just_ending_can_be_seen_alive(tmp_path: Path, is_none: str) -> None:
    start = f"""
import queue
jobs = queue.SimpleQueue()

def drain():
    while True:
        try:
            handle(jobs.get_nowait())
        except queue.Empty:
            return

def start(message):
    jobs.put(message)
    if {is_none}:
        threads.append(threading.Thread(target=drain, name="drain"))
        threads[-1].start()
"""
    [result] = explore(write_node(tmp_path, GUARDED, start), "two-echoes")
    assert [finding.code for finding in result.findings] == ["no-reply"]


def test_a_program_that_ends_while_others_wait_is_no_deadlock(tmp_path: Path) -> None:
    start = """
import os
turn = threading.Lock()

def serve(message):
    with turn:
        handle(message)
        os._exit(0)

def start(message):
    threads.append(threading.Thread(target=serve, args=(message,)))
    threads[-1].start()
"""
    [result] = explore(write_node(tmp_path, GUARDED, start), "ends-early")
    assert result.findings[0].code == "lost-at-eof"


SETS = """
import asyncio
from concurrent.futures import Future

def orders():
    loop = asyncio.new_event_loop()
    for make in (threading.Thread, Future, loop.create_future):
        things = [make() for _ in range(12)]
        yield [things.index(thing) for thing in set(things)]

def send(dest, body):
    write(dest, {**body, "msg_id": 1, "orders": [*orders()]})
"""


def test_the_order_of_a_set_is_the_same_in_every_run(tmp_path: Path) -> None:
    """Also in another process, where things are elsewhere in memory."""
    file = write_node(tmp_path, SETS)
    lines = []
    for _ in range(2):
        [result] = explore(file, "start")
        lines.append([event.line for event in result.transcript if event.kind == "out"])
    assert lines[0] == lines[1]
    assert lines[0]


@pytest.mark.parametrize("given", ["left + 1,", ""], ids=["told", "alike"])
def test_threads_that_begin_one_another_do_not_make_a_deep_stack(tmp_path: Path, given: str) -> None:
    start = f"""
def start(message):
    steps = iter(range(400))
    def go_on(left=0):
        if next(steps, None) is not None:
            threads.append(threading.Thread(target=go_on, args=({given})))
            threads[-1].start()
        else:
            handle(message)
    go_on()
"""
    [result] = explore(write_node(tmp_path, GUARDED, start), "start")
    assert (result.status, result.findings) == ("passed", ())


def test_opposite_order_of_locks(tmp_path: Path) -> None:
    send = """
a, b = threading.Lock(), threading.Lock()
counts = []

def send(dest, body):
    first, second = (a, b) if dest == "c1" else (b, a)
    with first:
        with second:
            counts.append(1)
            body["msg_id"] = len(counts)
    write(dest, body)
"""
    [result] = explore(write_node(tmp_path, send, THREAD), "two-echoes")
    assert result.findings[0].code == "deadlock"
    assert result.findings[0].schedule["preemptions"] == 1


def test_where_all_fail_a_schedule_with_one_preemption_more_may_pass(tmp_path: Path) -> None:
    """Numbers are different where two handlers are at work at once, and that takes a preemption."""
    send = """
at_work = []

def send(dest, body):
    at_work.append(dest)
    number = 0 if dest == "c0" else len(at_work)
    write(dest, {**body, "msg_id": number})
    at_work.remove(dest)
"""
    searched: list[Searched] = []
    file = write_node(tmp_path, send, THREAD)
    [result] = race(from_file(file), [CASES["two-echoes"]], budget=ENOUGH, on_searched=searched.append).results
    assert [finding.code for finding in result.findings][-1:] == ["duplicate-msg-id"]
    found = searched[0].found
    assert found is not None
    assert found.preemptions == 0
    assert found.passing is not None


def test_a_benign_race_is_not_accused(tmp_path: Path) -> None:
    send = GUARDED.replace("    write(dest, body)", "    served.append(dest)\n    write(dest, body)")
    [result] = explore(write_node(tmp_path, "served = []", send, THREAD), "two-echoes")
    assert (result.status, result.findings) == ("passed", ())


def test_threads_that_a_handler_starts_race(tmp_path: Path) -> None:
    start = """
def start(message):
    left = [2]
    def part():
        now = left[0] - 1
        left[0] = now
        if now == 0:
            handle(message)
    for _ in range(2):
        threads.append(threading.Thread(target=part))
        threads[-1].start()
"""
    [result] = explore(write_node(tmp_path, GUARDED, start), "start")
    assert result.findings[0].code == "data-race"
    assert "left[0]" in result.findings[0].message or "left" in result.findings[0].message


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("while True: pass", "a loop that never ends"),
        ("os.fork()", "it starts a process"),
        ("sum(range(10**13))", "it neither ends nor waits"),
        ("sum(1 for _ in iter(int, 1))", "it neither ends nor waits"),
        ("ctypes.CDLL(None).pause()", "it waits in a call that Python can't see into"),
        ("os.kill(os.getppid(), 9)", "it sends a signal to another process"),
        ("os.killpg(os.getpgid(os.getppid()), 15)", "it sends a signal to another process"),
    ],
    ids=["loops", "forks", "blocks", "spins", "sleeps", "kills", "kills all"],
)
def test_what_escapes_is_not_attempted_and_told_with_its_line(tmp_path: Path, line: str, word: str) -> None:
    part = f"import ctypes, os\ndef start(message):\n    {line}\n"
    folder = tmp_path / "Übung"
    folder.mkdir()
    node = write_node(folder, UNGUARDED, part)
    [result] = explore(node, "two-echoes")
    number = Path(node).read_text("utf-8").split("\n").index(f"    {line}") + 1
    assert result.status == "not-attempted"
    assert result.note.startswith(f"inconclusive: {word}")
    assert result.note.endswith(f" (line {number} of node.py)")


def test_what_lasts_from_run_to_run_is_noticed_in_a_single_schedule(tmp_path: Path) -> None:
    send = """
import pathlib

def send(dest, body):
    with open(pathlib.Path(__file__).with_name("count"), "a+") as file:
        file.write("x")
        write(dest, {**body, "msg_id": file.tell()})
"""
    [result] = explore(write_node(tmp_path, send, AT_ONCE), "start")
    assert result.status == "not-attempted"
    assert "made again went another way" in result.note


# From 3.13 on the classes of ctypes are objects like any other, and what happens behind them is seen.
HIDES = pytest.mark.skipif(sys.version_info >= (3, 13), reason="nothing is hidden behind an address there")
HIDDEN = """
import ctypes
box = ctypes.c_long(0)
AT = ctypes.addressof(box)

def send(dest, body):
    mine = ctypes.c_long.from_address(AT).value
    {between}
    ctypes.c_long.from_address(AT).value = mine + 1
    write(dest, {{**body, "msg_id": mine}})
"""


@HIDES
def test_what_fails_is_found_though_its_state_is_not_seen(tmp_path: Path) -> None:
    """States seem to come again, since nothing tells that two objects of C have one address: runs are cut off.

    Two with the same trace write different lines; without cuts one of them has the same number twice.
    """
    file = write_node(tmp_path, HIDDEN.format(between="with lock: pass"), THREAD)
    searched: list[Searched] = []
    [result] = race(from_file(file), [CASES["two-echoes"]], budget=ENOUGH, on_searched=searched.append).results
    assert [finding.code for finding in result.findings] == ["duplicate-msg-id"]
    assert (result.explored or Explored()).escaped == ()
    target = str(tmp_path / "replay.json")
    save(target, from_file(file), searched[0], 0)
    replay = load_replay(target)
    assert is_same(replay, again(replay, from_file(file)).recorded)


@HIDES
def test_where_states_are_not_seen_a_search_that_finds_nothing_is_inconclusive(tmp_path: Path) -> None:
    [result] = explore(write_node(tmp_path, HIDDEN.format(between="pass"), THREAD), "two-echoes")
    assert result.status == "not-attempted"
    assert "two runs with the same trace wrote different lines" in result.note
    assert (result.explored or Explored()).complete_to == -1


@pytest.mark.parametrize(
    "line",
    [
        "os.kill(os.getpid(), 9)",
        "ctypes.string_at(1)",
        "[ctypes.CDLL(None).close(n) for n in range(3, 100)]",
        "os.abort()",
        "ctypes.CDLL(None)._exit(0)",
    ],
    ids=["killed", "crashes", "deaf", "aborts", "exits"],
)
@pytest.mark.parametrize("when", ["True", 'message["src"] == "c2" and next_id < 2'], ids=["always", "rarely"])
def test_a_run_that_ends_without_a_word_is_never_taken_for_one(tmp_path: Path, line: str, when: str) -> None:
    """`rarely`: in one schedule only, where c2's handler begins before c1's has written."""
    part = (
        f"import ctypes, os\ndef handle_or_end(message):\n    if {when}:\n        {line}\n    handle(message)\n"
    )
    node = write_node(tmp_path, GUARDED, part, THREAD.replace("=handle,", "=handle_or_end,"))
    [result] = explore(node, "two-echoes")
    assert result.status == "not-attempted"
    assert "without a word" in result.note


@pytest.mark.parametrize("line", ["os.fork()", "sum(range(10**13))"], ids=["forks", "blocks"])
def test_what_escapes_with_two_preemptions_leaves_what_is_known_of_one(tmp_path: Path, line: str) -> None:
    """Three handlers are at work at once only where two were preempted."""
    part = f"""
import os
at_work, door = 0, threading.Lock()

def serve(message):
    global at_work
    with door:
        at_work += 1
        if at_work == 3:
            {line}
    handle(message)
    with door:
        at_work -= 1
"""
    node = write_node(tmp_path, GUARDED, part, THREAD.replace("=handle,", "=serve,"))
    [result] = explore(node, "three-at-once")
    assert result.status == "passed"
    explored = result.explored
    assert explored is not None
    assert (explored.complete_to, explored.open_at, explored.escaped) == (1, 2, ())
    assert result.note.startswith("complete to 1 preemption, open at 2 preemptions (stopped where it ")
    assert " of node.py)" in explored.stopped


def test_a_node_that_ends_the_explorer_is_not_taken_for_a_fault_of_ours(tmp_path: Path) -> None:
    """Below Python, where nobody can hold it. Who loses its parent becomes the grader's, and must end."""
    prepare()
    part = "import ctypes, os\ndef start(message):\n    ctypes.CDLL(None).kill(os.getppid(), 9)\n"
    graded = race(from_file(write_node(tmp_path, GUARDED, part)), [CASES["two-echoes"]], budget=ENOUGH)
    assert graded.faults == ()
    [result] = graded.results
    assert result.status == "not-attempted"
    assert result.note == "the exploring process was ended by signal 9, by the node or the system"


def test_where_not_one_schedule_ends_nothing_was_shown(tmp_path: Path) -> None:
    line = "sum(range(10**13))"
    node = write_node(tmp_path, GUARDED, f"def start(message):\n    {line}\n", name="slow.py")
    results = race(from_file(node), [CASES["start"]], budget=1.0).results
    number = Path(node).read_text("utf-8").split("\n").index(f"    {line}") + 1
    for result in results:
        assert result.status == "not-attempted"
        assert result.note.endswith(f"it neither ends nor waits (line {number} of slow.py)")


def test_a_fault_of_our_own_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = client.START.replace("main({reading}", "import grader.explorer.server as process; "
                                       "process.prepare = lambda *_: 1 / 0; main({reading}")  # fmt: skip
    monkeypatch.setattr(client, "START", broken)
    node = write_node(tmp_path, GUARDED, THREAD)
    graded = grade(from_file(node), [CASES["two-echoes"]])
    assert not graded.passed
    assert graded.results[0].note == (
        "the explorer itself failed; the node is not to blame (ZeroDivisionError: division by zero)"
    )
    assert "ZeroDivisionError" in graded.faults[0]


def test_what_is_kept_in_files_is_shared_by_all_runs(tmp_path: Path) -> None:
    part = """
import os, tempfile
def start(message):
    name = os.path.join(tempfile.gettempdir(), str(message["body"]["msg_id"]))
    if not os.path.exists(name):
        open(name, "w").close()
        handle(message)
"""
    [result] = explore(write_node(tmp_path, GUARDED, part), "two-echoes")
    assert result.status == "not-attempted"
    assert "it keeps something in files" in result.note


def test_what_would_leave_the_explorer_s_hands_is_told(tmp_path: Path) -> None:
    for line, what in (("os.setsid()", "a session"), ("os.execv('/bin/true', ['true'])", "another program")):
        part = f"import os\ndef start(message):\n    {line}\n    handle(message)\n"
        [result] = explore(write_node(tmp_path, GUARDED, part), "two-echoes")
        assert result.status == "not-attempted"
        assert f"it starts {what}" in result.note


def test_a_signal_of_children_is_not_the_node_s(tmp_path: Path) -> None:
    part = "import signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
    [result] = explore(write_node(tmp_path, GUARDED, part, THREAD), "two-echoes")
    assert result.status == "passed"


def test_who_refuses_one_proxy_and_serves_another_is_judged(tmp_path: Path) -> None:
    part = """
pending = {}
def start(message):
    body = message["body"]
    if body["type"] == "proxy" and not pending:
        pending[0] = message
        send(body["target"], body["inner"])
    elif "in_reply_to" in body:
        asked = pending[0]
        send(asked["src"], {"type": "proxy_ok", "in_reply_to": asked["body"]["msg_id"], "result": body})
    else:
        handle(message)
"""
    [result] = explore(write_node(tmp_path, GUARDED, part), "two-proxies")
    assert result.findings[0].code == "wrong-type"


def test_however_small_the_budget_each_workload_is_run_once(tmp_path: Path) -> None:
    node = write_node(tmp_path, GUARDED, THREAD)
    results = race(from_file(node), [CASES["two-echoes"], CASES["start"]], budget=1e-6).results
    for result in results:
        explored = result.explored or Explored()
        assert explored.schedules == 1
        # One schedule is as good as none: it is no pass, and says why.
        assert (result.status, result.findings, explored.stopped) == ("not-attempted", (), "inconclusive")
        assert explored.escaped == (TOO_SLOW,)
    assert len(results) == 2


def test_polling_with_sleep_is_waiting(tmp_path: Path) -> None:
    start = """
import time
inbox, done = [], []

def work():
    while not done or inbox:
        if inbox:
            handle(inbox.pop(0))
        else:
            time.sleep(0.05)

worker = threading.Thread(target=work, daemon=True)
worker.start()

def start(message):
    inbox.append(message)
    while inbox:
        time.sleep(0.01)
"""
    [result] = explore(write_node(tmp_path, GUARDED, start), "start")
    assert result.findings == ()


def test_a_node_that_does_not_start_is_said_to_be_so(tmp_path: Path) -> None:
    [result] = explore(write_node(tmp_path, "import nothing_of_this_name", THREAD), "start")
    assert result.status == "not-attempted"
    assert "nothing_of_this_name" in result.note


def test_helper_modules_are_probed_too(tmp_path: Path) -> None:
    counter = (
        "value = 0\ndef number():\n    global value\n    mine = value\n    value = mine + 1\n    return mine\n"
    )
    (tmp_path / "counter.py").write_text(counter)
    send = "import counter\n\ndef send(dest, body):\n    write(dest, {**body, 'msg_id': counter.number()})\n"
    [result] = explore(write_node(tmp_path, send, THREAD), "two-echoes")
    assert result.findings[0].code == "data-race"
    assert {step["file"] for step in result.findings[0].schedule["failing"]["steps"]} >= {
        "counter.py",
        "node.py",
    }


def test_stdin_may_be_read_without_a_buffer(tmp_path: Path) -> None:
    lines = """
import os

def lines():
    rest = b""
    with os.fdopen(0, "rb", buffering=0) as raw:
        while chunk := raw.read(65536):
            *whole, rest = (rest + chunk).split(b"\\n")
            yield from whole

sys.stdin = lines()
"""
    [result] = explore(write_node(tmp_path, GUARDED, lines, THREAD), "two-echoes")
    assert (result.status, result.findings) == ("passed", ())


def test_a_replay_goes_the_same_way_every_time(tmp_path: Path) -> None:
    file = write_node(tmp_path, UNGUARDED, THREAD)
    found: list[Searched] = []
    race(from_file(file), [CASES["two-echoes"]], budget=ENOUGH, on_searched=found.append)
    target = tmp_path / "replay.json"
    save(str(target), from_file(file), found[0], 0)
    replay = load_replay(str(target))
    for _ in range(5):
        assert is_same(replay, again(replay, from_file(file)).recorded)


@pytest.mark.parametrize("case", ["three-at-once", "two-echoes", "error-and-echo"])
def test_what_is_shown_has_no_message_that_it_could_do_without(tmp_path: Path, case: str) -> None:
    [result] = explore(write_node(tmp_path, UNGUARDED, THREAD), case)
    assert result.case == CASES[case]
    assert [finding.code for finding in result.findings] == ["data-race", "duplicate-msg-id"]
    assert sum(event.kind == "in" for event in result.transcript) == 3


def test_where_every_message_fails_one_is_left_and_so_it_is_in_the_replay(tmp_path: Path) -> None:
    twice = "def start(message):\n    with lock, lock:\n        handle(message)\n"
    file = write_node(tmp_path, GUARDED, twice)
    searched: list[Searched] = []
    cases = [CASES["three-at-once"]]
    [result] = race(from_file(file), cases, budget=ENOUGH, on_searched=searched.append).results
    assert result.findings[0].code == "deadlock"
    assert sum(event.kind == "in" for event in result.transcript) == 2
    target = str(tmp_path / "replay.json")
    save(target, from_file(file), searched[0], 0)
    replay = load_replay(target)
    done = again(replay, from_file(file))
    assert is_same(replay, done.recorded)
    assert done.found == searched[0].found


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = write_node(tmp_path, UNGUARDED, THREAD, name="wrong.py")
    right = write_node(tmp_path, GUARDED, AT_ONCE, name="right.py")
    report, replay = tmp_path / "report.json", tmp_path / "replay.json"
    options = ["--case", "two-echoes", "--budget", str(ENOUGH)]
    assert main(["race", wrong, *options, "--json", str(report), "--save", str(replay)]) == 1
    [case] = json.loads(report.read_text())["cases"]
    assert case["explored"]["stopped"] == "found"
    assert case["findings"][0]["schedule"]["failing"]["steps"]
    assert main(["race", wrong, "--replay", str(replay)]) == 1
    assert "the same schedule" in capsys.readouterr().out
    assert main(["race", right, *options]) == 0
    assert main(["race", right, "--replay", str(report)]) == 2
    assert "no replay" in capsys.readouterr().err
    shell = tmp_path / "node.sh"
    shell.write_text("#!/bin/sh\n")
    shell.chmod(0o755)
    assert main(["race", str(shell), *options]) == 2


def test_the_suite_in_a_submission(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = write_node(tmp_path, UNGUARDED, THREAD)
    assert main(["submit", wrong, "--suite", "interleaving", "--case", "two-echoes"]) == 1
    assert "data-race" in capsys.readouterr().out


KNOWS_ONE_TYPE = """
def start(message):
    body = message["body"]
    if body["type"] == "sum":
        send(message["src"], {"type": "sum_ok", "sum": sum(body["terms"]), "in_reply_to": body["msg_id"]})
    else:
        body["type"] = "unknown"
        handle(message)
"""
SUMS = """
{"case": "sums", "order": "any"}
{"send": {"src": "c0", "dest": "n1", "body": {"type": "init", "msg_id": 1, "node_id": "n1", "node_ids": []}}}
{"expect": {"src": "n1", "dest": "c0", "body": {"type": "init_ok", "in_reply_to": 1}}}
{"send": {"src": "c1", "dest": "n1", "body": {"type": "sum", "msg_id": 2, "terms": [1, 2]}}}
{"send": {"src": "c2", "dest": "n1", "body": {"type": "sum", "msg_id": 3, "terms": [3]}}}
{"expect": {"src": "n1", "dest": "c1", "body": {"type": "sum_ok", "sum": 3, "in_reply_to": 2}}}
{"expect": {"src": "n1", "dest": "c2", "body": {"type": "sum_ok", "sum": 3, "in_reply_to": 3}}}
"""


def test_a_node_without_echo_is_told_so_once_and_explored_with_cases_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = write_node(tmp_path, UNGUARDED, KNOWS_ONE_TYPE)
    assert main(["race", node, "--case", "two-echoes", "start"]) == 2
    assert capsys.readouterr().out.count("answers echo with error 10") == 1
    suite = tmp_path / "sums.jsonl"
    suite.write_text(SUMS)
    assert main(["race", node, "--suite", str(suite)]) == 0
    threads = KNOWS_ONE_TYPE.replace("def start", "def serve") + THREAD.replace("target=handle", "target=serve")
    assert main(["race", write_node(tmp_path, UNGUARDED, threads), "--suite", str(suite)]) == 1
    assert "data-race" in capsys.readouterr().out


@pytest.mark.parametrize(("safe", "status"), [("safe", 0), ("", 1)])
def test_a_package_with_arguments_is_explored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, safe: str, status: int
) -> None:
    for folder in (tmp_path / "app", tmp_path / "app" / "parts"):
        folder.mkdir()
        (folder / "__init__.py").touch()
    counter = (
        "value = 0\ndef number():\n    global value\n    mine = value\n    value = mine + 1\n    return mine\n"
    )
    (tmp_path / "app" / "parts" / "ids.py").write_text(counter)
    send = """
from .parts import ids
from contextlib import nullcontext
door = threading.Lock() if "safe" in sys.argv[1:] else nullcontext()

def send(dest, body):
    with door:
        number = ids.number()
    write(dest, {**body, "msg_id": number})
"""
    write_node(tmp_path / "app", send, THREAD, name="__main__.py")
    monkeypatch.chdir(tmp_path)
    assert main(["race", "--case", "two-echoes", "--", sys.executable, "-m", "app", safe]) == status


NUMBERED_FROM_FIVE = GUARDED.replace("global next_id", "global next_id\n    next_id = next_id or 5")


def test_who_numbers_otherwise_is_judged_by_order_alone(tmp_path: Path) -> None:
    node = write_node(tmp_path, NUMBERED_FROM_FIVE, AT_ONCE)
    assert [result.status for result in explore(node, "three-in-order")] == ["passed"]


def test_who_keeps_no_order_for_real_is_not_asked_for_one_but_by_name(tmp_path: Path) -> None:
    prepare()
    late = """
import time
def serve(message):
    time.sleep(0.002 if message["src"] == "c1" else 0)
    handle(message)
"""
    node = write_node(tmp_path, GUARDED, late, THREAD.replace("target=handle", "target=serve"))
    cases = [CASES["three-in-order"]]
    [result] = race(from_file(node), cases, budget=ENOUGH).results
    assert (result.status, result.findings) == ("not-attempted", ())
    [asked] = race(from_file(node), cases, budget=ENOUGH, asked_for=["three-in-order"]).results
    assert asked.status == "failed"


@pytest.mark.parametrize("name", ["with_threads", "with_queues", "with_asyncio"])
def test_the_reference_has_nothing_to_find(name: str) -> None:
    cases: list[Case] = [CASES[one] for one in ("start", "ends-in-a-proxy")]
    file = str(Path(__file__).parents[2] / "reference" / f"{name}.py")
    results = race(from_file(file), cases, budget=20.0).results
    assert [result.status for result in results] == ["passed", "passed"]


def test_who_waits_for_an_event_goes_on_once_it_was_set_though_it_is_cleared_at_once(tmp_path: Path) -> None:
    """It takes a preemption before it waits: `clear` takes nothing back from who waits already."""
    part = """
news, boxes = threading.Event(), {}

def ask(message):
    body = message["body"]
    boxes[0] = None
    send(body["target"], dict(body["inner"]))
    news.wait()
    send(message["src"], {"type": "proxy_ok", "in_reply_to": body["msg_id"], "result": boxes[0]})

def start(message):
    if "in_reply_to" in message["body"]:
        boxes[0] = message["body"]
        news.set()
        news.clear()
    else:
        work = ask if message["body"]["type"] == "proxy" else handle
        threads.append(threading.Thread(target=work, args=(message,)))
        threads[-1].start()
"""
    searched: list[Searched] = []
    file = write_node(tmp_path, GUARDED, part)
    [result] = race(
        from_file(file), [CASES["proxy-and-echo"]], budget=ENOUGH, on_searched=searched.append
    ).results
    assert result.findings[0].code == "deadlock"
    found = searched[0].found
    assert found is not None
    assert found.preemptions == 1


def test_who_waits_for_a_pipe_of_its_own_by_a_selector_is_not_accused(tmp_path: Path) -> None:
    """The threads of multiprocessing's pool do; what is in that pipe the explorer does not know."""
    part = """
from multiprocessing.pool import ThreadPool
pool = ThreadPool(2)

class End:
    def join(self):
        pool.close()
        pool.join()

threads.append(End())

def start(message):
    pool.apply_async(handle, (message,))
"""
    [result] = explore(write_node(tmp_path, GUARDED, part), "two-echoes")
    explored = result.explored or Explored()
    assert (result.findings, explored.stopped) == ((), "inconclusive")
    assert "selectors.register" in explored.escaped[0]

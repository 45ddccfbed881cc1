"""Slips that a source shows: each is told with its line, and no right node has one."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import tests
from grader.checks.causes.not_woken import GIVE_IT
from grader.checks.causes.source import cause as in_source
from grader.checks.causes.source.endings import told_to_end_at_once
from grader.checks.causes.source.keys import looked_up_beside_the_body
from grader.checks.causes.source.program import Source, parsed
from grader.checks.causes.source.slips import (
    Slip,
    broad_before_narrow,
    called_at_once,
    coroutine_not_started,
    name_of_its_own,
    one_for_all,
    only_named,
    put_and_changed,
    waits_before_it_answers,
    writes_in_threads,
)
from grader.checks.causes.source.tables import forgets_all, key_of_another_type, sent_before_noted
from grader.checks.causes.source.waits import (
    one_of_the_module,
    time_of_the_start,
    wait_asked_for_none,
)
from grader.checks.findings import Cause, Finding
from grader.conversation.submission import from_file
from grader.grading.reasons import LONGEST, source_of

RIGHT = sorted(
    path
    for folder in ("corpus/right", "explorer/corpus/right", "slips")
    for path in (Path(tests.__file__).parent / folder).glob("*.py")
    if folder != "slips" or path.name.startswith("right_")
)


def source(text: str) -> Source:
    found = parsed("node.py", text)
    assert found is not None
    return found


def changed(one: Source) -> Iterator[Slip]:
    return (each.slip(one) for each in put_and_changed(one))


SLIPS: tuple[tuple[Callable[[Source], Iterator[Slip]], str, int, str], ...] = (
    (called_at_once, "def f(n):\n    g(n)\nThread(target=f(1)).start()", 3, "target=f, args=(1,)"),
    (called_at_once, "def f():\n    g()\npool.submit(f())", 3, "submit(f)"),
    (called_at_once, "t = threading.Timer(1, box.put((1, 2)))", 1, "Timer(1, box.put, [(1, 2)])"),
    (called_at_once, "loop.call_later(1, future.set_result(0))", 1, "call_later(1, future.set_result, 0)"),
    (called_at_once, "async def f():\n    pass\ntask.add_done_callback(f())", 3, "lambda done: f()"),
    (one_for_all, "class Call:\n    done = Event()\ndef ask(to):\n    return Call()", 2, "self.done = Event()"),
    (one_for_all, "def ask(to, box=queue.Queue()):\n    pass", 1, "for each call"),
    (changed, "def send(self, to):\n    self.m['to'] = to\n    self.q.put(self.m)", 2, "Make a new one"),
    (changed, "m = {}\ndef send(to):\n    m.update(to=to)\n    q.put(m)", 3, "Make a new one"),
    (name_of_its_own, "name = None\ndef init(m):\n    name = m\ndef say():\n    print(name)", 3, "global name"),
    (
        waits_before_it_answers,
        'async def echo(m):\n    await note(m)\n    reply(m, {"type": "echo_ok"})',
        2,
        "Answer first",
    ),
    (one_for_all, "class Box:\n    pass\ndef ask(to, box=Box()):\n    pass", 3, "for each call"),
    (
        writes_in_threads,
        "def send(m):\n    print(m)\nasync def reply(m):\n    await asyncio.to_thread(send, m)",
        4,
        "call send(…) itself",
    ),
    (
        coroutine_not_started,
        "async def f(m):\n    pass\nasync def main():\n    t = f(1)\n    tasks.append(t)",
        4,
        "asyncio.create_task(f(1))",
    ),
    (
        coroutine_not_started,
        "async def f(m):\n    pass\nasync def main():\n    tasks.append(f(1))",
        4,
        "asyncio.create_task(f(1))",
    ),
    (
        forgets_all,
        "def ask(n):\n    waiting[n] = 1\ndef expire():\n    waiting.clear()",
        4,
        "waiting.pop(number",
    ),
    (
        key_of_another_type,
        'def ask(n):\n    waiting[str(n)] = 1\ndef come(b):\n    return waiting.pop(b["in_reply_to"], None)',
        2,
        "in both places",
    ),
    (
        sent_before_noted,
        "def ask(m):\n    n = self.send(m)\n    self.waiting[n] = 1",
        3,
        "take the number before",
    ),
    (
        told_to_end_at_once,
        "def send(m):\n    out.put(m)\ndef main():\n    box.put(END)\n    out.put(END)",
        5,
        "Let who fetches from box put END into out",
    ),
    (
        looked_up_beside_the_body,
        'def serve(m):\n    body = m["body"]\n    if "in_reply_to" in m:\n        resume(body)',
        3,
        'm["body"]',
    ),
    (
        looked_up_beside_the_body,
        'def serve(m):\n    kind = m.get("type")\n    return m["body"]',
        2,
        'm["body"]',
    ),
    (
        time_of_the_start,
        "class Node:\n    def __init__(self):\n        self.end = time.time() + 1",
        3,
        "a wait begins",
    ),
    (one_of_the_module, "box = Queue()\ndef ask(n):\n    return box.get(timeout=1)", 1, "for each request"),
    (
        broad_before_narrow,
        "try:\n    f()\nexcept Exception:\n    g()\nexcept TimeoutError:\n    h()",
        3,
        "first",
    ),
    (only_named, "owner.join", 1, "owner.join()"),
    (wait_asked_for_none, "def ask(n):\n    ok = e.wait(1)\n    return ok is None", 3, "if not ok"),
    (wait_asked_for_none, "def ask(n):\n    return e.wait(1) is not None", 2, "if not e.wait(1)"),
    (time_of_the_start, "until = time.monotonic() + 1", 1, "a wait begins"),
)
NONE = (
    "box = Queue()\ndef run(self):\n    while True:\n        box.get(timeout=1)",
    "box = Queue()\ndef ask(n):\n    box = boxes[n]\n    return box.get(timeout=1)",
    "try:\n    f()\nexcept TimeoutError:\n    h()\nexcept Exception:\n    g()",
    "def send(m):\n    out.put(m)\ndef main():\n    box.put(END)\n    actor.join()\n    out.put(END)",
    "def work():\n    box.get()\ndef main():\n    box.put(END)\n    box.put(END)",
    'def serve(m):\n    m = m["body"]\n    return m["type"]',
    "class Call:\n    def __init__(self):\n        self.end = time.time() + 1\ndef ask(n):\n    return Call()",
    "def ask():\n    end = time.monotonic() + 1\n    return end",
    "def f(n):\n    return lambda: g(n)\nThread(target=f(1)).start()",
    "Thread(target=partial(f, 1)).start()",
    "class Node:\n    done = Event()\nnode = Node()",
    "class Node:\n    done = Event()\ndef main():\n    return Node()",
    "def send(self, to):\n    m = {}\n    m['to'] = to\n    self.q.put(m)",
    "def send(self, to):\n    self.m = {}\n    self.m['to'] = to\n    self.q.put(self.m)",
    "name = None\ndef init(m):\n    global name\n    name = m\ndef say():\n    print(name)",
    "line = ''\ndef read(m):\n    line = m\n    return line\ndef say():\n    print(line)",
    "line = ''\ndef read(m):\n    line = m\ndef say(line):\n    print(line)",
    "async def f(m):\n    pass\nasync def main():\n    t = f(1)\n    await t",
    "async def f(m):\n    pass\nasync def main():\n    t = f(1)\n    asyncio.create_task(t)",
    "async def f(m):\n    pass\nasync def main():\n    tasks.append(asyncio.create_task(f(1)))",
    "def ask(n):\n    waiting[n] = 1\n    waiting.clear()",
    'def ask(n):\n    waiting[str(n)] = 1\ndef come(b):\n    return waiting.pop(str(b["in_reply_to"]))',
    'async def echo(m):\n    await reply(m, {"type": "echo_ok"})\n    await note(m)',
)
DETECTORS = (
    called_at_once,
    one_for_all,
    changed,
    name_of_its_own,
    waits_before_it_answers,
    writes_in_threads,
    coroutine_not_started,
    forgets_all,
    key_of_another_type,
    told_to_end_at_once,
    looked_up_beside_the_body,
    time_of_the_start,
    wait_asked_for_none,
    one_of_the_module,
    broad_before_narrow,
    only_named,
)


@pytest.mark.parametrize(("detector", "text", "line", "hint"), SLIPS)
def test_a_slip_is_told_with_its_line_and_what_to_do(
    detector: Callable[[Source], Iterator[Slip]], text: str, line: int, hint: str
) -> None:
    (slip,) = detector(source(text))
    assert slip.line == line
    assert hint in slip.hint
    assert "node.py line" in slip.text


@pytest.mark.parametrize("text", NONE)
def test_what_looks_like_one_and_is_none(text: str) -> None:
    assert [slip for detector in DETECTORS for slip in detector(source(text))] == []


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_no_right_node_has_one(path: Path) -> None:
    one = parsed(path.name, path.read_text("utf-8", "replace"))
    assert one is None or [slip for detector in DETECTORS for slip in detector(one)] == []


def test_a_slip_is_the_cause_only_of_what_it_can_bring_about() -> None:
    one = source("class Call:\n    done = Event()\ndef ask(to):\n    return Call()")
    mixed_up, late = Finding("wrong-type", "It is.", 3), Finding("wrong-order", "It is.", 3)
    found = in_source.cause(one, mixed_up)
    assert found is not None
    assert (found.kind, found.line) == ("wait", 2)
    assert in_source.cause(one, late) is None


def test_a_mailbox_needs_no_time_limit_and_a_wait_for_a_peer_does() -> None:
    known = Cause(
        "exception", "_queue.Empty (node.py line 3); it ended a thread.", "node.py", 3, "Answer error 0."
    )
    in_a_loop = source("def run(self):\n    while True:\n        m = self.box.get(timeout=1)")
    once = source("def rpc(self):\n    m = 1\n    m = self.box.get(timeout=1)")
    assert "wait without a timeout" in in_source.refined(in_a_loop, known).hint
    assert in_source.refined(once, known) == known
    assert in_source.refined(in_a_loop, replace(known, text="ValueError")).hint == known.hint


def test_who_is_noted_too_late_is_told_where_nobody_else_knows_why_the_reply_found_nobody() -> None:
    one = source("def ask(m):\n    n = self.send(m)\n    self.waiting[n] = 1")
    known = Cause("wait", "A thread still waits.", "node.py", 9, GIVE_IT, woke_nobody=True)
    assert "line 3 notes who waits" in in_source.refined(one, known).text
    assert in_source.refined(one, replace(known, hint="Take it.")) == replace(known, hint="Take it.")


def test_a_time_limit_around_a_whole_handler_leaves_nobody_to_answer() -> None:
    one = source("async def main():\n    asyncio.create_task(asyncio.wait_for(handle(m), 1))")
    known = Cause("exception", "TimeoutError (node.py line 9); it ended a task.", "node.py", 9, "Catch it.")
    assert "line 2 is around the whole handler" in in_source.refined(one, known).hint


@pytest.mark.parametrize("text", ["def f(:", "x = " + "-" * 5_000 + "1", "x = " + "1 + " * 20_000 + "1", "\0"])
def test_what_is_no_python_or_too_deep_has_no_source(text: str) -> None:
    assert parsed("node.py", text) is None


def test_a_source_is_read_in_the_encoding_that_it_says_it_has(tmp_path: Path) -> None:
    node = tmp_path / "node.py"
    for data in ("\ufeffx = 'ö'".encode(), "# coding: latin-1\nx = 'ö'".encode("latin-1")):
        node.write_bytes(data)
        found = source_of(from_file(str(node)))
        assert found is not None
        assert "x = 'ö'" in found.lines[-1]
    node.write_bytes(b"# " + b"x" * LONGEST)
    assert source_of(from_file(str(node))) is None

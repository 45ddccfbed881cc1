"""Serving while others wait, the order rule, and what must not grow. Proved by the order of
events, never by a clock."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import psutil
import pytest

from tests.reference.conftest import INIT, REFERENCE, Conversation, message

Begin = Callable[[str], Conversation]


def echo(msg_id: int, src: str = "c1") -> dict[str, object]:
    return message(src, msg_id, type="echo", echo=msg_id)


def proxy(msg_id: int, src: str = "c2") -> dict[str, object]:
    return message(src, msg_id, type="proxy", target="n2", inner={"type": "read", "n": msg_id})


@pytest.fixture
def patient(extended: Begin) -> Conversation:
    """A node whose handlers wait for an hour, so that no test depends on how fast the machine is."""
    return extended("from reference import protocol\nprotocol.RPC_TIMEOUT_S = 3600.0\n")


def test_an_echo_is_answered_while_1000_proxies_wait(patient: Conversation) -> None:
    """The echo is answered, and only the end of input ends the wait of the others."""
    talk = patient
    talk.send(*(proxy(n) for n in range(1000)), echo(5000))
    received = talk.receive_many(1000)
    assert all(each["dest"] == "n2" for each in received)
    assert talk.receive()["body"]["echo"] == 5000
    codes = [each["body"]["code"] for each in talk.finish()]
    assert codes == [0] * 1000


def test_replies_are_not_held_up_by_requests(patient: Conversation) -> None:
    """The peer answers the last request first, in one write with another 500 proxies."""
    talk = patient
    talk.send(*(proxy(n) for n in range(500)))
    asked = [each["body"] for each in talk.receive_many(500)]
    replies = [message("n2", type="ok", n=body["n"], in_reply_to=body["msg_id"]) for body in asked]
    talk.send(*(proxy(n) for n in range(500, 1000)), *reversed(replies))
    assert all(each["dest"] == "n2" for each in talk.receive_many(500))
    answers = [each["body"] for each in talk.receive_many(500)]
    assert [body["in_reply_to"] for body in answers] == list(reversed(range(500)))
    assert all(body["result"]["n"] == body["in_reply_to"] for body in answers)


def test_what_is_written_depends_on_what_was_read(patient: Conversation) -> None:
    """A reply gives its handler a turn between the requests before and behind it."""
    talk = patient
    talk.send(proxy(1), proxy(2), echo(3))
    first, second, third = talk.receive_many(3)
    assert third["body"]["echo"] == 3
    ids = first["body"]["msg_id"], second["body"]["msg_id"]
    for round_ in range(20):
        talk.send(
            echo(100),
            message("n2", type="b", in_reply_to=ids[1]),
            echo(101),
            proxy(7),
            message("n2", type="a", in_reply_to=ids[0]),
            echo(102),
            proxy(8),
        )
        said = [each["body"] for each in talk.receive_many(7)]
        kinds = [body.get("echo") or body.get("n") or body["result"]["type"] for body in said]
        assert kinds == [100, "b", 101, 7, "a", 102, 8], round_
        ids = said[6]["msg_id"], said[3]["msg_id"]


# A handler that blocks until a file is there: the test says when.
BLOCK = """
import os
def blocked(message):
    while not os.path.exists(message['body']['file']):
        time.sleep(0.001)
"""


@pytest.mark.parametrize("model", ["with_threads", "with_queues"], indirect=True)
def test_a_handler_that_blocks_keeps_its_turn(extended: Begin, tmp_path: pathlib.Path) -> None:
    """Handlers behind it run, which two files show, but what they say waits for it."""
    talk = extended(
        BLOCK + "@node.on('block', 'file')\n"
        "def block(message):\n    blocked(message)\n    node.reply(message, {'type': 'block_ok'})\n"
        "@node.on('touch', 'file')\n"
        "def touch(message):\n    node.reply(message, {'type': 'touch_ok'})\n"
        "    open(message['body']['file'], 'w').close()\n"
    )
    gate = str(tmp_path / "gate")
    talk.send(message("c1", 2, type="block", file=gate), echo(3))
    talk.send(message("c1", 4, type="touch", file=gate), echo(5))
    kinds = [each["body"]["in_reply_to"] for each in talk.receive_many(4)]
    assert kinds == [2, 3, 4, 5]


@pytest.mark.parametrize("model", ["with_threads", "with_queues"], indirect=True)
def test_waiting_gives_the_turn_up(extended: Begin, tmp_path: pathlib.Path) -> None:
    talk = extended(
        BLOCK + "@node.on('block', 'file')\n"
        "def block(message):\n    with node.waiting():\n        blocked(message)\n"
        "    node.reply(message, {'type': 'block_ok'})\n"
    )
    gate = tmp_path / "gate"
    talk.send(message("c1", 2, type="block", file=str(gate)), echo(3))
    assert talk.receive()["body"]["in_reply_to"] == 3
    gate.touch()
    assert talk.receive()["body"]["in_reply_to"] == 2
    assert talk.finish() == []


@pytest.mark.parametrize("model", ["with_threads", "with_queues"], indirect=True)
@pytest.mark.parametrize("inside", ["node.rpc('n2', {'type': 'read'})", "nested()"])
def test_who_has_a_turn_after_waiting_gets_no_other(extended: Begin, inside: str) -> None:
    talk = extended(
        "def nested():\n    with node.waiting():\n        pass\n"
        "@node.on('ask')\ndef ask(message):\n"
        f"    with node.waiting():\n        {inside}\n"
        "    node.reply(message, {'type': 'ask_ok'})\n"
    )
    talk.send(message("c1", 2, type="ask"), echo(3))
    if "rpc" in inside:
        said = talk.receive_many(2)
        asked = next(each for each in said if each["dest"] == "n2")
        talk.send(
            {"src": "n2", "dest": "n1", "body": {"type": "read_ok", "in_reply_to": asked["body"]["msg_id"]}}
        )
        assert talk.receive()["body"]["in_reply_to"] == 2
    else:
        assert sorted(each["body"]["in_reply_to"] for each in talk.receive_many(2)) == [2, 3]
    talk.send(echo(4))
    assert talk.receive()["body"]["in_reply_to"] == 4
    assert talk.finish() == []


@pytest.mark.parametrize("model", ["with_asyncio"], indirect=True)
def test_await_gives_the_turn_up(extended: Begin, tmp_path: pathlib.Path) -> None:
    talk = extended(
        "import os\n@node.on('block', 'file')\ndef block(message):\n"
        "    while not os.path.exists(message['body']['file']):\n"
        "        await asyncio.sleep(0.001)\n"
        "    node.reply(message, {'type': 'block_ok'})\n"
    )
    gate = tmp_path / "gate"
    talk.send(message("c1", 2, type="block", file=str(gate)), echo(3))
    assert talk.receive()["body"]["in_reply_to"] == 3
    gate.touch()
    assert talk.receive()["body"]["in_reply_to"] == 2
    assert talk.finish() == []


def test_64_handlers_wait_at_the_same_time(extended: Begin, model: str) -> None:
    """None of them gets past the barrier before all of them are there."""
    if model == "with_asyncio":
        barrier, wait = "asyncio.Barrier(64)", "    await barrier.wait()\n"
    else:
        barrier = "threading.Barrier(64)"
        wait = "    if message['body']['say']:\n        with node.waiting():\n"
        wait += "            barrier.wait()\n    else:\n        barrier.wait()\n"
    talk = extended(
        f"barrier = {barrier}\n@node.on('meet', 'say')\ndef meet(message):\n"
        f"{wait}    node.reply(message, {{'type': 'meet_ok'}})\n"
    )
    for say in (True, False):
        talk.send(*(message("c1", n, type="meet", say=say) for n in range(64)))
        answers = [each["body"]["in_reply_to"] for each in talk.receive_many(64)]
        assert sorted(answers) == list(range(64))
        if not say and model != "with_asyncio":
            assert answers == list(range(64))


def test_five_lines_for_a_new_type(extended: Begin) -> None:
    talk = extended(
        '@node.on("sum", "terms")\n'
        "def add(message):\n"
        '    total = sum(message["body"]["terms"])\n'
        '    node.reply(message, {"type": "sum_ok", "sum": total})\n'
    )
    talk.send(message("c1", 2, type="sum", terms=[1, 2, 3]), message("c1", 3, type="sum"))
    assert talk.receive()["body"]["sum"] == 6
    assert talk.receive()["body"]["code"] == 12


def test_a_handler_may_ask_many_and_catch_a_timeout(extended: Begin) -> None:
    talk = extended(
        "from reference.protocol import ErrorCode, RPCError\n"
        "@node.on('ask')\ndef ask(message):\n"
        "    first = node.rpc('n2', {'type': 'a'})\n"
        "    try:\n        node.rpc('n2', {'type': 'b'})\n"
        "    except RPCError as error:\n"
        "        assert error.code == ErrorCode.TIMEOUT\n"
        "        node.reply(message, {'type': 'ask_ok', 'first': first})\n"
        "        node.rpc('n2', {'type': 'c'})\n"
        "        node.rpc('n2', {'type': 'd'})\n"
    )
    talk.send(message("c1", 2, type="ask"))
    assert talk.receive()["body"] == {"type": "a", "msg_id": 1}
    talk.send(message("n2", type="a_ok", in_reply_to=1))
    assert talk.receive()["body"] == {"type": "b", "msg_id": 2}
    answer = talk.receive()["body"]
    assert answer["first"] == {"type": "a_ok", "in_reply_to": 1}
    assert talk.receive()["body"] == {"type": "c", "msg_id": 4}
    talk.send(message("n2", type="c_ok", in_reply_to=4), echo(9))
    assert [each["body"]["type"] for each in talk.receive_many(2)] == ["d", "echo_ok"]
    assert talk.finish() == []


@pytest.mark.parametrize("model", ["with_threads", "with_queues"], indirect=True)
def test_a_thread_of_the_learners_may_ask_too(extended: Begin) -> None:
    talk = extended(
        "@node.on('begin')\ndef begin(message):\n"
        "    threading.Thread(target=ask).start()\n"
        "    node.reply(message, {'type': 'begin_ok'})\n"
        "def ask():\n    node.rpc('n2', {'type': 'a'})\n    gate.wait()\n"
        "gate = threading.Event()\n"
        "@node.on('end')\ndef end(message):\n    gate.set()\n    node.reply(message, {})\n"
    )
    talk.send(message("c1", 2, type="begin"))
    said = {each["body"]["type"]: each["body"] for each in talk.receive_many(2)}
    talk.send(message("n2", type="a_ok", in_reply_to=said["a"]["msg_id"]), echo(3), echo(4))
    assert [each["body"]["in_reply_to"] for each in talk.receive_many(2)] == [3, 4]
    talk.send(message("c1", 5, type="end"))
    assert talk.receive()["body"]["in_reply_to"] == 5
    assert talk.finish() == []


@pytest.mark.parametrize("model", ["with_threads", "with_queues"], indirect=True)
def test_when_the_system_has_no_more_threads(extended: Begin) -> None:
    """Requests wait for the workers that there are, and none is lost."""
    talk = extended(
        "start = threading.Thread.start\n"
        "def limited(thread):\n"
        "    if threading.active_count() > 6:\n"
        '        raise RuntimeError("can\'t start new thread")\n'
        "    start(thread)\n"
        "threading.Thread.start = limited\n"
        "from reference import protocol\n"
        "protocol.RPC_TIMEOUT_S = 3600.0\n"
    )
    talk.send(*(proxy(n) for n in range(20)))
    answers = []
    while len(answers) < 20:
        body = talk.receive()["body"]
        if body["type"] == "read":
            talk.send(message("n2", type="ok", in_reply_to=body["msg_id"]))
        else:
            assert body["type"] == "proxy_ok"
            answers.append(body["in_reply_to"])
    assert sorted(answers) == list(range(20))
    assert talk.finish() == []


# The size of every table that a node holds; the writer of the queues version holds its own.
HELD = """
import sys
@node.on('held')
def held(message):
    holders = [vars(node)]
    for frame in sys._current_frames().values():
        writer = None  # the outermost of its name: what it calls may be named so, too
        while frame:
            writer = frame if frame.f_code.co_name == 'write' else writer
            frame = frame.f_back
        if writer:
            holders.append(writer.f_locals)
    tables = {name: len(value) for holder in holders for name, value in holder.items()
              if isinstance(value, (dict, list, set))}
    for now in ('ready', 'lines'):  # what is being written just now
        tables.pop(now, None)
    node.reply(message, {'type': 'held_ok', 'tables': tables})
"""


def test_timeouts_leave_nothing_behind(extended: Begin) -> None:
    talk = extended(HELD)
    talk.send(message("c1", 1, type="held"))
    before = talk.receive()["body"]["tables"]
    assert before["calls"] == 0
    talk.send(*(proxy(n) for n in range(200)))
    received = talk.receive_many(400)
    assert sum(each["body"].get("code") == 0 for each in received) == 200
    talk.send(message("c1", 2, type="held"))
    after = talk.receive()["body"]["tables"]
    assert after == before


def test_10000_proxies_at_once_are_all_answered(patient: Conversation) -> None:
    """Input isn't paused because handlers wait: all are read before the first reply is sent."""
    count = 10_000
    talk = patient
    talk.send(*(proxy(n) for n in range(count)))
    answers: list[int] = []
    while len(answers) < count:
        received = [each["body"] for each in talk.receive_many(max(1, talk.lines.qsize()))]
        answers += [body["in_reply_to"] for body in received if body["type"] == "proxy_ok"]
        asked = [body["msg_id"] for body in received if body["type"] == "read"]
        talk.send(*(message("n2", type="ok", in_reply_to=number) for number in asked))
    assert sorted(answers) == list(range(count))


def test_a_slow_reader_pauses_the_input(model: str) -> None:
    """Nobody reads what is written until the node has stopped reading; then all of it comes."""
    count = 100_000
    command = [sys.executable, str(REFERENCE / f"{model}.py")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    process.stdin.write(json.dumps(message("c", 1, **INIT)).encode() + b"\n")
    process.stdout.readline()
    idle = psutil.Process(process.pid).memory_info().rss
    line = json.dumps(message("c", 2, type="echo", echo="please echo")).encode() + b"\n"
    data = memoryview(line * count)
    sent = 0

    def pour() -> None:
        nonlocal sent
        while sent < len(data):
            sent += process.stdin.write(data[sent : sent + 65536])
        process.stdin.close()

    writer = threading.Thread(target=pour)
    writer.start()
    before = -1
    while sent != before:  # until nothing goes in any more
        before = sent
        time.sleep(0.3)
    assert sent < len(data) // 2
    assert psutil.Process(process.pid).memory_info().rss - idle < 32 << 20
    lines = 0
    while answers := process.stdout.read(1 << 16):
        lines += answers.count(b"\n")
    writer.join()
    process.stdout.close()
    assert (lines, process.wait()) == (count, 0)


def test_what_is_said_while_another_writes_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever finds somebody writing doesn't wait, but leaves its line to them, who look again."""
    from reference import protocol, with_threads

    node = with_threads.Node()
    written: list[str] = []

    def say(name: str) -> None:
        node.end_turn(f'{{"said": "{name}", "msg_id": ')

    def write_all(lines: str) -> None:
        if not written:  # two others answer just now, and have done with it before this is written
            for name in ("second", "third"):
                thread = threading.Thread(target=say, args=(name,))
                thread.start()
                thread.join()
        written.append(lines)

    monkeypatch.setattr(protocol, "write_all", write_all)
    say("first")
    first, *others = (
        f'{{"said": "{name}", "msg_id": {n}}}}}\n' for n, name in enumerate(("first", "second", "third"))
    )
    assert written == [first, "".join(others)]

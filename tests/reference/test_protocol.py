"""The wire protocol, case by case: echo, proxy, errors, bad input, and the end of input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.conftest import INIT, PATIENCE, REFERENCE, Conversation, message

VALUES: list[Any] = [
    None,
    True,
    0,
    -(2**53),
    1.5,
    "",
    'ü 日本 😀 \u0000 \\ " \n',
    "half a pair: \ud83d",
    [],
    {},
    [[1, {"a": [None]}]],
    {"msg_id": 7, "type": "x", "echo": "y"},
    "x" * 200_000,
]


def error(talk: Conversation, request: dict[str, Any]) -> int:
    """The code of the error that answers this request."""
    talk.send(request)
    answer = talk.receive()
    assert answer["src"] == "n1"
    assert answer["dest"] == request["src"]
    assert answer["body"]["type"] == "error"
    assert answer["body"]["in_reply_to"] == request["body"]["msg_id"]
    assert isinstance(answer["body"]["text"], str)
    return answer["body"]["code"]


def proxy(src: str, msg_id: int, inner: Any = None, target: Any = "n2") -> dict[str, Any]:
    inner = {"type": "read"} if inner is None else inner
    return message(src, msg_id, type="proxy", target=target, inner=inner)


def test_echo_of_any_value(talk: Conversation) -> None:
    for number, value in enumerate(VALUES, 10):
        talk.send(message("c1", number, type="echo", echo=value))
        answer = talk.receive()
        assert answer["body"]["echo"] == value
        assert list(answer["body"]) == ["type", "echo", "in_reply_to", "msg_id"]
    talk.send_raw('{"src":"é","dest":"n1","body":{"type":"echo","msg_id":1,"echo":"ü"}}\n'.encode())
    assert talk.receive()["dest"] == "é"


def test_two_clients_may_use_one_id(talk: Conversation) -> None:
    talk.send(*(message(f"c{n}", 1, type="echo", echo=n) for n in range(9)))
    for n, answer in enumerate(talk.receive_many(9)):
        assert answer["dest"] == f"c{n}"
        assert answer["body"] == {"type": "echo_ok", "echo": n, "in_reply_to": 1, "msg_id": n + 1}


@pytest.mark.parametrize(
    "reply",
    [
        {"type": "read_ok", "value": [3], "in_reply_to": 1, "msg_id": 8},
        {"type": "error", "code": 20, "text": "no such key", "in_reply_to": 1},
        {"in_reply_to": 1.0},
    ],
)
def test_proxy_returns_the_reply_whole(talk: Conversation, reply: dict[str, Any]) -> None:
    talk.send(proxy("c1", 5, {"type": "read", "key": [1], "msg_id": 99}))
    asked = {"src": "n1", "dest": "n2", "body": {"type": "read", "key": [1], "msg_id": 1}}
    assert talk.receive() == asked
    talk.send(message("n2", **reply))
    body = {"type": "proxy_ok", "result": reply, "in_reply_to": 5, "msg_id": 2}
    assert talk.receive() == {"src": "n1", "dest": "c1", "body": body}
    assert talk.finish() == []


def test_error_codes(talk: Conversation) -> None:
    assert error(talk, message("c1", 2, type="no-such-type")) == 10
    assert error(talk, message("c1", 3, type="echo")) == 12
    assert error(talk, message("c1", 4)) == 12
    assert error(talk, message("c1", 5, type=["echo"])) == 12
    assert error(talk, message("c1", 6, type="proxy", target="n2")) == 12
    assert error(talk, message("c1", 7, type="proxy", inner={})) == 12
    assert error(talk, proxy("c1", 8, inner=["type"])) == 12
    assert error(talk, proxy("c1", 9, target=7)) == 12
    assert error(talk, proxy("c1", 10, target="n9")) == 1
    assert error(talk, message("c0", 11, **{**INIT, "msg_id": 11})) == 22
    assert talk.finish() == []


def test_a_handler_that_raises(extended: Callable[[str], Conversation]) -> None:
    talk = extended(
        "from reference.protocol import RPCError\n"
        "@node.on('crash')\ndef crash(message):\n    return 1 / message['body']['n']\n"
        "@node.on('exit')\ndef leave(message):\n    raise SystemExit('bye')\n"
        "@node.on('fail')\ndef fail(message):\n    raise RPCError(20, 'no such key')\n"
        "@node.on('twice')\ndef twice(message):\n    node.reply(message, {'type': 'twice_ok'})\n"
        "    node.reply(message, {'type': 'twice_ok'})\n"
        "@node.on('set')\ndef give_set(message):\n    node.reply(message, {'type': {1, 2}})\n"
        "@node.on('nan')\ndef give_nan(message):\n    node.reply(message, {'x': float('nan')})\n"
        "@node.on('own')\ndef reuse(message):\n    body = message['body']\n    del body['msg_id']\n"
        "    body['type'] = 'own_ok'\n    node.reply(message, body)\n"
        "@node.on('bare')\ndef strip(message):\n    message.clear()\n    raise SystemExit\n"
    )
    assert error(talk, message("c1", 2, type="crash", n=0)) == 13
    assert error(talk, message("c1", 3, type="exit")) == 13
    assert error(talk, message("c1", 4, type="fail")) == 20
    assert error(talk, message("c1", 5, type="set")) == 13
    assert error(talk, message("c1", 6, type="nan")) == 13
    talk.send(message("c1", 7, type="twice"))
    assert talk.receive()["body"]["type"] == "twice_ok"
    talk.send(message("c1", 8, type="own", n=1))
    assert talk.receive()["body"] == {"type": "own_ok", "n": 1, "in_reply_to": 8, "msg_id": 7}
    talk.send(message("c1", 9, type="bare"), message("c1", 10, type="echo", echo="alive"))
    assert talk.receive()["body"]["echo"] == "alive"
    assert talk.finish() == []
    assert "Traceback" in talk.stderr
    assert "ZeroDivisionError" in talk.stderr
    assert "in crash" in talk.stderr
    assert "in twice" in talk.stderr


BAD_LINES = [
    b"hello",
    b"{",
    b"\xff\xfe",
    b"[1, 2]",
    b'"text"',
    b"null",
    b"{}",
    b'{"src": "c1", "dest": "n1"}',
    b'{"dest": "n1", "body": {"type": "echo", "msg_id": 1, "echo": 1}}',
    b'{"src": "c1", "dest": "n1", "body": [1]}',
    b'{"src": 7, "dest": "n1", "body": {"type": "echo", "msg_id": 1, "echo": 1}}',
    b'{"src": "c1", "dest": "n1", "body": {"type": "echo", "msg_id": 1, "echo": NaN}}',
    b'{"src": "c1", "dest": "n1", "body": {"type": "echo", "echo": "no msg_id"}}',
    b'{"src": "c1", "dest": "n1", "body": {"type": "echo", "msg_id": [1], "echo": 1}}',
    b'{"src": "c1", "dest": "n1", "body": {"type": "x", "in_reply_to": [1]}}',
    b'{"src": "c1", "dest": "n1", "body": {"type": "x", "in_reply_to": true}}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"\x00",
]


def test_bad_lines_are_logged_and_survived(talk: Conversation) -> None:
    talk.send_raw(b"\n".join(BAD_LINES) + b"\n\n  \r\n")
    talk.send(message("c1", 3, type="echo", echo="alive"))
    body = {"type": "echo_ok", "echo": "alive", "in_reply_to": 3, "msg_id": 1}
    assert talk.receive()["body"] == body
    assert talk.finish() == []
    logged = talk.stderr.splitlines()
    assert len(logged) == len(BAD_LINES)
    assert all(line.startswith("ignored") for line in logged), logged


def test_deep_nesting_is_echoed_or_refused_but_survived(talk: Conversation) -> None:
    for depth in (50, 400, 900, 940, 960, 980, 990, 1000, 3000):
        value = "[" * depth + "]" * depth
        body = f'{{"type":"echo","msg_id":{depth},"echo":{value}}}'
        talk.send_raw(f'{{"src":"c1","dest":"n1","body":{body}}}\n'.encode())
        talk.send(message("c2", 1, type="echo", echo=depth))
        answer = line = talk.lines.get(timeout=PATIENCE)
        if b'"dest": "c1"' in line:
            line = talk.lines.get(timeout=PATIENCE)
        assert b'"dest": "c2"' in line
        if depth < 500:
            assert b'"echo": %s,' % value.encode() in answer


def test_what_comes_before_init_is_dropped(model: str, start: Callable[..., Conversation]) -> None:
    talk = start([sys.executable, str(REFERENCE / f"{model}.py")])
    talk.send(message("c1", 1, type="echo", echo="early"))
    talk.send(message("c0", 1, type="init", node_ids=["n1"]))
    talk.send(message("n2", type="x", in_reply_to=0))
    talk.init()
    talk.send(message("c1", 2, type="echo", echo="late"))
    assert talk.receive()["body"]["echo"] == "late"
    assert talk.finish() == []
    assert len(talk.stderr.splitlines()) == 2


def test_unknown_and_late_replies_change_nothing(talk: Conversation) -> None:
    talk.send(*(message("n2", type="x", in_reply_to=n) for n in (0, 1, 2, 77, -1, 10**30, 0.5)))
    talk.send(proxy("c1", 5))
    asked = talk.receive()["body"]["msg_id"]
    timeout = talk.receive()
    assert timeout["body"]["type"] == "error"
    assert timeout["body"]["code"] == 0
    talk.send(message("n2", type="late", in_reply_to=asked))
    talk.send(message("c1", 6, type="echo", echo="next"))
    assert talk.receive()["body"] == {
        "type": "echo_ok",
        "echo": "next",
        "in_reply_to": 6,
        "msg_id": 3,
    }
    assert talk.finish() == []


def test_a_reply_counts_once(talk: Conversation) -> None:
    talk.send(proxy("c1", 5))
    asked = talk.receive()["body"]["msg_id"]
    reply = message("n2", type="x", in_reply_to=asked)
    talk.send(reply, reply, reply)
    assert talk.receive()["body"]["result"] == {"type": "x", "in_reply_to": asked}
    assert talk.finish() == []


def test_end_of_input_answers_everything(talk: Conversation) -> None:
    """More than goes into the pipes, so that most of it is still to be done when input ends."""
    count = 5000
    talk.send(*(message("c1", n, type="echo", echo=n) for n in range(count)))
    assert [answer["body"]["echo"] for answer in talk.finish()] == list(range(count))


def test_end_of_input_ends_the_wait_for_peers(talk: Conversation) -> None:
    talk.send(*(proxy(f"c{n}", n) for n in range(50)))
    rest = talk.finish()
    asked, answers = rest[:50], rest[50:]
    assert {each["dest"] for each in asked} == {"n2"}
    assert {each["body"]["code"] for each in answers} == {0}
    assert sorted(each["body"]["in_reply_to"] for each in answers) == list(range(50))
    ids = [each["body"]["msg_id"] for each in rest]
    assert ids == list(range(1, 101))


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_ends_it_quietly(talk: Conversation) -> None:
    talk.process.send_signal(signal.SIGINT)
    assert talk.process.wait(PATIENCE) != 0
    for reader in talk.readers:
        reader.join(PATIENCE)
    assert talk.stderr == ""


def test_when_stdout_is_gone_it_ends_quietly(model: str) -> None:
    process = subprocess.Popen(
        [sys.executable, str(REFERENCE / f"{model}.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    process.stdin.write(json.dumps(message("c0", **INIT)).encode() + b"\n")
    process.stdin.flush()
    assert process.wait(PATIENCE) == 1
    assert process.stderr.read() == b""
    process.stderr.close()
    process.stdin.close()


@pytest.mark.skipif(os.name != "posix", reason="terminals")
def test_on_a_terminal(model: str) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, str(REFERENCE / f"{model}.py")]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(ours, json.dumps(message("c0", **INIT)).encode() + b"\n")
    seen = b""
    while b"init_ok" not in seen:
        seen += os.read(ours, 4096)
    os.write(ours, b"\x04")
    assert process.wait(PATIENCE) == 0
    os.close(ours)

"""A conversation with a reference node, in a process of its own, for the tests of this folder."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "reference"
MODELS = ("with_threads", "with_asyncio", "with_queues")
PATIENCE = 20.0  # seconds; only a broken test waits for so long

INIT = {"type": "init", "msg_id": 1, "node_id": "n1", "node_ids": ["n1", "n2"]}

Message = dict[str, Any]


def message(src: str, msg_id: int | None = None, /, **body: Any) -> Message:
    """A message to the node under test."""
    if msg_id is not None:
        body["msg_id"] = msg_id
    return {"src": src, "dest": "n1", "body": body}


class Conversation:
    """A running node, and what it has written so far and nobody has looked at."""

    def __init__(self, command: list[str], **options: Any) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            **options,
        )
        self.lines: queue.Queue[bytes] = queue.Queue()
        self.errors: list[bytes] = []
        self.readers = [
            threading.Thread(target=self.read_out, daemon=True),
            threading.Thread(target=self.read_err, daemon=True),
        ]
        for reader in self.readers:
            reader.start()

    def read_out(self) -> None:
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(b"")

    def read_err(self) -> None:
        self.errors.extend(self.process.stderr)

    def send_raw(self, data: bytes) -> None:
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, *messages: Message) -> None:
        """These messages, in one write."""
        self.send_raw(b"".join(json.dumps(each).encode() + b"\n" for each in messages))

    def init(self) -> None:
        self.send(message("c0", **INIT))
        assert self.receive()["body"]["type"] == "init_ok"

    def receive(self) -> Message:
        """The next message that the node writes."""
        line = self.lines.get(timeout=PATIENCE)
        assert line, b"".join(self.errors).decode()
        return json.loads(line)

    def receive_many(self, count: int) -> list[Message]:
        return [self.receive() for _ in range(count)]

    def finish(self) -> list[Message]:
        """Close stdin, and return what is still written; the exit status must be 0."""
        self.process.stdin.close()
        rest = []
        while line := self.lines.get(timeout=PATIENCE):
            rest.append(json.loads(line))
        assert self.process.wait(PATIENCE) == 0
        for reader in self.readers:
            reader.join(PATIENCE)
        return rest

    @property
    def stderr(self) -> str:
        return b"".join(self.errors).decode()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for reader in self.readers:
            reader.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(BrokenPipeError):  # what it never read
                stream.close()


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def start() -> Iterator[Callable[..., Conversation]]:
    """Starts conversations, and ends what is left of them."""
    running: list[Conversation] = []

    def begin(command: list[str], **options: Any) -> Conversation:
        running.append(Conversation(command, **options))
        return running[-1]

    yield begin
    for conversation in running:
        conversation.stop()


@pytest.fixture
def talk(model: str, start: Callable[..., Conversation]) -> Conversation:
    """A node that has answered `init`."""
    conversation = start([sys.executable, str(REFERENCE / f"{model}.py")])
    conversation.init()
    return conversation


@pytest.fixture
def extended(
    model: str, start: Callable[..., Conversation], tmp_path: pathlib.Path
) -> Callable[[str], Conversation]:
    """A node with further handlers. Their source is that of the threads version; for asyncio,
    `def` is `async def` and what may wait is awaited."""

    def begin(source: str) -> Conversation:
        if model == "with_asyncio":
            source = source.replace("\ndef ", "\nasync def ")
            source = source.replace("node.rpc(", "await node.rpc(")
        text = f"import asyncio, threading, time\nfrom reference.{model} import node\n"
        file = tmp_path / "extended.py"
        file.write_text(f"{text}{source}\nnode.run()\n")
        conversation = start([sys.executable, str(file)])
        conversation.init()
        return conversation

    return begin

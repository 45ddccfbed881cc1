"""Drives one node for a measurement: says many things at once, plays the peers, sees how it takes it.

What comes out are plain figures. Which node wins, and what that means, is for others.
"""

import itertools
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any

from grader.conversation.pipes import Ended, Pump, Written
from grader.conversation.submission import from_command, from_file
from grader.protocol.messages import Message
from grader.sandbox.run_folder import RunFolder

Body = dict[str, Any]


INIT: Body = {"type": "init", "node_id": "n1", "node_ids": ["n1", "n2"]}
PATIENCE_S = 5.0  # without a line, before we give a node up
QUIET_S = 0.5  # without a line, before we take it that no more requests can be begun
END_S = 1.0  # for what ends by itself at the end of input
MIB = 1 << 20


SILENT = "fell silent"


class Fell(Exception):
    """The node ended, fell silent, or does not know what it was asked; the text says which."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came of some requests in one write.

    Threads and memory are those of the moment when each request had led to a line: its reply, or the node's
    own question to a peer. The peers answered only then. `waiting` is how many questions that were.
    """

    replies: tuple[Message, ...]  # in the order in which they came
    seconds: float  # from the write to the last reply
    threads: int
    memory_mib: float  # more than after init
    waiting: int

    def __repr__(self) -> str:
        """Short enough for a cell that ends with it; the replies are there for whoever asks for them."""
        return (
            f"{len(self.replies)} replies in {self.seconds:.2f} s; while {self.waiting} waited for a peer: "
            f"threads={self.threads}, memory_mib={self.memory_mib:.1f}"
        )


def exchange(node: str | Sequence[str], bodies: Sequence[Body]) -> Exchange:
    """Send these bodies at once, from one client, each with a `msg_id` of its own. Raises Fell."""
    replies: list[Message] = []
    asked: list[Message] = []
    with Running(node) as running:
        _, before = running.threads_and_memory()
        requests = running.requests("c1", bodies)
        began = time.perf_counter()
        running.put(requests)
        late = 0  # answers that came without their peer's
        try:
            while len(replies) - late + len(asked) < len(bodies):
                for message in running.hear(QUIET_S if asked else PATIENCE_S):
                    (replies if "in_reply_to" in message["body"] else asked).append(message)
                    late += message["body"].get("code") == 0
        except TimeoutError:
            if not asked:
                raise Fell(SILENT) from None
        (threads, memory), waiting = running.threads_and_memory(), len(asked)
        while True:
            running.put(running.answers(asked))
            asked.clear()
            if len(replies) >= len(bodies):
                break
            for message in running.hear_or_fall():
                (replies if "in_reply_to" in message["body"] else asked).append(message)
        seconds = time.perf_counter() - began
    return Exchange(tuple(replies), seconds, threads, memory - before, waiting)


def round_trip_s(node: str | Sequence[str], times: int) -> float:
    """The median of the times that echoes take, of a client that waits for each reply. Raises Fell."""
    took = []
    with Running(node) as running:
        for number in range(times):
            request = running.requests("c1", [{"type": "echo", "echo": number}])
            began = time.perf_counter()
            running.put(request)
            running.hear_or_fall()
            took.append(time.perf_counter() - began)
    return sorted(took)[times // 2]


class Running:
    """A node that has answered `init`, and the pump between it and us."""

    def __init__(self, node: str | Sequence[str]) -> None:
        self.submission = from_file(node) if isinstance(node, str) else from_command(node)

    def __enter__(self) -> "Running":
        from grader.conversation.node_process import begun, prepare

        prepare()
        self.came: SimpleQueue[Written | Ended] = SimpleQueue()
        self.numbers = itertools.count()
        self.folder = RunFolder()
        self.process = begun(self.submission, self.folder.name)
        self.pump = Pump(self.process, self.came.put)
        try:
            self.pump.write()
            self.pump.read("out")
            self.pump.read("err")
            self.put(self.requests("c0", [INIT]))
            self.hear_or_fall()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.pump.end_input()  # let it end by itself, it may tell us something
            self.pump.threads["out"].join(END_S)
        self._end()

    def requests(self, client: str, bodies: Sequence[Body]) -> bytes:
        """Requests of this client, each with the next number, ready to be put into one write."""
        return _lines(
            {"src": client, "dest": "n1", "body": {**body, "msg_id": next(self.numbers)}} for body in bodies
        )

    def answers(self, asked: Sequence[Message]) -> bytes:
        """What the peers say to the node's own requests."""
        return _lines(
            {
                "src": message["dest"],
                "dest": "n1",
                "body": {
                    "type": "echo_ok",
                    "echo": message["body"].get("echo"),
                    "in_reply_to": message["body"]["msg_id"],
                },
            }
            for message in asked
        )

    def put(self, data: bytes) -> None:
        """Have this written, while we may go on."""
        self.pump.say(data)

    def hear(self, seconds: float) -> list[Message]:
        """The messages that came at once. Raises TimeoutError if none comes for so long, Fell at the end."""
        until = time.monotonic() + seconds
        came: Written | Ended | None = None
        while came is None or (isinstance(came, Written) and came.stream == "err"):
            try:
                came = self.came.get(timeout=max(until - time.monotonic(), 0))
            except Empty:
                raise TimeoutError from None
        if isinstance(came, Ended):
            raise Fell("ended too early")
        try:
            messages: list[Message] = [json.loads(line) for line in came.lines]
            unknown = any(message["body"].get("code") == 10 for message in messages)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Fell("wrote a line that is no message") from None
        if unknown:
            raise Fell("did not know this type of request")
        return messages

    def hear_or_fall(self) -> list[Message]:
        """The messages of the next chunk. Raises Fell if none comes."""
        try:
            return self.hear(PATIENCE_S)
        except TimeoutError:
            raise Fell(SILENT) from None

    def threads_and_memory(self) -> tuple[int, float]:
        """How many threads it has, and how many MiB it holds. Raises Fell."""
        import psutil

        try:
            process = psutil.Process(self.process.pid)
            return process.num_threads(), process.memory_info().rss / MIB
        except psutil.Error:
            raise Fell("ended too early") from None

    def _end(self) -> None:
        self.process.end()
        self.process.wait()
        self.pump.close()
        self.folder.close()


def _lines(messages: Iterable[Message]) -> bytes:
    return "".join(json.dumps(message) + "\n" for message in messages).encode()

"""The pump: the threads between a node's pipes and whoever talks to it. They only read, write, wait and tell.

What they see goes, in the order in which it was seen, to one function (most often a mailbox's `put`); who
listens there decides what it means.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Literal

from grader.conversation import at_rest
from grader.sandbox.policy import Limits

if TYPE_CHECKING:
    from grader.conversation.node_process import NodeProcess

CHUNK = 65_536  # bytes read at once
ERR_BYTES = 1 << 20  # of stderr that are told as they come; of what is beyond, only the end
ERR_LINES = 200  # lines of that end
LOOKS = b"<<< "  # so begins what a node that is asked where it stands says: it is told wherever it comes
ERR_LINE = 4_000  # characters of one line of stderr
END_S = 1.0  # for each thread to end: a process that hid from us may hold a pipe for ever

USUAL = Limits()

Stream = Literal["out", "err"]


@dataclass(frozen=True, slots=True)
class Written:
    """Lines that a node wrote, to stdout or stderr, and when they were read."""

    at: float
    stream: Stream
    lines: list[bytes]


@dataclass(frozen=True, slots=True)
class Ended:
    """Something is over: a pipe (stdout, stderr), the process (exit), or our patience with either.

    `hurry` is less than that: from now on there is less of it.
    """

    at: float
    what: Literal["stdout", "stderr", "exit", "limit", "interrupt", "hurry"]
    status: int = 0
    text: str = ""


class Pump:
    """Between a process's pipes and `tell`. Whoever makes it calls `close`, once the process has been ended."""

    def __init__(
        self, process: "NodeProcess", tell: Callable[[Written | Ended], object], limits: Limits = USUAL
    ) -> None:
        self.process, self.tell, self.limits = process, tell, limits
        self.outbox: SimpleQueue[bytes | None] = SimpleQueue()  # what is to be written; None is the end
        self.taken = 0  # bytes that the pipe to the node has taken
        self.said = self.done = 0  # writes, the end of input among them: asked for, and over
        self.unended = bytearray()  # what stdout said last, without a newline so far
        self.threads: dict[str, threading.Thread] = {}

    def start(self) -> None:
        """Write, read stdout and stderr, and wait for the exit."""
        self.write()
        self.read("out")
        self.read("err")
        self._begin("exit", self._wait)

    def write(self) -> None:
        """Start the writing thread."""
        self._begin("in", self._write)

    def read(self, stream: Stream) -> None:
        """Start a thread that reads this stream, and tells what comes."""
        self._begin(stream, lambda: self._read(stream))

    def say(self, data: bytes) -> None:
        """Queue this for writing, and return at once."""
        self.said += 1
        self.outbox.put(data)

    def say_now(self, data: bytes) -> None:
        """Write this, and return once the pipe has taken all of it. Raises OSError if nobody reads any more."""
        view = memoryview(data)
        while view:
            count = os.write(self.process.stdin, view)
            self.taken += count
            view = view[count:]

    def end_input(self) -> None:
        """Close the node's stdin, once all that was said is written."""
        self.said += 1
        self.outbox.put(None)

    def is_written(self) -> bool:
        """Whether all that was said is written, or the pipe is full and the node takes no more. Linux only."""
        writer = self.threads["in"]
        return self.said <= self.done or at_rest.sleeps_in("write", writer.native_id or 0, self.process.stdin)

    def is_drained(self) -> bool:
        """Whether all that the node has written so far has been told. Linux only."""
        fds = {"out": self.process.stdout, "err": self.process.stderr}
        return all(
            not self.threads[stream].is_alive()
            or at_rest.sleeps_in("read", self.threads[stream].native_id or 0, fd)
            for stream, fd in fds.items()
        )

    def close(self) -> None:
        """Wait for the threads, then let go of the pipes. A thread that is held up keeps its pipe."""
        self.end_input()
        for thread in self.threads.values():
            thread.join(END_S)
        if not any(thread.is_alive() for thread in self.threads.values()):
            self.process.close()

    def _begin(self, name: str, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self.threads[name] = thread

    def _read(self, stream: Stream) -> None:
        fd = self.process.stdout if stream == "out" else self.process.stderr
        rest, total, limit = bytearray(), 0, ""
        tail: deque[bytes] = deque(maxlen=ERR_LINES)  # of a stderr that never ends
        while not limit and (chunk := _chunk(fd)):
            at = time.monotonic()
            total += len(chunk)
            *lines, last = chunk.split(b"\n")
            if lines:
                lines[0] = bytes(rest) + lines[0]
                rest = bytearray()
                if stream == "err" and total > ERR_BYTES:
                    stands = [line for line in lines if line.startswith(LOOKS)]
                    tail.extend(line for line in lines if not line.startswith(LOOKS))
                    if stands:
                        self.tell(Written(at, stream, stands))
                else:
                    self.tell(Written(at, stream, lines))
            rest += last
            if stream == "out":
                self.unended = rest
            if stream == "err":
                rest = rest[-ERR_LINE:]
            limit = self.limits.beyond(stream, total, len(rest))
        at = time.monotonic()
        if limit:
            self.tell(Ended(at, "limit", text=limit))
        elif rest or tail:
            self.tell(Written(at, stream, [*tail, bytes(rest)] if rest else [*tail]))
        self.tell(Ended(at, "stdout" if stream == "out" else "stderr"))

    def _write(self) -> None:
        while (data := self.outbox.get()) is not None:
            with suppress(OSError):  # it closed its stdin, or is gone: its exit or its silence will tell
                self.say_now(data)
            self.done += 1
        self.process.close_stdin()
        self.done += 1

    def _wait(self) -> None:
        status = self.process.wait()
        assert status is not None
        self.tell(Ended(time.monotonic(), "exit", status))


def _chunk(fd: int) -> bytes:
    """What is there to be read; nothing at the end."""
    try:
        return os.read(fd, CHUNK)
    except OSError:
        return b""

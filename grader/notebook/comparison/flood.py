"""Backpressure, tried out: a client that asks and asks, and reads nothing. Does the node stop reading?"""

import json
import os
import select
import tempfile
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from grader.notebook.exercises.paper import Judged

if TYPE_CHECKING:
    from grader.conversation.node_process import NodeProcess

REQUESTS = 4_000
FILL = "x" * 150
IDLE_S = 1.0  # a node that takes nothing for so long, and does nothing, has stopped reading
PATIENCE_S = 20.0  # for anything at all to happen, on a busy machine
READ = 65536

INIT = {"src": "c0", "dest": "n1", "body": {"type": "init", "msg_id": 1, "node_id": "n1", "node_ids": ["n1"]}}


def flooded(node: str) -> Judged:
    """Whether this node stops reading while nobody reads its replies, and answers all once they are read."""
    from grader.conversation.node_process import POSIX, NodeProcess, prepare
    from grader.conversation.submission import NotGradable, environment, from_file

    if not POSIX:
        return Judged(False, "This can't be tried out here: it needs pipes that can be watched.")
    try:
        submission = from_file(node)
    except NotGradable as refusal:
        return Judged(False, str(refusal))
    prepare()
    with tempfile.TemporaryDirectory(prefix="grader-", ignore_cleanup_errors=True) as folder:
        process = NodeProcess(submission.command, submission.folder, environment(folder))
        try:
            return _Flood(process).run()
        except (BrokenPipeError, EOFError):
            return Judged(False, "The node ended. Let it pass the suites first.")
        except TimeoutError as silence:
            return Judged(False, str(silence))
        finally:
            process.end()
            process.wait()
            process.close()


class _Flood:
    """One flood under way: what is still to be sent, and how many replies have come."""

    def __init__(self, process: "NodeProcess") -> None:
        self.process = process
        self.replies = 0
        os.set_blocking(process.stdin, False)
        lines = [json.dumps(INIT), *(self.request(n) for n in range(REQUESTS))]
        self.unsent = memoryview("".join(f"{line}\n" for line in lines).encode())

    @staticmethod
    def request(n: int) -> str:
        body = {"type": "echo", "msg_id": n, "echo": FILL}
        return json.dumps({"src": "c1", "dest": "n1", "body": body})

    def run(self) -> Judged:
        first = bytes(self.unsent).index(b"\n") + 1
        self.send(first)
        while not self.replies:
            self.step("There was no init_ok. Let the node pass the suites first.", reading=True, sending=False)
        if self.fill():
            return Judged(
                False,
                f"The node read all {REQUESTS:,} requests while nobody read a reply. The replies lie in its "
                "memory; had there been a million, a million would lie there.",
            )
        taken = REQUESTS - bytes(self.unsent).count(b"\n")
        while self.unsent or self.replies <= REQUESTS:
            came = self.replies - 1
            stopped = (
                f"The node stopped reading after {taken:,} requests. But when its replies were read at last, "
                f"only {came:,} of {REQUESTS:,} came: somebody waits for ever."
            )
            self.step(stopped, reading=True)
        return Judged(
            True,
            f"The node took {taken:,} of {REQUESTS:,} requests (some only lay in the pipe), and then waited. "
            "Once somebody read its replies it took the others, and answered all of them.",
        )

    def fill(self) -> bool:
        """Send without reading until the node takes no more, and does nothing more; whether it took all."""
        import psutil

        node = psutil.Process(self.process.popen.pid)
        since, worked = time.monotonic(), sum(node.cpu_times()[:2])
        while self.unsent:
            if self.step("", reading=False):
                since = time.monotonic()
            elif time.monotonic() - since > IDLE_S:
                before, worked = worked, sum(node.cpu_times()[:2])
                if worked == before:
                    return False
                since = time.monotonic()
        return True

    def step(self, silence: str, *, reading: bool, sending: bool = True) -> bool:
        """Send or read what can be sent or read; whether something was sent.

        If nothing can be: TimeoutError, with the text that says what this silence means; if there is one.
        """
        stdin, stdout, stderr = self.process.stdin, self.process.stdout, self.process.stderr
        sources = [stderr, stdout] if reading else [stderr]
        targets = [stdin] if sending and self.unsent else []
        readable, writable, _ = select.select(sources, targets, [], PATIENCE_S if silence else IDLE_S / 4)
        if silence and not readable and not writable:
            raise TimeoutError(silence)
        if stdout in readable:
            data = os.read(stdout, READ)
            if not data:
                raise EOFError
            self.replies += data.count(b"\n")
        if stderr in readable and not os.read(stderr, READ):
            raise EOFError
        return bool(writable) and self.send(READ) > 0

    def send(self, most: int) -> int:
        """Send so many bytes at most; how many it were."""
        sent = 0
        with suppress(BlockingIOError):
            sent = os.write(self.process.stdin, self.unsent[:most])
            self.unsent = self.unsent[sent:]
        return sent

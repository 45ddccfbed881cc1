"""Backpressure, tried out: a client that asks and asks, and reads nothing. Does the node stop reading?"""

import json
import select
import time
from itertools import accumulate
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from grader.conversation.pipes import Ended, Pump, Written
from grader.notebook.exercises.paper import Judged
from grader.sandbox.run_folder import RunFolder

if TYPE_CHECKING:
    from grader.conversation.node_process import NodeProcess

REQUESTS = 4_000
FILL = "x" * 150
IDLE_S = 1.0  # a node that takes nothing for so long, and does nothing, has stopped reading
PATIENCE_S = 20.0  # for anything at all to happen, on a busy machine

INIT = {"src": "c0", "dest": "n1", "body": {"type": "init", "msg_id": 1, "node_id": "n1", "node_ids": ["n1"]}}


def flooded(node: str) -> Judged:
    """Whether this node stops reading while nobody reads its replies, and answers all once they are read."""
    from grader.conversation.node_process import POSIX, begun, prepare
    from grader.conversation.submission import NotGradable, from_file

    if not POSIX:
        return Judged(False, "This can't be tried out here: it needs pipes that can be watched.")
    try:
        submission = from_file(node)
    except NotGradable as refusal:
        return Judged(False, str(refusal))
    prepare()
    with RunFolder() as folder:
        process = begun(submission, folder.name)
        flood = _Flood(process)
        try:
            return flood.run()
        except EOFError:
            return Judged(False, "The node ended. Let it pass the suites first.")
        except TimeoutError as silence:
            return Judged(False, str(silence))
        finally:
            process.end()
            process.wait()
            flood.pump.close()


class _Flood:
    """One flood under way: what comes from the node, and how many replies have come."""

    def __init__(self, process: "NodeProcess") -> None:
        self.process = process
        self.came: SimpleQueue[Written | Ended] = SimpleQueue()
        self.pump = Pump(process, self.came.put)
        self.replies = 0
        self.requests = [_line(_request(n)) for n in range(REQUESTS)]

    def run(self) -> Judged:
        self.pump.write()
        self.pump.read("err")
        self.pump.say(_line(INIT))
        if not select.select([self.process.stdout], [], [], PATIENCE_S)[0]:
            raise TimeoutError("There was no init_ok. Let the node pass the suites first.")
        self.pump.say(b"".join(self.requests))
        if self.fill():
            return Judged(
                False,
                f"The node read all {REQUESTS:,} requests while nobody read a reply. The replies lie in its "
                "memory; had there been a million, a million would lie there.",
            )
        taken = self.taken()
        self.pump.read("out")
        while self.replies <= REQUESTS:  # init_ok is one more
            before, came = self.pump.taken, self.replies - 1
            if not self.hear(PATIENCE_S) and self.pump.taken == before:
                raise TimeoutError(
                    f"The node stopped reading after {taken:,} requests. But when its replies were read at "
                    f"last, only {max(came, 0):,} of {REQUESTS:,} came: somebody waits for ever."
                )
        return Judged(
            True,
            f"The node took {taken:,} of {REQUESTS:,} requests (some only lay in the pipe), and then waited. "
            "Once somebody read its replies it took the others, and answered all of them.",
        )

    def taken(self) -> int:
        """How many requests the node, or the pipe to it, has taken as a whole."""
        ends = accumulate(map(len, self.requests), initial=len(_line(INIT)))
        return sum(end <= self.pump.taken for end in ends) - 1

    def fill(self) -> bool:
        """Send without reading until the node takes no more, and does nothing more; whether it took all."""
        since, taken, worked = time.monotonic(), self.pump.taken, self.worked_s()
        while self.taken() < REQUESTS:
            self.hear(IDLE_S / 4)
            if self.pump.taken != taken:
                since, taken = time.monotonic(), self.pump.taken
            elif time.monotonic() - since > IDLE_S:
                before, worked = worked, self.worked_s()
                if worked == before:
                    return False
                since = time.monotonic()
        return True

    def worked_s(self) -> float:
        """How long the node has computed. Raises EOFError once it has ended."""
        import psutil

        try:
            return sum(psutil.Process(self.process.pid).cpu_times()[:2])
        except psutil.NoSuchProcess:
            raise EOFError from None

    def hear(self, seconds: float) -> bool:
        """Whether the node writes something within so many seconds. Raises EOFError once it has ended."""
        try:
            item = self.came.get(timeout=seconds)
        except Empty:
            return False
        if isinstance(item, Ended):
            raise EOFError
        self.replies += len(item.lines) if item.stream == "out" else 0
        return True


def _request(n: int) -> dict[str, Any]:
    return {"src": "c1", "dest": "n1", "body": {"type": "echo", "msg_id": n, "echo": FILL}}


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"

"""A node that is talked to, a step at a time, and what it writes after each. Only here is a process."""

import json
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

from grader.cases.model import EXIT_MS, START_MS
from grader.conversation.node_process import begun, prepare
from grader.conversation.patterns import fill
from grader.conversation.pipes import Ended, Pump, Written
from grader.conversation.submission import Submission
from grader.protocol.messages import Message, NotAMessage, message_on, parse
from grader.recording.account import Account
from grader.recording.script_lines import StepLine
from grader.sandbox.run_folder import RunFolder

PATIENCE_S = 5.0  # for an answer that is due
QUIET_S = 0.15  # once nothing is due: for what else there is


class NotRight(Exception):
    """The node does what no node may that a case is recorded from; the text says what."""


class Dialogue:
    """A living node. `show` is told what comes: "out" a line of stdout, "err" one of stderr."""

    def __init__(self, submission: Submission, show: Callable[[str, str], None]) -> None:
        self.submission, self.show = submission, show
        self.account = Account()
        self.came: SimpleQueue[Written | Ended] = SimpleQueue()
        self.has_started = self.is_closed = False
        self.over: set[str] = set()
        self.raw = ""  # a piece of a line that has no end so far

    def __enter__(self) -> Self:
        prepare()
        self.folder = RunFolder()
        self.process = begun(self.submission, self.folder.name)
        self.pump = Pump(self.process, self.came.put)
        self.pump.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.process.end()
        self.pump.close()
        self.folder.close()

    @property
    def has_ended(self) -> bool:
        """Whether the node is gone, and all that it wrote is known."""
        return {"exit", "stdout"} <= self.over

    def take(self, step: StepLine) -> list[Message]:
        """Do this step, and hear what comes after it. Raises NotRight."""
        if "silence_ms" in step:
            return self._hear(step["silence_ms"] / 1000, lambda: True)
        if "close" in step:
            self.is_closed = True
            self.pump.end_input()
            return self._hear(EXIT_MS / 1000, lambda: not self.has_ended)
        if "send_raw" in step:
            self._send_raw(step["send_raw"])
        else:
            self._send(step["send"] if isinstance(step["send"], list) else [step["send"]])
        return self.hear()

    def hear(self, count: int = 0) -> list[Message]:
        """What comes until nothing is due any more; at least `count` messages, if they come."""
        heard = self._hear(PATIENCE_S if self.has_started else START_MS / 1000, lambda: self.account.is_due)
        while len(heard) < count and (more := self._hear(PATIENCE_S, lambda: True, 1)):
            heard += more
        self.has_started = True
        return heard

    def hear_the_rest(self) -> list[Message]:
        """What comes until all requests are answered: a peer that says nothing is given up on in the end."""
        return self._hear(PATIENCE_S, lambda: bool(self.account.open)) if self.account.open else []

    def _send(self, templates: list[dict[str, Any]]) -> None:
        messages = [fill(template, self.account.bindings) for template in templates]
        for message in messages:
            self.account.say(message)
        lines = "".join(json.dumps(message, ensure_ascii=False) + "\n" for message in messages)
        self.pump.say(lines.encode("utf-8", "surrogatepass"))

    def _send_raw(self, text: str) -> None:
        *lines, self.raw = (self.raw + text).split("\n")
        for line in lines:
            if (message := message_on(line)) is not None:
                self.account.say(message)
        self.pump.say(text.encode("utf-8", "surrogatepass"))

    def _hear(self, patience_s: float, wanted: Callable[[], bool], enough: int = 0) -> list[Message]:
        """What comes as long as something is wanted and the patience lasts, and until the node falls quiet."""
        heard: list[Message] = []
        until = time.monotonic() + patience_s
        while not self.has_ended:
            is_wanted = wanted() and (not enough or len(heard) < enough)
            left = until - time.monotonic()
            try:
                item = self.came.get(timeout=max(left if is_wanted else min(left, QUIET_S), 0))
            except Empty:
                return heard
            heard += self._take(item)
        return heard

    def _take(self, item: Written | Ended) -> list[Message]:
        if isinstance(item, Ended):
            if item.what == "limit":
                raise NotRight(item.text)
            if item.what == "exit" and not (self.is_closed and item.status == 0):
                when = "" if self.is_closed else " before its input did"
                raise NotRight(f"it ended with status {item.status}{when}")
            self.over.add(item.what)
            return []
        lines = [line.decode("utf-8", "replace") for line in item.lines]
        for line in lines:
            self.show(item.stream, line)
        if item.stream == "err":
            return []
        messages = []
        for line in lines:
            try:
                messages.append(parse(line))
            except NotAMessage as error:
                raise NotRight(f"a line on its stdout is no message: {error}") from None
            self.account.hear(messages[-1])
        return messages

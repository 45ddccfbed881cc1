"""Cases as data: what a suite, a case and its steps are. Nothing here reads files or runs anything."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from grader.protocol.messages import NotAMessage, parse

Order = Literal["exact", "per_client", "any"]
MsgIds = Literal["unique", "ignored"]
Match = Literal["exact", "subset"]

START_MS = 10_000  # for init_ok, or for the process to be there: a JVM is slow
BURST = 100  # with more messages expected at once it is a burst
BURST_IDLE_MS = 5_000  # a burst ends when nothing has come for so long
FLUSH_MS = 2_000  # after a timeout: what comes once stdin is closed was held back
EXIT_MS = 3_000  # from the end of input, when everything is answered, to the exit
PATIENCE_MS = 1_000  # how long a node waits for a peer


@dataclass(frozen=True, slots=True)
class Send:
    """One write: a message a line."""

    messages: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class SendRaw:
    """One write of exactly this text."""

    text: str


@dataclass(frozen=True, slots=True)
class Expect:
    """Patterns that messages must fit; neighbouring ones form a group."""

    patterns: tuple[dict[str, Any], ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Silence:
    """For so many milliseconds nothing may be written but what a later group waits for."""

    ms: float


@dataclass(frozen=True, slots=True)
class Close:
    """End of input."""


CaseStep = Send | SendRaw | Expect | Silence | Close


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation with a node, and what must come back. `steps` have their repeats written out."""

    id: str
    suite: str
    title: str
    steps: tuple[CaseStep, ...]
    timeout_ms: float = 5_000
    points: float = 1.0
    lesson: str | None = None
    hints: tuple[str, ...] = ()
    order: Order = "any"
    msg_ids: MsgIds = "unique"
    match: Match = "exact"
    hidden: bool = False  # reports show its title, status and points, and nothing of what was said
    file: str = ""  # the suite as one names it: a built-in one by its name, else by its file
    source: tuple[str, ...] = ()  # the lines of the file

    @property
    def closes(self) -> bool:
        """Whether it has a `close` step, so that how the node takes the end of input is judged."""
        return any(isinstance(step, Close) for step in self.steps)

    @property
    def sent(self) -> Iterator[dict[str, Any]]:
        """The messages that it sends, also those that are written raw or in pieces."""
        raw = ""
        for step in self.steps:
            if isinstance(step, SendRaw):
                *lines, raw = (raw + step.text).split("\n")
                for line in lines:
                    with suppress(NotAMessage):
                        yield parse(line)
            elif isinstance(step, Send):
                yield from step.messages

    @property
    def starts_with_init(self) -> bool:
        """Whether the first message that it sends is an `init`."""
        first = next(self.sent, None)
        return first is not None and first["body"].get("type") == "init"

    @property
    def has_init(self) -> bool:
        """Whether it sends an `init` at all, so that its clock starts with the `init_ok`."""
        return any(message["body"].get("type") == "init" for message in self.sent)

    @property
    def waits_ms(self) -> float:
        """About how long it waits by the clock: its silences, and the peers that don't answer."""
        silence = sum(step.ms for step in self.steps if isinstance(step, Silence))
        timeouts = any(
            pattern["body"].get("type") == "error" and pattern["body"].get("code", 0) == 0
            for step in self.steps
            if isinstance(step, Expect)
            for pattern in step.patterns
            if isinstance(pattern.get("body"), dict)
        )
        return silence + (PATIENCE_MS if timeouts else 0)


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of one `.jsonl` file."""

    name: str
    cases: tuple[Case, ...] = field(default=())

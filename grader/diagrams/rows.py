"""A transcript read for drawing: who said what to whom, and runs of like messages folded into one row. Pure."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from grader.conversation.transcript import Event, Transcript
from grader.protocol.json_values import dumps
from grader.protocol.messages import error_code, message_on

FOLD = 4  # neighbouring messages of one kind between the same two are drawn as one, from so many on
INIT = ("init", "init_ok")


@dataclass(frozen=True, slots=True)
class Passage:
    """One line that passed, or an end: of input, of output, of the node. `line` counts those of its kind."""

    n: int
    t_ms: float
    kind: str  # as in the transcript: in, out, eof, closed, limit, exit
    line: int = 0
    src: str = ""
    dest: str = ""
    body: dict[str, Any] | None = None  # None where the line is no message
    status: int = 0  # of an exit

    @property
    def type(self) -> str:
        """Its type, an error with its code."""
        if self.body is None:
            return "no message"
        kind = self.body.get("type", "")
        name = f"error {dumps(error_code(self.body))}" if kind == "error" else str(kind)
        return clip(name, 20)

    @property
    def number(self) -> str:
        """The number that ties request and reply together."""
        body = self.body or {}
        number = body.get("in_reply_to", body.get("msg_id"))
        return "" if number is None else clip(dumps(number), 10)

    @property
    def is_reply(self) -> bool:
        return self.body is not None and "in_reply_to" in self.body

    @property
    def key(self) -> tuple[str, str]:
        """A request is known by who sent it and its number; a reply names the same two."""
        return (self.dest if self.is_reply else self.src, self.number)


@dataclass(frozen=True, slots=True)
class DiagramRow:
    """One passage, or a run of like ones."""

    passages: tuple[Passage, ...]

    @property
    def first(self) -> Passage:
        return self.passages[0]

    @property
    def label(self) -> str:
        first, last = self.first, self.passages[-1]
        if len(self.passages) > 1:
            numbers = f" #{first.number}…{last.number}" if first.number != last.number else ""
            return f"{len(self.passages)}× {first.type}{numbers}"
        return f"{first.type} #{first.number}" if first.number else first.type


def clip(text: str, width: int) -> str:
    """`text`, cut to at most `width` columns; a dot-dot-dot stands for the rest.

    What would act on a screen, or can't be shown there, is written as in a string: half of a pair of
    surrogates, say.
    """
    text = written(text)
    if wide(text) <= width:
        return text
    while wide(text) > width - 1:
        text = text[:-1]
    return text + "…"


def written(text: str) -> str:
    """A text as it can be shown."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)


def wide(text: str) -> int:
    """How many columns a text needs in a font of one width."""
    return sum(
        2 if unicodedata.east_asian_width(one) in "WF" else not unicodedata.combining(one) for one in text
    )


def passages(transcript: Transcript, with_init: bool = False) -> list[Passage]:
    """What passed, less stderr; the exchange about init is left out unless it is asked for."""
    found: list[Passage] = []
    lines = {"in": 0, "out": 0}
    for event in transcript:
        if event.kind == "err":
            continue
        passage = _passage(event, lines.get(event.kind, 0))
        if event.kind in lines:
            lines[event.kind] += 1
        if with_init or passage.type not in INIT:
            found.append(passage)
    return found


def node_of(transcript: Transcript) -> str:
    """The node's name: from init, else the address of the first message."""
    for event in transcript:
        if event.kind == "in" and (message := message_on(event.line)) is not None:
            return str(message["body"].get("node_id", message["dest"]))
    return "node"


def rows(found: Iterable[Passage]) -> list[DiagramRow]:
    """The passages in order, neighbours of one kind between the same two folded."""
    runs: list[list[Passage]] = []
    for passage in found:
        if runs and passage.body is not None and _alike(runs[-1][-1], passage):
            runs[-1].append(passage)
        else:
            runs.append([passage])
    return [
        row
        for run in runs
        for row in (
            [DiagramRow(tuple(run))] if len(run) >= FOLD else [DiagramRow((passage,)) for passage in run]
        )
    ]


def _alike(one: Passage, other: Passage) -> bool:
    return (one.kind, one.src, one.dest, one.type) == (other.kind, other.src, other.dest, other.type)


def _passage(event: Event, line: int) -> Passage:
    message = message_on(event.line) if event.kind in ("in", "out") else None
    if message is None:
        return Passage(event.n, event.t_ms, event.kind, line, status=event.status or 0)
    src, dest = (_name(message[key]) for key in ("src", "dest"))
    return Passage(event.n, event.t_ms, event.kind, line, src, dest, message["body"])


def _name(value: Any) -> str:
    return clip(value if isinstance(value, str) else dumps(value), 12)

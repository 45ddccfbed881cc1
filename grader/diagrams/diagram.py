"""The space-time diagram: who said what to whom, and who waited for whom, drawn from transcripts."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

from grader.conversation.transcript import Transcript
from grader.diagrams import axis, handlers, thread_lanes
from grader.diagrams.layout import Layout
from grader.diagrams.rows import node_of, passages, rows, written
from grader.diagrams.trace import Trace
from grader.protocol.messages import Message, message_on

TAIL = 0.8  # of a step, drawn after the last thing that happened
READABLE = 0.7  # of its width: narrower than that a picture is not shown; one can scroll
# JupyterLab shows no alternative text of a picture by itself. The paper is white, in the dark too.
IMAGE = (
    '<div style="overflow-x: auto"><img alt="{alt}" src="data:image/png;base64,{png}" '
    'style="max-width: max(100%, {least}px); background: white"></div>'
)
ROWS = 60  # that are drawn; what comes after is only counted

NamedTranscript = tuple[str, Transcript] | tuple[str, Transcript, Trace]


@dataclass(frozen=True)
class SpaceTime:
    """A diagram that displays itself: a picture where one can be shown, else the same as text.

    `panels` is what is drawn, one a conversation, on one axis; `transcripts` is what it was drawn from.
    """

    panels: tuple[Layout, ...]
    transcripts: tuple[Transcript, ...]

    @cached_property
    def text(self) -> str:
        """The diagram in columns of plain text, the same words as in the picture."""
        from grader.diagrams.text import render

        return render(self.panels)

    @cached_property
    def png(self) -> bytes:
        """The diagram as a picture; of one diagram always the same bytes. Needs matplotlib."""
        from grader.diagrams.picture import render

        return render(self.panels)

    @property
    def written(self) -> list[Message]:
        """The messages that the node of the first conversation wrote, in order."""
        lines = [event.line for event in self.transcripts[0] if event.kind == "out"]
        return [message for line in lines if (message := message_on(line)) is not None]

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_which: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        alt = _in_a_sentence(self.panels)
        png = base64.b64encode(self.png).decode()
        least = round(READABLE * int.from_bytes(self.png[16:20]))  # there a PNG has its width
        html = IMAGE.format(png=png, alt=escape(alt), least=least)
        data = {"text/plain": self.text, "image/png": png, "text/html": html}
        return data, {"image/png": {"alt": alt}}


def spacetime(
    conversations: Sequence[NamedTranscript], *, clock: bool = False, with_init: bool = False
) -> SpaceTime:
    """The diagram of one or several conversations, each with its name (which may be ""), side by side.

    The axis counts steps, one a message in the order in which they passed, and what was sent to all of
    them stands at one height; or, with `clock`, real milliseconds since the first message. With the trace
    of a Python node its threads or tasks are drawn, else a bar for each request. The exchange about init
    is left out unless it is asked for; of a long conversation the beginning is drawn.
    """
    known = [
        (written(name), transcript, trace[0] if trace else ()) for name, transcript, *trace in conversations
    ]
    panels = []
    for _, transcript, trace in known:
        passed = passages(transcript, with_init)
        panels.append(rows(thread_lanes.retimed(passed, trace) if trace else passed))
    more = [sum(len(row.passages) for row in panel[ROWS:]) for panel in panels]
    panels = [panel[:ROWS] for panel in panels]
    places = axis.by_clock(panels) if clock else axis.by_steps(panels)
    end = max((at for place in places for at in place.values()), default=0.0)
    length = end * 1.04 + 1 if clock else end + TAIL
    drawn = tuple(
        thread_lanes.layout(name, node_of(transcript), panel, trace, place, length, clock, left)
        if trace
        else handlers.layout(name, node_of(transcript), panel, place, length, clock, left)
        for (name, transcript, trace), panel, place, left in zip(known, panels, places, more, strict=True)
    )
    return SpaceTime(drawn, tuple(transcript for _, transcript, _ in known))


def _in_a_sentence(panels: Sequence[Layout]) -> str:
    of = " and ".join(f"{panel.name or 'a conversation'} with {panel.node}" for panel in panels)
    return f"Space-time diagram: {of}; the same as text: print(it.text)"

"""The layout of a conversation with any node: a bar for each request, in lanes of the node's. Pure.

What the node does inside can't be seen from outside. A bar says that a request is open, or that it waits for a
peer: from the node's own request to the peer's reply to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.diagrams.axis import RowPositions
from grader.diagrams.lanes import FLIGHT, Sketch, asks, peers
from grader.diagrams.layout import Bar, LaneMark, Layout
from grader.diagrams.rows import DiagramRow, Passage

HANDLERS = 6  # lanes for the node's handlers; if more are open at once, the last lane is for all the others

HandlerKey = tuple[str, str]


@dataclass(eq=False)
class _Handler:
    """A request, or a run of like ones, on its way through the node."""

    lane: int
    start: float
    open: set[HandlerKey]
    asks: list[tuple[str, dict[str, Any]]]  # of whom its proxies ask what
    waits: list[tuple[float, float]] = field(default_factory=list)
    waiting: set[HandlerKey] = field(default_factory=set)
    since: float = 0.0


class _Handlers:
    """The node's handlers as a conversation goes on: who is open, who waits for which reply."""

    def __init__(self, sketch: Sketch, flight: float) -> None:
        self.sketch, self.flight = sketch, flight
        self.lanes = 1
        self.handlers: dict[HandlerKey, _Handler] = {}
        self.asked: dict[HandlerKey, _Handler] = {}  # who waits for the reply to a request of the node's own

    def row(self, row: DiagramRow, at: float) -> None:
        first, arrows = row.first, self.sketch.arrows
        if first.body is None:
            self.sketch.end(first, at)
        elif first.kind == "in":
            end = at + self.flight
            arrows.append((self.sketch.place(first.src), ("node", self.came(row, end)), at, end, row))
        else:
            lane = self.went(row, at)
            arrows.append((("node", lane), self.sketch.place(first.dest), at, at + self.flight, row))

    def came(self, row: DiagramRow, at: float) -> int:
        """The lane that takes what came."""
        lane = 0
        for passage in reversed(row.passages):
            handler = self.asked.pop(passage.key, None) if passage.is_reply else None
            if handler is not None:
                lane = handler.lane
                handler.waiting.discard(passage.key)
                if not handler.waiting:
                    handler.waits.append((handler.since, at))
        requests = [passage for passage in row.passages if not passage.is_reply and passage.number]
        if not requests:
            return lane
        handler = _Handler(
            self.free_lane(),
            at,
            {passage.key for passage in requests},
            [asked for passage in requests if (asked := asks(passage)) is not None],
        )
        self.handlers |= {passage.key: handler for passage in requests}
        return handler.lane

    def went(self, row: DiagramRow, at: float) -> int:
        """The lane from which something went."""
        lanes = []
        for passage in row.passages:
            handler = self.handlers.pop(passage.key, None) if passage.is_reply else self.asking(passage)
            if handler is None:
                continue
            lanes.append(handler.lane)
            if passage.is_reply:
                handler.open.discard(passage.key)
                if not handler.open:
                    self.close(handler, at)
            else:
                if not handler.waiting:
                    handler.since = at
                handler.waiting.add(passage.key)
                self.asked[passage.key] = handler
        return lanes[0] if lanes else 0

    def asking(self, passage: Passage) -> _Handler | None:
        """Whose request to a peer this is: of the handler that was told to send it, else of the last one."""
        inner = {key: value for key, value in (passage.body or {}).items() if key != "msg_id"}
        asked = (passage.dest, inner)
        handlers = list(self.handlers.values())
        for handler in handlers:
            if asked in handler.asks:
                handler.asks.remove(asked)
                return handler
        return handlers[-1] if handlers else None

    def free_lane(self) -> int:
        taken = {handler.lane for handler in self.handlers.values()}
        lane = next((lane for lane in range(HANDLERS) if lane not in taken), HANDLERS - 1)
        self.lanes = max(self.lanes, lane + 1)
        return lane

    def close(self, handler: _Handler, at: float) -> None:
        since = handler.start
        for start, end in [*handler.waits, *([(handler.since, at)] if handler.waiting else [])]:
            self.sketch.bar(Bar(handler.lane, since, start, "open"))
            self.sketch.bar(Bar(handler.lane, start, end, "wait"))
            since = end
        self.sketch.bar(Bar(handler.lane, since, at, "open"))

    def close_all(self, at: float, forgotten: bool) -> None:
        """What is open now stays so; if it is forgotten, nobody has answered it."""
        handlers = sorted(dict.fromkeys(self.handlers.values()), key=lambda handler: handler.lane)
        for handler in handlers:
            self.close(handler, at)
            label = "no answer" if handler is handlers[-1] else ""  # there is no room for more
            if forgotten:
                self.sketch.marks.append((("node", handler.lane), LaneMark(0, at, label, alarm=True)))


def layout(
    name: str,
    node: str,
    rows: Sequence[DiagramRow],
    places: RowPositions,
    length: float,
    clock: bool,
    more: int = 0,
) -> Layout:
    """A conversation, its rows at their places, as lanes, bars and arrows; `more` messages are not drawn."""
    sketch = Sketch(node, peers(rows, node))
    handlers = _Handlers(sketch, 0.0 if clock else FLIGHT)
    for row in rows:
        handlers.row(row, places[row.first.n])
    handlers.close_all(length, forgotten=not more)
    sketch.more(more, length)
    return sketch.layout(name, [node, *[""] * (handlers.lanes - 1)], length, clock)

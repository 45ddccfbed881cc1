"""The layout of a conversation with any node: a bar for each request, in lanes of the node's. Pure.

What the node does inside can't be seen from outside. A bar says that a request is open, or that it waits for a
peer: from the node's own request to the peer's reply to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from grader.notebook.passages import Passage, Row
from grader.notebook.spacetime_axis import Places
from grader.notebook.spacetime_layout import Arrow, Bar, Lane, Layout, Mark

HANDLERS = 6  # lanes for the node's handlers; if more are open at once, the last lane is for all the others
CLIENTS = 5  # lanes for clients; the last is for all the others
FLIGHT = 0.4  # of a step: how long a message is under way, where the axis counts steps
TAIL = 0.8  # of a step, drawn after the last thing that happened
NETWORK = "network"  # carries what the node sends to itself
ENDS = {
    "eof": "end of input",
    "closed": "closed its output",
    "limit": "beyond a limit",
    "exit": "ended",
    "out": "no message",
}

Key = tuple[str, str]


@dataclass(eq=False)
class _Handler:
    """A request, or a run of like ones, on its way through the node."""

    lane: int
    start: float
    open: set[Key]
    asks: list[tuple[str, object]]  # what its proxies ask, of whom
    waits: list[tuple[float, float]] = field(default_factory=list)
    waiting: set[Key] = field(default_factory=set)
    since: float = 0.0


class _Drawing:
    """One layout in the making. Lanes of clients, of the node and of peers are counted apart at first."""

    def __init__(self, node: str, peers: set[str], flight: float) -> None:
        self.node, self.peers, self.flight = node, peers, flight
        self.clients: list[str] = []
        self.others: list[str] = []  # peers, as they appear
        self.lanes_used = 1
        self.handlers: dict[Key, _Handler] = {}
        self.asked: dict[Key, _Handler] = {}  # who waits for the reply to a request of the node's own
        self.bars: list[Bar] = []
        self.arrows: list[tuple[tuple[str, int], tuple[str, int], float, str]] = []
        self.marks: list[Mark] = []

    def row(self, row: Row, at: float) -> None:
        first = row.first
        if first.body is None:
            if first.kind != "in":
                self.marks.append(Mark(0, at, ENDS[first.kind], leftwards=True))
        elif first.kind == "in":
            lane = self.came(row, at + self.flight)
            self.arrows.append((self.place(first.src), ("node", lane), at, row.label))
        else:
            lane = self.went(row, at)
            self.arrows.append((("node", lane), self.place(first.dest), at, row.label))

    def came(self, row: Row, at: float) -> int:
        """The lane that takes what came."""
        lane = 0
        for passage in reversed(row.passages):
            if passage.is_reply:
                handler = self.asked.pop(passage.key, None)
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
            [asks for passage in requests if (asks := _asks(passage)) is not None],
        )
        for passage in requests:
            self.handlers[passage.key] = handler
        return handler.lane

    def went(self, row: Row, at: float) -> int:
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
        asks = (passage.dest, inner)
        handlers = list(self.handlers.values())
        for handler in handlers:
            if asks in handler.asks:
                handler.asks.remove(asks)
                return handler
        return handlers[-1] if handlers else None

    def free_lane(self) -> int:
        taken = {handler.lane for handler in self.handlers.values()}
        lane = next((lane for lane in range(HANDLERS) if lane not in taken), HANDLERS - 1)
        self.lanes_used = max(self.lanes_used, lane + 1)
        return lane

    def close(self, handler: _Handler, at: float) -> None:
        since = handler.start
        for start, end in [*handler.waits, *([(handler.since, at)] if handler.waiting else [])]:
            self.bar(Bar(handler.lane, since, start, "open"))
            self.bar(Bar(handler.lane, start, end, "wait"))
            since = end
        self.bar(Bar(handler.lane, since, at, "open"))

    def bar(self, bar: Bar) -> None:
        if bar.end > bar.start:
            self.bars.append(bar)

    def place(self, name: str) -> tuple[str, int]:
        """The lane of a client or a peer, a new one if it hasn't spoken yet."""
        if name == self.node:
            name = NETWORK
        if name in self.peers or name == NETWORK:
            if name not in self.others:
                self.others.append(name)
            return "peer", self.others.index(name)
        if name not in self.clients:
            self.clients.append(name)
        return "client", min(self.clients.index(name), CLIENTS - 1)

    def layout(self, name: str, length: float, clock: bool) -> Layout:
        forgotten = sorted(dict.fromkeys(self.handlers.values()), key=lambda handler: handler.lane)
        for handler in forgotten:
            self.close(handler, length)
            label = "no answer" if handler is forgotten[-1] else ""  # there is no room for more
            self.marks.append(Mark(handler.lane, length, label))
        clients = self.clients[:CLIENTS]
        if len(self.clients) > CLIENTS:
            clients[-1] = f"{len(self.clients) - CLIENTS + 1} others"
        begin = {"client": 0, "node": len(clients), "peer": len(clients) + self.lanes_used}
        here = begin["node"]
        lanes = (
            *(Lane(client, "client") for client in clients),
            *(Lane("" if lane else self.node, "node") for lane in range(self.lanes_used)),
            *(Lane(peer, "peer") for peer in self.others),
        )
        return Layout(
            name,
            self.node,
            lanes,
            tuple(Bar(here + bar.lane, bar.start, bar.end, bar.kind, bar.label) for bar in self.bars),
            tuple(
                Arrow(begin[a] + i, begin[b] + j, at, at + self.flight, label)
                for (a, i), (b, j), at, label in self.arrows
            ),
            tuple(replace(mark, lane=here + mark.lane) for mark in self.marks),
            length,
            clock,
        )


def layout(name: str, node: str, rows: Sequence[Row], places: Places, length: float, clock: bool) -> Layout:
    """A conversation, its rows at their places, as lanes, bars and arrows."""
    drawing = _Drawing(node, peers(rows, node), 0.0 if clock else FLIGHT)
    for row in rows:
        drawing.row(row, places[row.first.n])
    return drawing.layout(name, length, clock)


def peers(rows: Sequence[Row], node: str) -> set[str]:
    """Who is asked by the node, or answers it, or is to be asked."""
    found = set()
    for passage in (passage for row in rows for passage in row.passages):
        if passage.kind == "out" and not passage.is_reply:
            found.add(passage.dest)
        elif passage.kind == "in" and passage.is_reply:
            found.add(passage.src)
        if (asks := _asks(passage)) is not None:
            found.add(asks[0])
    return found - {node, ""}


def _asks(passage: Passage) -> tuple[str, object] | None:
    body = passage.body or {}
    if passage.kind == "in" and body.get("type") == "proxy" and isinstance(body.get("inner"), dict):
        return str(body.get("target", "")), body["inner"]
    return None

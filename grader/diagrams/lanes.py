"""The lanes of clients and peers, and a layout put together from what its makers have drawn. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from grader.diagrams.layout import Arrow, Bar, Lane, LaneMark, Layout
from grader.diagrams.rows import DiagramRow, Passage

CLIENTS = 5  # lanes for clients; the last is for all the others
FLIGHT = 0.4  # of a step: how long a message is under way, where the axis counts steps
NETWORK = "network"  # carries what the node sends to itself
ENDS = {
    "eof": "end of input",
    "closed": "closed its output",
    "limit": "beyond a limit",
    "exit": "ended",
    "out": "no message",
}

Place = tuple[Literal["client", "node", "peer"], int]  # a lane, counted among those of its kind


@dataclass(eq=False)
class Sketch:
    """A layout in the making. Bars are on lanes of the node, counted from its first one."""

    node: str
    peers: set[str]
    clients: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)  # peers, as they appear
    bars: list[Bar] = field(default_factory=list)
    arrows: list[tuple[Place, Place, float, float, DiagramRow]] = field(default_factory=list)
    marks: list[tuple[Place, LaneMark]] = field(default_factory=list)
    hand_overs: list[tuple[int, int, float, float]] = field(default_factory=list)  # between lanes of the node

    def place(self, name: str) -> Place:
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

    def bar(self, bar: Bar) -> None:
        if bar.end > bar.start:
            self.bars.append(bar)

    def end(self, passage: Passage, at: float) -> None:
        """The end of input or of the node, or a line that is no message."""
        if passage.kind != "in":
            label = ENDS[passage.kind] + (f", status {passage.status}" if passage.status else "")
            is_right = passage.kind in ("eof", "exit") and not passage.status
            mark = LaneMark(0, at, label, leftwards=True, alarm=not is_right)
            self.marks.append((("node", 0), mark))

    def more(self, count: int, at: float) -> None:
        """So many messages are not drawn."""
        if count:
            self.marks.append((("node", 0), LaneMark(0, at, f"{count} more messages", leftwards=True)))

    def layout(self, name: str, lanes: Sequence[str], length: float, clock: bool) -> Layout:
        """The whole, with so many lanes of the node as are named, from the left to the right."""
        clients = self.clients[:CLIENTS]
        if len(self.clients) > CLIENTS:
            clients[-1] = f"{len(self.clients) - CLIENTS + 1} others"
        begin = {"client": 0, "node": len(clients), "peer": len(clients) + len(lanes)}
        here = begin["node"]
        return Layout(
            name,
            self.node,
            (
                *(Lane(client, "client") for client in clients),
                *(Lane(lane, "node") for lane in lanes),
                *(Lane(peer, "peer") for peer in self.others),
            ),
            tuple(replace(bar, lane=here + bar.lane) for bar in self.bars),
            (
                *(
                    Arrow(begin[a] + i, begin[b] + j, start, end, row.label, tuple(p.n for p in row.passages))
                    for (a, i), (b, j), start, end, row in self.arrows
                ),
                *(Arrow(here + a, here + b, start, end, "") for a, b, start, end in self.hand_overs),
            ),
            tuple(replace(mark, lane=begin[a] + i) for (a, i), mark in self.marks),
            length,
            clock,
        )


def peers(rows: Iterable[DiagramRow], node: str) -> set[str]:
    """Who is asked by the node, or answers it, or is to be asked."""
    found = set()
    asked = set()  # of the node: a reply that forgets in_reply_to doesn't make its client a peer
    for passage in (passage for row in rows for passage in row.passages):
        if passage.kind == "in" and not passage.is_reply:
            asked.add(passage.src)
        if passage.kind == "out" and not passage.is_reply and passage.dest not in asked:
            found.add(passage.dest)
        elif passage.kind == "in" and passage.is_reply:
            found.add(passage.src)
        if (asks_for := asks(passage)) is not None:
            found.add(asks_for[0])
    return found - {node, ""}


def unanswered(rows: Iterable[DiagramRow]) -> list[str]:
    """The clients whose requests were not all answered."""
    requests: dict[tuple[str, str], str] = {}
    for passage in (passage for row in rows for passage in row.passages):
        if passage.kind == "out" and passage.is_reply:
            requests.pop(passage.key, None)
        elif passage.kind == "in" and passage.number and not passage.is_reply:
            requests[passage.key] = passage.src
    return list(dict.fromkeys(requests.values()))


def asks(passage: Passage) -> tuple[str, dict[str, Any]] | None:
    """Of whom a proxy wants what to be asked."""
    body = passage.body or {}
    if passage.kind == "in" and body.get("type") == "proxy" and isinstance(body.get("inner"), dict):
        return str(body.get("target", "")), body["inner"]
    return None

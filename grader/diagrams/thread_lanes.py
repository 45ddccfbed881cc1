"""The layout of a conversation with a Python node that was traced: a lane for each thread or task. Pure.

A message arrives at whoever read it, and leaves from whoever wrote it. Bars say who is at work, who waits and
in which line, and who holds a lock that matters: one that somebody wants meanwhile, or whose holder waits.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from grader.diagrams.axis import RowPositions
from grader.diagrams.lanes import FLIGHT, Place, Sketch, peers, unanswered
from grader.diagrams.layout import Bar, BarKind, LaneMark, Layout
from grader.diagrams.rows import DiagramRow, Passage, clip
from grader.diagrams.trace import Did, Trace

LANES = 7  # threads or tasks that are drawn
LABEL = 16  # characters of a bar's label
SOON = 1e-6  # milliseconds

Lines = list[tuple[float, str]]  # when each line was read or written, and by which lane


@dataclass(frozen=True, slots=True)
class _Span:
    """A bar in the making, in milliseconds."""

    lane: str
    start: float
    end: float
    kind: BarKind
    label: str = ""


def retimed(passages: Sequence[Passage], trace: Trace) -> list[Passage]:
    """What passed, in the node's order: what it wrote stands where it was written, not where it was heard."""
    wrote = _lines(trace, "wrote")
    timed = [
        replace(passage, t_ms=wrote[passage.line][0])
        if passage.kind == "out" and passage.line < len(wrote)
        else passage
        for passage in passages
    ]
    return sorted(timed, key=lambda passage: passage.t_ms)


def layout(
    name: str,
    node: str,
    rows: Sequence[DiagramRow],
    trace: Trace,
    places: RowPositions,
    length: float,
    clock: bool,
    more: int = 0,
) -> Layout:
    """A conversation, its rows at their places, and what the node's threads or tasks did meanwhile."""
    trace = _prompt(trace)
    forgotten = [] if more else unanswered(rows)
    begin = rows[0].first.t_ms if rows else 0.0
    end = (
        inf if forgotten or not rows else rows[-1].passages[-1].t_ms
    )  # what comes after the last is of no interest
    spans = [span for span in [*_states(trace), *_locks(trace)] if span.end > begin and span.start < end]
    read, wrote = _lines(trace, "read"), _lines(trace, "wrote")
    talking = [lane for lines in (read, wrote) for t_ms, lane in lines if begin <= t_ms <= end]
    busy = [span.lane for span in spans if span.label or (span.kind == "run" and span.start > begin)]
    seen = {*busy, *talking}
    known = dict.fromkeys(["main", *(did.lane for did in trace)])
    lanes = [lane for lane in known if lane in seen][:LANES] or [node]
    spans = [span for span in spans if span.lane in lanes]
    moments = {t_ms for span in spans for t_ms in (span.start, span.end) if t_ms < inf} | {
        t_ms for t_ms, _ in read
    }
    scale = _Scale(rows, places, moments, length, clock)
    sketch = Sketch(node, peers(rows, node))
    for row in rows:
        first, at = row.first, places[row.first.n]
        if first.body is None:
            sketch.end(first, at)
            continue
        lines = read if first.kind == "in" else wrote
        t_ms, lane = lines[first.line] if first.line < len(lines) else (first.t_ms, lanes[0])
        here: Place = ("node", lanes.index(lane) if lane in lanes else 0)
        if first.kind == "in":
            sketch.arrows.append((sketch.place(first.src), here, at, max(scale.at(t_ms), at), row))
        else:
            arrives = at if clock else at + FLIGHT
            sketch.arrows.append((here, sketch.place(first.dest), at, arrives, row))
    said: dict[str, str] = {}  # what stands at a lane already need not be said again
    for span in spans:
        start, stop = scale.at(max(span.start, begin)), scale.at(span.end)
        label = span.label if said.get(span.lane) != span.label else ""
        said[span.lane] = span.label or said.get(span.lane, "")
        sketch.bar(Bar(lanes.index(span.lane), start, stop, span.kind, clip(label, LABEL)))
    for client in forgotten:
        sketch.marks.append((sketch.place(client), LaneMark(0, length, "no answer", alarm=True)))
    sketch.more(more, length)
    return sketch.layout(name, lanes, length, clock)


class _Scale:
    """From milliseconds to the axis. By steps, what happened between two rows is spread evenly between them."""

    def __init__(
        self, rows: Sequence[DiagramRow], places: RowPositions, moments: set[float], length: float, clock: bool
    ) -> None:
        self.begin, self.length, self.clock = rows[0].first.t_ms if rows else 0.0, length, clock
        known = {row.first.t_ms: places[row.first.n] for row in rows}
        times = sorted(known)
        gaps: dict[int, list[float]] = defaultdict(list)
        for t_ms in sorted(moments - set(times)):
            gaps[bisect_right(times, t_ms)].append(t_ms)
        for gap, inside in gaps.items():
            low = known[times[gap - 1]] if gap else 0.0
            high = known[times[gap]] if gap < len(times) else length
            for rank, t_ms in enumerate(inside, 1):
                known[t_ms] = low + (high - low) * rank / (len(inside) + 1) if gap else low
        self.known = known

    def at(self, t_ms: float) -> float:
        if self.clock:
            return min(max(t_ms - self.begin, 0.0), self.length)
        return self.known.get(t_ms, self.length)


def _lines(trace: Trace, kind: str) -> Lines:
    return [(did.t_ms, did.lane) for did in trace if did.kind == kind for _ in range(int(did.text))]


def _prompt(trace: Trace) -> Trace:
    """A lane that reads next began to wait as soon as it was done; how soon it got there is of no interest."""
    last: dict[str, float] = {}
    prompt: list[Did] = []
    for did in trace:
        if did.kind == "reads" and did.lane in last:
            did = replace(did, t_ms=last[did.lane] + SOON)
        last[did.lane] = did.t_ms
        prompt.append(did)
    return tuple(sorted(prompt, key=lambda did: did.t_ms))


def _states(trace: Trace) -> list[_Span]:
    """At work or waiting, of each lane, from its beginning to its end."""
    spans: list[_Span] = []
    now: dict[str, _Span] = {}
    for did in trace:
        if did.kind in ("born", "go"):
            state = _Span(did.lane, did.t_ms, inf, "run")
        elif did.kind in ("reads", "wait"):
            state = _Span(did.lane, did.t_ms, inf, "wait", did.text)
        elif did.kind == "gone" or did.lane not in now:
            state = _Span(did.lane, did.t_ms, did.t_ms if did.kind == "gone" else inf, "run")
        else:
            continue
        if did.lane in now:
            spans.append(replace(now[did.lane], end=did.t_ms))
        now[did.lane] = state
    return [*spans, *now.values()]


def _locks(trace: Trace) -> list[_Span]:
    """Locks held while somebody else wanted them, or while their holder waited."""
    held: dict[tuple[str, str], float] = {}
    matters: set[tuple[str, str]] = set()
    spans: list[_Span] = []
    for did in trace:
        key = (did.lane, did.text)
        if did.kind == "lock":
            held[key] = did.t_ms
        elif did.kind == "wants":
            matters |= {other for other in held if other[1] == did.text}
        elif did.kind in ("reads", "wait"):
            matters |= {mine for mine in held if mine[0] == did.lane}
        elif did.kind == "unlock" and key in held:
            start = held.pop(key)
            if key in matters:
                matters.discard(key)
                spans.append(_Span(did.lane, start, did.t_ms, "lock"))
    return spans + [_Span(key[0], start, inf, "lock") for key, start in held.items() if key in matters]

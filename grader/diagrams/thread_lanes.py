"""The layout of a conversation with a Python node that was traced: a lane for each thread or task. Pure.

A message arrives at whoever read it, and leaves from whoever wrote it; an arrow within the node is a hand-over.
Bars say who is at work, who waits and in which line, and who holds which lock.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from grader.diagrams.axis import RowPositions
from grader.diagrams.lanes import FLIGHT, Place, Sketch, peers, unanswered
from grader.diagrams.layout import Bar, BarKind, LaneMark, Layout
from grader.diagrams.rows import DiagramRow, Passage
from grader.diagrams.trace import Did, Trace

LANES = 7  # threads or tasks that are drawn
NUMBER = "~"  # stands in a lane's name before a number; the numbers in a picture are those of messages
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
    # What comes after the last is of no interest.
    end = inf if forgotten or not rows else rows[-1].passages[-1].t_ms
    spans = [span for span in [*_states(trace), *_locks(trace)] if span.end > begin and span.start < end]
    read, wrote = _lines(trace, "read"), _lines(trace, "wrote")
    talking = [lane for lines in (read, wrote) for t_ms, lane in lines if begin <= t_ms <= end]
    busy = [span.lane for span in spans if span.label or (span.kind == "run" and span.start > begin)]
    seen = {*busy, *talking}
    known = dict.fromkeys(["main", *(did.lane for did in trace)])
    lanes = [lane for lane in known if lane in seen][:LANES] or [node]
    spans = [span for span in spans if span.lane in lanes]
    given = [one for one in _hand_overs(trace) if begin <= one.start <= end and {*one.lanes} <= {*lanes}]
    moments = {t_ms for span in spans for t_ms in (span.start, span.end) if t_ms < inf}
    moments |= {t_ms for t_ms, _ in read} | {t_ms for one in given for t_ms in (one.start, one.end)}
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
    for one in given:
        giver, taker = map(lanes.index, one.lanes)
        sketch.hand_overs.append((giver, taker, scale.at(one.start), scale.at(one.end)))
    said: dict[str, str] = {}  # what stands at a lane already need not be said again
    for span in spans:
        start, stop = scale.at(max(span.start, begin)), scale.at(span.end)
        label = span.label
        if span.kind != "lock":
            label = span.label if said.get(span.lane) != span.label else ""
            said[span.lane] = span.label or said.get(span.lane, "")
        sketch.bar(Bar(lanes.index(span.lane), start, stop, span.kind, label))
    for client in forgotten:
        sketch.marks.append((sketch.place(client), LaneMark(0, length, "no answer", alarm=True)))
    sketch.more(more, length)
    return sketch.layout(name, _names(lanes), length, clock)


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
            before = now[did.lane]
            if (state.kind, did.kind, before.kind) == ("run", "go", "run"):
                continue  # it goes on with what it does
            spans.append(replace(before, end=did.t_ms))
        now[did.lane] = state
    return [*spans, *now.values()]


def _locks(trace: Trace) -> list[_Span]:
    """Each lock, for the whole time that it is held: taken twice, it is held until it was returned twice."""
    held: dict[tuple[str, str], tuple[float, int]] = {}  # since when, and how often it was taken
    spans: list[_Span] = []
    for did in trace:
        key = (did.lane, did.text)
        since, depth = held.get(key, (did.t_ms, 0))
        if did.kind == "lock":
            held[key] = since, depth + 1
        elif did.kind == "unlock" and depth > 1:
            held[key] = since, depth - 1
        elif did.kind in ("unlock", "free") and depth:
            del held[key]
            spans.append(_Span(did.lane, since, did.t_ms, "lock", did.text))
    return spans + [_Span(lane, since, inf, "lock", lock) for (lane, lock), (since, _) in held.items()]


@dataclass(frozen=True, slots=True)
class _HandOver:
    """Something that one lane has given and another has taken, in milliseconds."""

    lanes: tuple[str, str]
    start: float
    end: float


def _hand_overs(trace: Trace) -> list[_HandOver]:
    given = {did.text: did for did in trace if did.kind == "gives"}
    return [
        _HandOver((gave.lane, did.lane), gave.t_ms, max(gave.t_ms, did.t_ms))
        for did in trace
        if did.kind == "takes" and (gave := given.get(did.text)) is not None and gave.lane != did.lane
    ]


def _names(lanes: Sequence[str]) -> list[str]:
    """What stands above the lanes: of several that run one function each has a letter, and nobody a number."""
    run = [lane.partition(NUMBER)[0] for lane in lanes]
    return [
        f"{name} {chr(ord('A') + run[:n].count(name))}" if NUMBER in lane and run.count(name) > 1 else name
        for n, (lane, name) in enumerate(zip(lanes, run, strict=True))
    ]

"""From what the explorer has seen to the tree that the seat plays on. Pure, but for `grow…`, which asks it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.cases.model import Case
from grader.checks.judge import judge
from grader.explorer.client import PATIENCE, Gone, ask
from grader.explorer.diagnosis.waiting import waits_for, wanted
from grader.explorer.diagnosis.wording import waits
from grader.explorer.runtime.launch import Launch
from grader.explorer.runtime.resources import Resource
from grader.explorer.search.seat_tree import Came, Grown, Seen
from grader.explorer.server import Job, Wanted
from grader.explorer.trace.model import Replayable, Stand, Step
from grader.seat.tree import Happened, HeldLock, Move, SeatColumn, SeatPosition, SeatWorker, Tree

MOST = 400  # positions: about a megabyte
QUEUED = "waits for its turn: the loop runs tasks in the order in which they became ready"
LOOP = "the event loop"
BUSY = "lets one task go on at a time"
LEARNING = 1.0  # CPU seconds, to find out where the choices are


@dataclass(frozen=True, slots=True)
class Ground:
    """What a tree was grown from, so that more of it can be: the node, the case, and where the choices are."""

    launch: Launch
    case: Case
    choices: Replayable


@dataclass(frozen=True, slots=True)
class Part:
    """What lies behind a move: what was done on the way, and a tree that starts at the position behind it."""

    did: tuple[Happened, ...]
    tree: Tree


def grow(launch: Launch, case: Case, most: int = MOST) -> tuple[Tree, Ground]:
    """The tree of a node's schedules in one case, and what it takes to grow more of it.

    Raises Gone, with the reason, where the node can't be run under the scheduler.
    """
    seen, grown = _asked(Job(launch, (case,), LEARNING, seat=Wanted(most)))
    whole = tree(launch.module or Path(launch.script).name, case, seen, grown)
    return whole, Ground(launch, case, grown.choices)


def grow_part(ground: Ground, known: Tree, after: Sequence[int], most: int = MOST) -> Part:
    """What lies behind these moves from the start, of which `known` has all but the last one.

    Raises Gone where the node can't be run again, or is another one by now.
    """
    wanted = Wanted(most, tuple(after), ground.choices)
    seen, grown = _asked(Job(ground.launch, (ground.case,), LEARNING, seat=wanted))
    if grown.sources != known.sources:
        raise Gone("the node has been changed since; take the seat anew")
    part = tree(known.node, ground.case, seen, grown, known)
    return Part(tuple(happened(seen[0].steps, _shared(seen, known))), part)


def _asked(job: Job) -> tuple[list[Seen], Grown]:
    seen: list[Seen] = []
    for message in ask(job, PATIENCE):
        if isinstance(message, Seen):
            if message.escaped:
                raise Gone(message.escaped)
            seen.append(message)
        elif isinstance(message, Grown):
            return seen, message
    raise Gone("the explorer ended without a word")


def tree(node: str, case: Case, seen: Sequence[Seen], grown: Grown, known: Tree | None = None) -> Tree:
    """The tree from all that was seen, the start first. Workers that are `known` keep their columns."""
    whole = {one.key: one for one in reversed(seen) if one.stands}
    places = {key: place for place, key in enumerate(dict.fromkeys(one.key for one in seen if one.stands))}
    ways = {one.came: one for one in seen}
    shared = _shared(seen, known)
    titles = _titles(seen, known.columns if known else ())
    columns = [SeatColumn(worker, titles[worker]) for worker in titles]
    positions = tuple(
        _position(case, whole[key], tuple(_moves(whole[key], places, ways, shared, titles)), shared, titles)
        for key in places
    )
    first = _first(positions)
    return Tree(node, case.id, case.title, grown.sources, tuple(columns), positions, first, grown.level)


def _shared(seen: Iterable[Seen], known: Tree | None) -> frozenset[str]:
    """The names of the data that workers share, here or in what is known."""
    before = known.positions if known else ()
    names = {name for one in seen for name, _, is_shared in one.values if is_shared}
    return frozenset(names | {name for position in before for name, _ in position.shared})


def _first(positions: Sequence[SeatPosition]) -> int:
    """The first position at which there is a choice; up to there only one worker could go on."""
    place = 0
    while len(positions[place].moves) == 1 and (to := positions[place].moves[0].to) is not None:
        place = to
    return place if positions[place].moves else 0


def _titles(seen: Iterable[Seen], known: Sequence[SeatColumn] = ()) -> dict[str, str]:
    """What each worker is called, in the order in which they begin: by the request that it serves.

    Who serves several, or reads, is called by its name. Who is known keeps its place and what it was called.
    """
    served: dict[str, set[str]] = {}
    main = LOOP if any(one.main_loops for one in seen) else "the main thread"
    for one in seen:
        for stand in one.stands:
            served.setdefault(stand.worker, set()).update([str(stand.handler)] if stand.handler else ())
    return {column.worker: column.title for column in known} | {
        who: main if who == "main" else next(iter(names)) if len(names) == 1 else who
        for who, names in served.items()
        if all(column.worker != who for column in known)
    }


def _moves(
    one: Seen,
    places: Mapping[int, int],
    ways: Mapping[Came | None, Seen],
    shared: frozenset[str],
    titles: Mapping[str, str],
) -> Iterator[Move]:
    numbers = {worker: str(number) for number, worker in enumerate(titles)}
    arrivals = 0
    for way, (kind, worker, cost) in enumerate(one.options):
        after = ways.get((one.key, way))
        to = places.get(after.key) if after is not None and not after.is_cut else None
        token, label = numbers.get(worker, "0"), titles.get(worker, worker)
        if kind == "arrival":
            arrivals += 1
            token, label = f"a{arrivals if arrivals > 1 else ''}", f"what arrives: {worker}"
        elif kind == "timeout":
            token, label = f"t{token}", f"{label}: its time is up"
        did = tuple(happened(after.steps, shared)) if after is not None else ()
        yield Move(token, kind, worker, label, cost, to, did)


def happened(steps: Sequence[Step], shared: frozenset[str]) -> Iterator[Happened]:
    """What of these steps others could see: locks, messages, and the data that workers share."""
    for step in steps:
        text = _said(step, shared)
        if text and step.line:
            yield Happened(step.worker, step.file, step.line, text)


def _said(step: Step, shared: frozenset[str]) -> str:
    """What a step did, in words; empty where nobody else could see it."""
    place = step.place
    if step.op in ("read", "write"):
        if place not in shared:
            return ""
        return f"reads {place}: {step.value}" if step.op == "read" else f"sets {place} to {step.written}"
    return {
        "in": "reads a line", "eof": "finds the end of the input", "out": "writes a line",
        "acquire": f"takes {place}", "try": f"finds {place} taken", "release": f"lets {place} go",
        "wait": f"waits for {place}", "wake": f"wakes who waits for {place}", "clear": f"clears {place}",
        "put": f"puts into {place}", "get": f"gets from {place}", "sleep": "sleeps", "await": "awaits",
        "fire": "finds its time up", "end": "ends",
    }.get(step.op, "")  # fmt: skip


def _position(
    case: Case, one: Seen, moves: tuple[Move, ...], shared: frozenset[str], titles: Mapping[str, str]
) -> SeatPosition:
    locks = tuple(_locks(one))
    findings = () if moves else judge(case, one.transcript).findings
    code, message = (findings[0].code, findings[0].message) if findings else ("", "")
    if findings and (circle := _circle(locks)):
        each = [
            f"{titles[who]} waits for {lock.name}, which {titles[lock.holder]} holds" for who, lock in circle
        ]
        code, message = "deadlock", f"{'; '.join(each)}. Nobody can go on. {message}"
    turns = {move.worker for move in moves}
    queued = {stand.worker: QUEUED for stand in one.stands if stand.worker in one.queued}
    if moves and one.main_loops and "main" not in turns:
        queued["main"] = BUSY
    return SeatPosition(
        moves,
        tuple(_standing(stand, locks, titles, queued.get(stand.worker, "")) for stand in one.stands),
        tuple(_data(one, shared)),
        locks,
        tuple(event.line for event in one.transcript if event.kind == "out"),
        code,
        message,
    )


def _data(one: Seen, shared: frozenset[str]) -> Iterator[tuple[str, str]]:
    """What workers share, with its value. Of data of one name those count that are themselves shared: of
    `self.used` the set, not the attribute, whose value was looked at when it was last read.
    """
    itself = {name for name, _, is_shared in one.values if is_shared}
    last = {name: value for name, value, _ in one.values}
    for name, value, is_shared in one.values:
        if name in shared and (is_shared if name in itself else value is last[name]):
            yield name, value


def _locks(one: Seen) -> Iterator[HeldLock]:
    lines = {(name, worker): line for name, worker, line in one.taken}
    for stand in one.stands:
        for name in stand.held:
            waiting = tuple(s.worker for s in one.stands if s.state == "waits" and wanted(s) == name)
            yield HeldLock(name, stand.worker, lines.get((name, stand.worker), 0), waiting)


def _circle(locks: Sequence[HeldLock]) -> tuple[tuple[str, HeldLock], ...]:
    """Who waits for whom in a circle, each with the lock; empty if there is none."""
    wants = {who: lock for lock in locks for who in lock.waiting}
    for first in wants:
        circle: list[tuple[str, HeldLock]] = []
        who = first
        while who in wants and len(circle) < len(wants):
            circle.append((who, wants[who]))
            who = wants[who].holder
            if who == first:
                return tuple(circle)
    return ()


def _standing(stand: Stand, locks: Sequence[HeldLock], titles: Mapping[str, str], queued: str) -> SeatWorker:
    title = titles[stand.worker]
    why = queued or (_why(stand, locks, titles) if stand.state == "waits" else "")
    return SeatWorker(
        stand.worker, title, stand.file, stand.line, stand.function, stand.state, why, stand.held, stand.names
    )


def _why(stand: Stand, locks: Sequence[HeldLock], titles: Mapping[str, str]) -> str:
    """Why it can't move."""
    holder = next((lock for lock in locks if lock.name == wanted(stand)), None)
    if holder is None:
        if waits_for(stand, Resource.INPUT):
            return "waits for the next line of input"
        awaited = stand.waits_for
        if awaited and awaited.name in titles:  # a thread's end: here it is called by what it serves
            awaited = replace(awaited, name=titles[awaited.name])
        return waits(awaited, kind=False)
    who = (
        "it holds itself"
        if holder.holder == stand.worker
        else f"{titles.get(holder.holder, holder.holder)} holds"
    )
    since = f", taken in line {holder.line}" if holder.line else ""
    return f"waits for {holder.name}, which {who}{since}"

"""The tree for the seat: every schedule of a small case, each position with all that there is to see.

Nothing is left out as equivalent, as the search does: who goes next is asked at each point, also where only one
can go. Only positions that can't be told apart are explored once.
"""

from collections import defaultdict
from collections.abc import Generator, Hashable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NoReturn

from grader.cases.model import Case
from grader.conversation.transcript import Transcript
from grader.explorer.runtime import tasks
from grader.explorer.runtime.context import scheduler
from grader.explorer.runtime.interfaces import NullObserver, Program
from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.scheduler import Scheduler
from grader.explorer.runtime.sources import Site
from grader.explorer.runtime.vector_clocks import MASK, Datum
from grader.explorer.runtime.worker import Option, Places, Worker
from grader.explorer.search import execution
from grader.explorer.search.engine import learn
from grader.explorer.search.execution_tree import DEEPEST
from grader.explorer.search.forks import Limit, ProcessGroup, leave
from grader.explorer.search.started import started
from grader.explorer.search.state_table import Table
from grader.explorer.trace.model import Replayable, Stand, Step
from grader.explorer.trace.recorder import Recorder

WHOLE = 0.45  # of all positions: what a whole tree may take up; more would keep who waits for it too long
FEW = 0.25  # of them: as many as one preemption may take up for two to be worth a try
CUT = -1  # there was no room for all with one preemption
ANOTHER_WAY = "this time the node goes another way: what it does hangs on more than the schedule"

Came = tuple[int, int]  # from which position, by which of its moves
Files = tuple[tuple[str, tuple[str, ...]], ...]  # a name and its lines
OptionKind = Literal["turn", "arrival", "timeout"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A position that a run has come to, by its key. `options` are kind, name and cost of each.

    `came` is the way to it, and `steps` what was done on that way. Where the position is known, or the tree is
    full, only these are told; `is_cut` where it is full.
    """

    key: int
    came: Came | None
    steps: tuple[Step, ...]
    options: tuple[tuple[OptionKind, str, int], ...] = ()
    stands: tuple[Stand, ...] = ()
    queued: tuple[str, ...] = ()  # tasks that can go on, once the loop comes to them
    main_loops: bool = False  # the main thread runs an event loop
    values: tuple[tuple[str, str, bool], ...] = ()  # of each datum: name, value, whether workers share it
    taken: tuple[tuple[str, str, int], ...] = ()  # of each lock: its name, who took it last, in which line
    transcript: Transcript = ()
    is_cut: bool = False
    escaped: str = ""


@dataclass(frozen=True, slots=True)
class Grown:
    """The tree is whole up to this number of preemptions (None: whole; CUT: not even that of the plain runs).

    The sources by their short names. `choices` is where the choices are: with these a run has the same again.
    """

    level: int | None
    sources: Files
    choices: Replayable


def grow(
    program: Program,
    case: Case,
    after: Sequence[int],
    most: int,
    budget: float,
    known: Replayable | None = None,
) -> Generator[Seen | Grown, None, None]:
    """The tree of a case, with as many preemptions as `most` positions have room for; what it is comes last.

    `budget` are the CPU seconds in which to find out where the choices are, unless it is `known`. Raises Stuck.
    """
    learnt = known or learn(program, case, budget)
    places = Places(set(learnt.racy), set(learnt.shared))
    sites, sources = _plain_run(program, case, places)
    if known is None:
        places.racy |= sites
    choices = Replayable((), frozenset(places.racy), frozenset(places.shared))

    def up_to(level: int | None, most: int) -> Generator[Seen, None, None]:
        return positions(program, case, places, Limit(), level=level, most=most, after=after)

    room = int(most * WHOLE)
    seen = _at_once(up_to(1, most), up_to(None, room), room)
    level: int | None = 1
    if any(one.is_cut for one in seen):
        level = CUT
    elif _is_whole(seen):
        level = None
    elif _count(seen) <= most * FEW:
        further = list(up_to(2, most))
        if not any(one.is_cut for one in further):
            seen, level = further, 2
    yield from seen
    yield Grown(level, sources, choices)


def _at_once(few: Generator[Seen, None, None], whole: Generator[Seen, None, None], room: int) -> list[Seen]:
    """The tree of few preemptions, or the whole one if that has room.

    Both grow at the same time, each in processes of its own: which it will be is known only when one is done.
    """
    few_seen: list[Seen] = []
    all_seen: list[Seen] = []
    with closing(few), closing(whole):
        for one in whole:
            all_seen.append(one)
            few_seen += islice(few, 3)  # most nodes have no room for the whole
            if one.is_cut or _count(few_seen) > room:
                return [*few_seen, *few]
    return all_seen


def _count(seen: Sequence[Seen]) -> int:
    return len({one.key for one in seen})


def _is_whole(seen: Sequence[Seen]) -> bool:
    """Whether every move of every position was made."""
    made = {one.came for one in seen}
    return all((one.key, way) in made for one in seen for way in range(len(one.options)))


class _SharedAccesses(NullObserver):
    """Notes who touches what, and which data are written once workers are under way."""

    def __init__(self) -> None:
        self.data: dict[int, Datum] = {}
        self.by: dict[int, set[int]] = defaultdict(set)
        self.written: set[int] = set()

    def access(
        self,
        owner: object,  # noqa: ARG002
        name: Hashable,  # noqa: ARG002
        site: Site,
        datum: Datum,
        *,
        kind: Resource | None = None,  # noqa: ARG002
    ) -> None:
        run = scheduler()
        self.data[datum.number] = datum
        self.by[datum.number].add(run.current.number)
        if site.writes and len(run.workers) > 1:
            self.written.add(datum.number)

    def sites(self) -> set[int]:
        """Where data are touched that several workers touch, and one writes."""
        several = [number for number in self.written if len(self.by[number]) > 1]
        return {site for number in several for site in self.data[number].sites}


def _plain_run(program: Program, case: Case, places: Places) -> tuple[set[int], Files]:
    """Of the plain run: the sites of all that workers share, also where a lock keeps them apart; the sources.

    The search needs no points there; but who sits at the seat sees what a lock is for only if somebody can lose
    the turn while they hold it.
    """
    group = ProcessGroup(program.sources.folder)
    touched = _SharedAccesses()

    def finish(run: Scheduler, _escaped: str) -> NoReturn:
        group.tell(
            (touched.sites(), tuple((run.sources.short(f), text) for f, text in run.sources.lines.items()))
        )
        leave()

    try:
        group.start(lambda: execution.play(program, case, lambda *_: 0, places, finish, touched))
        message = next(group.hear(Limit(), lambda: 0))
    finally:
        group.end()
    assert isinstance(message, tuple)
    return message


def positions(
    program: Program,
    case: Case,
    places: Places,
    limit: Limit,
    *,
    level: int | None,
    most: int,
    after: Sequence[int] = (),
) -> Generator[Seen, None, None]:
    """Every position that at most `level` preemptions lead to, in all up to `most`; None: however many.

    `after` are moves from the start: what lies before them is not told, and their preemptions don't count.
    Raises Over at the limit, Stuck.
    """
    table = Table()
    group = ProcessGroup(program.sources.folder)
    recorder = Recorder(program.sources)
    before = list(reversed(after))
    came: Came | None = None
    shown = choices = spent = 0

    def choose(run: Scheduler, worker: Worker, options: Sequence[Option], costly: bool) -> int:
        nonlocal came, choices, spent
        if not choices:
            group.is_ready(was_started=started() is not None)
        choices += 1
        turn = worker if costly or options[0].kind == "arrival" else None
        # Positions are merged only at equal depth, so the graph stays acyclic.
        key = hash((run.key(turn), choices, options[0].name)) & MASK
        if before:
            way = before.pop()
            if way >= len(options):
                end(Seen(key, came, (), escaped=ANOTHER_WAY))
            spent = run.preemptions + options[way].cost
            return go(key, way)
        used = run.preemptions - spent
        is_new = not table.knows(key)
        if table.visit(key, 0 if level is None else used, 0) is None:
            end(Seen(key, came, new()))
        if table.count > most:
            end(Seen(key, came, new(), is_cut=True))
        # A known position is come to again with fewer preemptions, so that more ways lead on from it.
        group.tell(_seen(run, recorder, key, came, shown, options) if is_new else Seen(key, came, new()))
        ways = _affordable(options, level, used)
        while len(ways) > 1 and group.branches(bytes, at_once=choices > DEEPEST) is not None:
            ways.pop(0)
        return go(key, ways[0])

    def go(key: int, way: int) -> int:
        nonlocal came, shown
        came, shown = (key, way), len(recorder.steps)
        return way

    def new() -> tuple[Step, ...]:
        return tuple(recorder.steps[shown:])

    def finish(run: Scheduler, escaped: str) -> NoReturn:
        end(_seen(run, recorder, hash((run.trace(), choices)) & MASK, came, shown, (), escaped))

    def end(seen: Seen) -> NoReturn:
        group.tell(seen)
        group.let_go()
        leave()

    def play() -> NoReturn:
        execution.play(program, case, choose, places, finish, recorder, asks_always=True)

    try:
        group.start(play)
        for message in group.hear(limit, lambda: 0):
            assert isinstance(message, Seen)
            yield message
    finally:
        group.end()


def _affordable(options: Sequence[Option], level: int | None, used: int) -> list[int]:
    return [place for place, one in enumerate(options) if level is None or used + one.cost <= level]


def _seen(
    run: Scheduler,
    recorder: Recorder,
    key: int,
    came: Came | None,
    shown: int,
    options: Sequence[Option],
    escaped: str = "",
) -> Seen:
    stands = recorder.stands()  # which settles the last step's value, too
    values: dict[int, tuple[str, str]] = {}
    touched: dict[int, set[str]] = defaultdict(set)
    written: set[int] = set()
    taken: dict[str, tuple[str, int]] = {}
    for step in recorder.steps:
        if step.op in ("read", "write") and step.place != "stdout":
            name = values[step.datum][0] if step.datum in values else step.place
            values[step.datum] = name, step.written or step.value
            touched[step.datum].add(step.worker)
            if step.op == "write":
                written.add(step.datum)
        elif step.op == "acquire":
            taken[step.place] = step.worker, step.line
    return Seen(
        key,
        came,
        tuple(recorder.steps[shown:]),
        tuple((option.kind, option.name, option.cost) for option in options),
        stands,
        tuple(task.get_name() for task in tasks.not_ended() if task._fut_waiter is None),
        tasks.run_by_main(),
        tuple((*value, n in written and len(touched[n]) > 1) for n, value in values.items()),
        tuple((name, *where) for name, where in taken.items()),
        run.environment.transcript(),
        escaped=escaped,
    )

"""The tree of all schedules up to a preemption bound: each alternative at a choice is a fork of the process.

At a choice the default branch stays in the parent; each alternative is forked, and waits until it is wanted:
when its parent's run is over, the last one first. It is then told what has been explored meanwhile (see
`sleep_sets`). So no prefix is run twice, and schedules near the default one are seen before distant ones. The
default branch keeps its process because a fork costs the system the more, the more forks it descends from.
Where a state has been explored before (see `state_table`) a run is cut off. Where a run takes so much
memory that no more copies of it may wait, the default branch goes on, and the others start anew after it.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from grader.cases.model import Case
from grader.conversation.transcript import Event, Transcript
from grader.explorer.runtime.interfaces import Program
from grader.explorer.runtime.scheduler import Scheduler
from grader.explorer.runtime.worker import Option, Places, Worker
from grader.explorer.search import execution
from grader.explorer.search.forks import Limit, ProcessGroup, Stuck, at, leave
from grader.explorer.search.started import started
from grader.explorer.search.state_table import Table
from grader.explorer.trace import frames
from grader.explorer.trace.model import Crash, Decision, Stand, Step
from grader.explorer.trace.races import pairs
from grader.explorer.trace.recorder import Recorder

LONG_WAITS = 1  # that run out early, in a run with preemptions; without any, none does
DEEPEST = 150  # choices: behind, the plain way comes last, since else each choice keeps a process waiting

Told = tuple[Any, ...]  # a leaf's fields, by which its process tells it


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a run was: whole, or cut off. `choices` are the places of the options taken, in order."""

    cut: bool
    choices: tuple[int, ...]
    preemptions: int
    racy: frozenset[int]  # places that it has taught
    shared: frozenset[tuple[object, ...]]
    transcript: Transcript = ()
    trace: int = 0
    escaped: str = ""
    crashes: int = 0
    decisions: int = 0
    has_long_waits: bool = False  # whether one might have run out early
    long_waits: int = 0  # that did


@dataclass(frozen=True, slots=True)
class _Later:
    """A way that had no room to wait in memory: it is gone from the start, with these choices."""

    choices: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run that was recorded, as far as the process that made it knows it."""

    leaf: Leaf
    steps: tuple[Step, ...]
    decisions: tuple[Decision, ...]
    stands: tuple[Stand, ...]
    stuck: tuple[Stand, ...]
    crashes: tuple[Crash, ...]
    races: tuple[tuple[int, int], ...]
    sources: tuple[tuple[str, tuple[str, ...]], ...]


def grow(  # noqa: C901 - closures over one process
    program: Program,
    case: Case,
    places: Places,
    level: int,
    table: Table,
    limit: Limit,
    *,
    cuts: bool = True,
) -> Generator[Leaf, None, None]:
    """All runs with at most `level` preemptions, as they end. Raises Over at the limit, Stuck.

    Without `cuts` all go on to their end, also where a state was reached before. Close it to stop the runs.
    """
    table.clear()

    def choose(run: Scheduler, worker: Worker, options: Sequence[Option], costly: bool) -> int:
        if not choices:
            group.is_ready(was_started=started() is not None)
        if len(choices) < len(given):
            choices.append(given[len(choices)])
            return choices[-1]
        current = worker if costly or options[0].kind == "arrival" else None
        if cuts:
            asleep = run.sleepers.as_bits(run.states())
            kept = table.visit(run.key(current), run.preemptions, asleep)
            if kept is None:
                end(_told(run, choices, cut=True))
            if kept != asleep:
                run.sleepers.keep(kept, run.states())
        ways = [
            p for p, option in enumerate(options) if _is_within(level, run, option) and not run.sleeps(option)
        ]
        if not ways:
            end(_told(run, choices, cut=True))
        is_deep = len(choices) >= DEEPEST
        while len(ways) > 1:
            if not group.memory.has_room():
                for other in ways[1:]:
                    group.tell(_Later((*choices, other)))
                break
            watch = run.sleepers.watch(to_next_point=costly and ways[0] == 0)
            note = group.branches(watch.note, at_once=is_deep)
            if note is None:
                break
            way = options[ways.pop(0)]
            run.sleepers.turn(way.worker.number if cuts and way.worker else -1, note)
        table.i_go_on()
        choices.append(ways[0])
        return ways[0]

    choices: list[int] = []
    waiting: list[tuple[int, ...]] = [()]

    def finish(run: Scheduler, escaped: str) -> NoReturn:
        end(_told(run, choices, escaped=escaped))

    def end(told: Told) -> NoReturn:
        group.tell(told)
        group.let_go()
        leave()

    while waiting:
        given, group = waiting.pop(), ProcessGroup(program.sources.folder)
        try:
            group.start(lambda: execution.play(program, case, choose, places, finish))
            for message in group.hear(limit, table.who_goes_on):
                if isinstance(message, _Later):
                    waiting.append(message.choices)
                else:
                    assert isinstance(message, tuple)
                    yield _leaf(message)
        finally:
            group.end()


def follow(
    program: Program,
    case: Case,
    places: Places,
    choices: Sequence[int],
    *,
    record: bool = False,
    stop: int | None = None,
) -> Recorded:
    """One run that takes these choices, and the first option behind them. Raises Stuck, and Over once `stop`
    can be read.
    """
    group = ProcessGroup(program.sources.folder)
    taken: list[int] = []

    def choose(_run: Scheduler, _worker: Worker, options: Sequence[Option], _costly: bool) -> int:
        if not taken:
            group.is_ready(was_started=started() is not None)
        place = choices[len(taken)] if len(taken) < len(choices) else 0
        place = place if place < len(options) else 0
        taken.append(place)
        return place

    def finish(run: Scheduler, escaped: str) -> NoReturn:
        leaf = _leaf(_told(run, taken, escaped=escaped))
        recorder = run.observer
        if not isinstance(recorder, Recorder):
            group.tell(Recorded(leaf, (), (), (), (), (), (), ()))
        else:
            stands = recorder.stands()
            group.tell(
                Recorded(
                    leaf,
                    tuple(recorder.steps),
                    tuple(recorder.decisions),
                    stands,
                    recorder.stuck or stands,
                    recorder.all_crashes(),
                    pairs(recorder.steps, recorder.knew),
                    tuple((run.sources.short(f), lines) for f, lines in run.sources.lines.items()),
                ),
            )
        leave()

    try:
        observer = Recorder(program.sources) if record else None
        group.start(lambda: execution.play(program, case, choose, places, finish, observer))
        message = next(group.hear(Limit(stop=stop), lambda: 0), None)
    finally:
        group.end()
    if not isinstance(message, Recorded):
        raise Stuck("a run ended without a word")
    return message


def _is_within(level: int, run: Scheduler, option: Option) -> bool:
    """Whether this way has no more preemptions than that, and no more long waits that run out early."""
    if option.is_long and (not level or run.long_waits >= LONG_WAITS):
        return False
    return run.preemptions + option.cost <= level


def _told(run: Scheduler, choices: Sequence[int], *, cut: bool = False, escaped: str = "") -> Told:
    """What a run tells when it ends: a leaf's fields, as plain data."""
    learnt, events = run.learnt, () if cut else run.environment.transcript()
    is_beyond = bool(events) and events[-1].kind == "limit"
    if (escaped or is_beyond) and (where := frames.here(run.sources)):
        place = at((run.sources.short(where[0].f_code.co_filename), where[0].f_lineno))
        if is_beyond:
            events = (*events[:-1], replace(events[-1], line=events[-1].line + place))
        else:
            escaped += place
    return (
        cut, tuple(choices), run.preemptions, tuple(learnt.racy - run.places.racy),
        tuple(learnt.shared - run.places.shared),
        tuple([(e.n, e.t_ms, e.kind, e.line, e.status, e.left) for e in events]),
        0 if cut else run.trace(), escaped, run.crashes, run.decisions,
        run.has_long_waits, run.long_waits,
    )  # fmt: skip


def _leaf(told: Told) -> Leaf:
    cut, choices, preemptions, racy, shared, events, *rest = told
    transcript = tuple(Event(*event) for event in events)
    return Leaf(cut, choices, preemptions, frozenset(racy), frozenset(shared), transcript, *rest)

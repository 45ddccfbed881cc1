"""One run: a node's workers take turns, one at a time, and at each point a chooser says who goes on.

Workers are greenlets in one thread of the system. A worker calls `step` before it does what others may
see; there it may lose its turn, wait, or time out. Nothing here knows threads, queues or loops: what stands
in for those calls `step`, and says by what a worker knows of the others.
"""

import sys
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Protocol

from greenlet import getcurrent, greenlet

from grader.explorer.happens import NO_LOCKS, Clock, Datum, Sync, join, mix

if TYPE_CHECKING:
    from grader.explorer.loading import Program
    from grader.explorer.recorder import Recorder
    from grader.explorer.world import World

MAX_STEPS = 60_000  # of one run; more is a loop that never ends
SPIN = 1_000  # points at which a worker went on, before it must give way for once
START = 1_000.0  # the virtual clock, in seconds
SOON = 0.3  # seconds: a timeout so near may run out though others could go on

Key = tuple[Hashable, ...]  # where a lock or queue was made: the same in every run


class Thing(Protocol):
    """What a worker waits for or uses: a lock, a queue, the input."""

    @property
    def label(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Named:
    """A thing that is no more than its name."""

    label: str


@dataclass(slots=True)
class Places:
    """What earlier runs have taught: where workers race, and what they share. There stand the points."""

    racy: set[int] = field(default_factory=set)  # sites of accesses
    shared: set[Key] = field(default_factory=set)  # locks, queues, … used by more than one worker

    def missing(self, other: "Places") -> bool:
        """Whether `other` knows a place that isn't known here."""
        return not (other.racy <= self.racy and other.shared <= self.shared)

    def learn(self, other: "Places") -> None:
        self.racy |= other.racy
        self.shared |= other.shared


class Worker:
    """A thread of the node's."""

    __slots__ = (
        "clock", "daemon", "deadline", "doing", "end", "greenlet", "held", "locks", "made", "name", "number",
        "path", "ready", "seen", "spin", "state", "thread", "timed_out", "twin", "waited",
    )  # fmt: skip

    def __init__(self, number: int, path: str, name: str) -> None:
        self.number, self.path, self.name = number, path, name
        self.state: Literal["ready", "waits", "ended"] = "ready"
        self.clock: Clock = {number: 1}
        self.seen = mix("worker", path)  # hash of all that it has done and seen
        self.made = 0  # workers that it started
        self.ready: Callable[[], bool] | None = None  # what it waits for
        self.deadline: float | None = None
        self.timed_out = False
        self.doing: tuple[str, Thing | None] = ("start", None)
        self.held: list[Any] = []  # locks, in the order in which they were taken
        self.locks = NO_LOCKS
        self.end = Sync()
        self.spin = 0
        self.waited: Thing | None = None  # for what, before the step that it is about to make
        self.daemon = False
        self.twin: Hashable = None  # workers of the same twin that have done nothing yet are alike
        self.thread: Any = None
        self.greenlet: greenlet

    def tick(self) -> None:
        self.clock[self.number] += 1


@dataclass(frozen=True, slots=True)
class Option:
    """One way to go on: this worker, this much of the input, or this worker's timeout now."""

    kind: Literal["turn", "arrival", "timeout"]
    name: str
    cost: int
    worker: Worker | None = None


Chooser = Callable[["Scheduler", Worker, Sequence[Option], bool], int]


class Scheduler:
    """The state of one run. `finish` ends the process that makes it, and never returns."""

    def __init__(
        self,
        world: "World",
        choose: Chooser,
        places: Places,
        finish: Callable[["Scheduler", str], NoReturn],
        program: "Program",
        recorder: "Recorder | None" = None,
    ) -> None:
        self.world, self.choose, self.places, self.finish = world, choose, places, finish
        self.program, self.sources = program, program.sources
        self.recorder = recorder
        self.workers: list[Worker] = []
        self.now = START
        self.steps = 0
        self.preemptions = 0
        self.decisions = 0
        self.quiet = 0  # while it is not 0, nobody loses a turn
        self.touching = -1  # the site of the access that the current worker is about to make
        self.takes_arrivals = False  # an event loop reads: how much has arrived is a choice
        self.learnt = Places()
        self.data: dict[int, tuple[object, dict[Hashable, Datum]]] = {}  # by id; the owner is kept alive
        self.data_count = 0
        self.made = 0  # locks
        # Of alike workers, by what they run: its owner, which is kept alive, and where the first was born.
        self.families: dict[Hashable, tuple[object, str]] = {}
        self.crashes: list[tuple[Worker, BaseException]] = []
        main = Worker(0, "m", "main")
        main.greenlet = getcurrent()
        self.workers.append(main)
        self.current = main
        self.starter = greenlet(self._start, parent=main.greenlet)
        self.starter.switch()

    # Workers.

    def spawn(
        self,
        work: Callable[[], None],
        name: str,
        *,
        daemon: bool,
        twin: Hashable = None,
        last: Callable[[], object] = lambda: None,
    ) -> Worker:
        """A new worker, ready to run. The one that starts it goes on. `last` is done when it has ended."""
        parent = self.current
        worker = Worker(len(self.workers), f"{parent.path}.{parent.made}", name)
        parent.made += 1
        join(worker.clock, parent.clock)
        parent.tick()
        worker.seen = mix("born", parent.seen, worker.path) if twin is None else mix("twin", twin)
        parent.seen = mix("start", parent.seen)
        worker.daemon, worker.twin = daemon, twin
        self.workers.append(worker)

        def live() -> None:
            if self.recorder:
                self.recorder.note("start", value=parent.name)
            try:
                work()
            except SystemExit:
                pass
            except BaseException as error:
                self.crash(error)
            if self.recorder:
                self.recorder.note("end")
            last()
            self._end(worker)

        worker.greenlet = greenlet(live, parent=self.workers[0].greenlet)
        return worker

    def crash(self, error: BaseException, *, is_told: bool = True) -> None:
        """The current worker dies of this. `is_told`: Python says so on stderr."""
        self.crashes.append((self.current, error))
        if self.recorder:
            self.recorder.crash(self.current, error)
        if is_told:
            self.world.say_error(error, None if self.current.number == 0 else self.current.name)

    def _end(self, worker: Worker) -> None:
        worker.state = "ended"
        worker.tick()
        join(worker.end.clock, worker.clock)
        worker.end.seen = worker.seen = mix("end", worker.seen)
        self._give_way(worker, free=True)

    # Steps.

    def step(
        self,
        doing: str,
        thing: Thing | None = None,
        *,
        ready: Callable[[], bool] | None = None,
        timeout: float | None = None,
        point: bool = True,
        free: bool = False,
        aside: bool = False,
    ) -> bool:
        """The current worker is about to do something; returns when it may, False if it timed out.

        `ready` is what it needs (nothing, if there is none), `timeout` how long it waits for that, in
        seconds. Without `point` it goes on at once if it can. `free`: to switch here is no preemption.
        `aside`: it lets others go first, if there are any.
        """
        worker = self.current
        self.steps += 1
        if self.steps > MAX_STEPS:
            self.finish(self, "a loop that never ends")
        worker.spin += 1
        can = ready is None or ready()
        worker.waited = None
        if can and (self.quiet or (not point and not free and worker.spin < SPIN)):
            return True
        worker.doing = doing, thing
        worker.timed_out = False
        if ready is not None:
            # Also when it could go on: once it has lost its turn it must find it still true.
            worker.state, worker.ready = "waits", ready
            worker.deadline = None if timeout is None else self.now + max(0.0, timeout)
            if not can:
                worker.waited = thing
                if worker.deadline is not None:
                    worker.seen = mix("at", worker.seen, self.time)
        spins = worker.spin >= SPIN
        if spins:
            worker.spin = 0
        self._give_way(worker, free=free or not can or spins, aside=aside or spins)
        worker.ready = worker.deadline = None
        if worker.timed_out:
            worker.timed_out = False
            worker.seen = mix("timed out", worker.seen)
            if ready is not None and ready():
                return True  # what it waited for has come in the last moment
            if self.recorder:
                self.recorder.note("fire", thing)
            return False
        return True

    def _give_way(self, worker: Worker, *, free: bool, aside: bool = False) -> None:
        while not (able := [w for w in self.workers if self._can_go(w)]):
            self._let_time_pass()
        goes_on = worker in able
        if aside and len(able) > 1 and goes_on:
            able.remove(worker)
            goes_on = False
        able.sort(key=lambda w: w.path)
        if goes_on:
            able.remove(worker)
            able.insert(0, worker)
        able = _without_twins(able)
        cost = 1 if goes_on and not free else 0
        options = [Option("turn", w.name, cost if place else 0, w) for place, w in enumerate(able)]
        options += self._early(able)
        option = options[0]
        if len(options) > 1 and not self.world.is_over:
            option = self.decide(worker, options, cost > 0)
        chosen = option.worker
        assert chosen is not None
        if option.kind == "timeout":
            self._fire(chosen)
        chosen.state = "ready"
        if chosen is not worker:
            if self.recorder:
                self.recorder.switched(worker, preempted=goes_on and not free)
            worker.spin = 0
            self.current = chosen
            (chosen.greenlet if chosen.greenlet else self.starter).switch()

    def _start(self) -> None:
        """Begin workers, in a greenlet of its own: a new one's stack counts from where it was begun, and each
        may have been begun by the one before it.
        """
        self.workers[0].greenlet.switch()
        while True:
            self.current.greenlet.switch()

    def decide(self, worker: Worker, options: Sequence[Option], costly: bool) -> Option:
        """Ask the chooser; its option. `costly`: all but the first are preemptions."""
        place = self.choose(self, worker, options, costly)
        self.decisions += 1
        option = options[place]
        self.preemptions += option.cost
        if self.recorder:
            self.recorder.decided(worker, options, place)
        return option

    def is_promise(self) -> bool:
        """Whether a switch at this point is one that today's Python never makes, though nothing forbids it."""
        return self.touching >= 0 and not self.program.sites[self.touching].today

    def tasks(self) -> list[Any]:
        """The tasks of the node's event loops that have not ended."""
        if "asyncio" not in sys.modules or not self.takes_arrivals:
            return []
        from grader.explorer import loop

        return loop.tasks()

    def task(self) -> Any:
        """The task that the current worker runs, if it runs one."""
        if not self.takes_arrivals:
            return None
        from grader.explorer import loop

        return loop.task()

    def _can_go(self, worker: Worker) -> bool:
        if worker.state == "waits":
            return worker.ready is not None and worker.ready()
        return worker.state == "ready"

    def _early(self, able: list[Worker]) -> list[Option]:
        """The nearest timeout, if it is so near that it may run out though somebody could go on."""
        waiting = [w for w in self.workers if w.deadline is not None and w.state == "waits" and w not in able]
        if not waiting:
            return []
        first = min(waiting, key=lambda w: (w.deadline, w.path))
        assert first.deadline is not None
        if first.deadline - self.now > SOON or first.timed_out:
            return []
        return [Option("timeout", first.name, 1, first)]

    def _fire(self, worker: Worker) -> None:
        assert worker.deadline is not None
        self.now = max(self.now, worker.deadline)
        worker.timed_out = True
        worker.deadline = None

    def _let_time_pass(self) -> None:
        """Nobody can go on: the next thing that the clock brings, a timeout or what the world does."""
        waiting = [w for w in self.workers if w.state == "waits" and w.deadline is not None]
        world = self.world.next_time()
        times = [time for time in (world, *(w.deadline for w in waiting)) if time is not None]
        if not times:
            self.finish(self, "")
        self.now = max(self.now, min(times))
        for worker in waiting:
            if worker.deadline is not None and worker.deadline <= self.now:
                self._fire(worker)
                worker.state = "ready"
        if world is not None and world <= self.now:
            self.world.time_has_come()

    # What a worker knows.

    @property
    def time(self) -> float:
        return round(self.now, 3)

    def use(self, sync: Sync, key: Key) -> bool:
        """The current worker uses this; whether it is known to be shared, so that here is a point."""
        sync.users.add(self.current.number)
        if len(sync.users) > 1:
            if key in self.places.shared:
                return True
            self.learnt.shared.add(key)
        return key in self.places.shared

    def meet(self, sync: Sync, what: Hashable) -> None:
        """The current worker and `sync` now know the same."""
        worker = self.current
        join(worker.clock, sync.clock)
        sync.clock = dict(worker.clock)
        worker.tick()
        worker.seen = sync.seen = mix(what, worker.seen, sync.seen)

    def leave(self, sync: Sync, what: Hashable) -> None:
        """`sync` now knows what the current worker knows, but the worker learns nothing."""
        worker = self.current
        join(sync.clock, worker.clock)
        worker.tick()
        worker.seen = sync.seen = mix(what, worker.seen, sync.seen)

    def order(self, sync: Sync, what: Hashable) -> None:
        """The order of what is done to `sync` matters, but nobody learns from it what others did before."""
        worker = self.current
        worker.seen = sync.seen = mix(what, worker.seen, sync.seen)

    def observe(self, sync: Sync, what: Hashable) -> None:
        """The current worker sees what has been done to `sync`, and leaves no trace there."""
        worker = self.current
        worker.seen = mix(what, worker.seen, sync.seen)

    def note_seen(self, *what: Hashable) -> None:
        """The current worker has done or seen this, and in which order with others is no matter."""
        self.current.seen = mix(*what, self.current.seen)

    def serial(self) -> int:
        """A number for the next lock."""
        self.made += 1
        return self.made

    def hear(self, clock: Clock, seen: Hashable) -> None:
        """The current worker has got a message from one who knew this."""
        worker = self.current
        join(worker.clock, clock)
        worker.tick()
        worker.seen = mix("heard", worker.seen, seen)

    def tell(self) -> tuple[Clock, int]:
        """What the current worker knows, to be sent along with a message."""
        clock = dict(self.current.clock)
        self.current.tick()
        return clock, self.current.seen

    def datum(self, owner: object, name: Hashable) -> tuple[Datum, dict[Hashable, Datum]]:
        """What is known of this place in memory, and of the others that the same object owns."""
        entry = self.data.get(id(owner))
        if entry is None:
            entry = self.data[id(owner)] = owner, {}
        known = entry[1]
        datum = known.get(name)
        if datum is None:
            datum = known[name] = Datum(self.data_count)
            self.data_count += 1
        return datum, known

    def access(self, owner: object, name: Hashable, site: int, *, reads: bool, writes: bool) -> Datum:
        """The current worker is about to touch `name` of `owner`; `WHOLE` overlaps with every name."""
        if site in self.places.racy:
            self.touching = site
            self.step("touch")
            self.touching = -1
        worker = self.current
        datum, known = self.datum(owner, name)
        races = datum.touch(worker.number, worker.clock, worker.locks, site, reads=reads, writes=writes)
        around: Hashable = 0
        if name is WHOLE:
            around = tuple(d.history for d in known.values() if d is not datum)
            for other in known.values():
                if other is not datum and other.only != worker.number:
                    races |= self._overlaps(other, datum, site, reads, writes)
        elif WHOLE in known:
            whole = known[WHOLE]
            around = whole.history
            if whole.only != worker.number:
                races |= self._overlaps(whole, datum, site, reads, writes)
        if races and site not in self.places.racy:
            self.learnt.racy |= datum.sites
        worker.seen = mix(site, worker.seen, datum.history, around)
        if writes:
            datum.history = worker.seen
        return datum

    def _overlaps(self, other: Datum, datum: Datum, site: int, reads: bool, writes: bool) -> bool:
        worker = self.current
        before = set(other.sites)
        races = other.touch(worker.number, worker.clock, worker.locks, site, reads=reads, writes=writes)
        if races and not before <= self.places.racy:
            self.learnt.racy |= before | datum.sites
        return races

    def key(self, current: Worker | None) -> int:
        """A hash of the state: what each worker has seen, what is on its way, whose turn it is."""
        total = 0
        for worker in self.workers:
            total += mix(worker.seen, worker.state == "ended", worker.timed_out)
        return mix(total & ((1 << 64) - 1), current.seen if current else None, self.time, self.world.key())

    def trace(self) -> int:
        """A hash of the whole run, once it is over: independent steps may have come in any order."""
        return mix(sum(mix(worker.seen) for worker in self.workers) & ((1 << 64) - 1), self.world.key())


class _Whole:
    """The name of all that a container holds."""

    def __repr__(self) -> str:
        return "WHOLE"


WHOLE = _Whole()


def _without_twins(able: list[Worker]) -> list[Worker]:
    """Of workers that are alike, the first stands for all."""
    if len(able) < 3:
        return able
    seen: set[int] = set()
    kept: list[Worker] = []
    for worker in able:
        if worker.twin is not None:
            if worker.seen in seen:
                continue
            seen.add(worker.seen)
        kept.append(worker)
    return kept

"""One run under one schedule: workers run one at a time, and at each scheduling point a chooser picks the next.

Workers are greenlets in one thread of the system. A worker calls `step` before each visible operation; there it
may be preempted, block, or time out. Nothing here knows threads, queues or event loops: their stand-ins call
`step`, and say in `happens_before` what became ordered.
"""

from collections.abc import Callable, Hashable, Sequence
from operator import attrgetter
from typing import NoReturn

from greenlet import getcurrent, greenlet

from grader.explorer.runtime.happens_before import Knowledge
from grader.explorer.runtime.interfaces import Environment, NullObserver, Observer, Program
from grader.explorer.runtime.vector_clocks import MASK, Datum, join, mix
from grader.explorer.runtime.worker import Option, Places, Thing, Worker

MAX_STEPS = 60_000  # of one run; more is a loop that never ends
SPIN = 1_000  # scheduling points that a worker may pass in a row, before it is made to yield once
START = 1_000.0  # the virtual clock, in seconds
TIE = 5e-4  # seconds: what is due within so little time is due at once
# Timeouts, in seconds. One that is due within SOON may run out though others could go on, as one preemption.
# That of a wait of less than LATER may, too, but counts by itself (`long_waits`), and few of them are tried.
SOON = 0.3
LATER = 1.0

DEADLINES = object()  # stands for who waits until when
_PATH, _DEADLINE = attrgetter("path"), attrgetter("deadline", "path")

Chooser = Callable[["Scheduler", Worker, Sequence[Option], bool], int]


class Scheduler(Knowledge):
    """The state of one run. `finish` ends the process that makes it, and never returns."""

    def __init__(
        self,
        environment: Environment,
        choose: Chooser,
        places: Places,
        finish: Callable[["Scheduler", str], NoReturn],
        program: Program,
        observer: Observer | None = None,
        *,
        asks_always: bool = False,
    ) -> None:
        main = Worker(0, "m", "main")
        main.greenlet = getcurrent()
        super().__init__(main, places)
        self.environment, self.choose, self.finish = environment, choose, finish
        self.program, self.sources = program, program.sources
        self.observer: Observer = observer or NullObserver()
        self.asks_always = asks_always  # also where only one can go on
        self.now = START
        self.steps = 0
        self.preemptions = 0
        self.long_waits = 0  # that ran out though others could go on
        self.has_long_waits = False  # whether one might have
        self.decisions = 0
        self.quiet = 0  # while it is not 0, there are no scheduling points
        self.touching = -1  # the site of the current worker's pending access
        self.takes_arrivals = False  # an event loop reads: how much input has arrived is a choice
        # Symmetric workers, by what they run: its owner, which is kept alive, and where the first was started.
        self.families: dict[Hashable, tuple[object, str]] = {}
        self.crashes = 0  # the exceptions are not kept: they would keep alive what their frames know
        self.starter = greenlet(self._start, parent=main.greenlet)
        self.starter.switch()

    def settle(self) -> None:
        """What is done next may go another way, or leave something behind, in another run of this program.

        Until then a run may be the beginning of all (see `search.started`).
        """

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
        """A new worker, enabled. Its parent goes on. `last` is called when the new worker has ended."""
        self.settle()
        parent = self.current
        worker = Worker(len(self.workers), f"{parent.path}.{parent.made}", name)
        parent.made += 1
        join(worker.clock, parent.clock)
        parent.tick()
        worker.seen = mix("born", parent.seen, worker.path) if twin is None else mix("twin", twin)
        parent.seen = mix("start", parent.seen)
        worker.daemon, worker.twin = daemon, twin
        self.workers.append(worker)
        self.by_path = sorted((*self.by_path, worker), key=_PATH)

        def live() -> None:
            self.observer.note("start", value=parent.name)
            try:
                work()
            except SystemExit:
                pass
            except BaseException as error:
                self.crash(error)
            worker.end.is_early = worker.begun_by is not None
            self.observer.note("end")
            last()
            self._end(worker)

        worker.greenlet = greenlet(live, parent=self.workers[0].greenlet)
        return worker

    def begin(self, worker: Worker) -> None:
        """Run a new worker up to its first scheduling point at once. Nothing before its first visible operation
        can be observed, so no scheduling point is needed there. For those who start threads.
        """
        if self.quiet:
            return
        worker.begun_by = self.current
        self.current = worker
        self.starter.switch()

    def be_seen(self) -> None:
        """The current worker is about to be visible: if it was just begun, its parent goes on first."""
        worker = self.current
        if worker.begun_by is not None:
            self.current, worker.begun_by = worker.begun_by, None
            self.current.greenlet.switch()

    def crash(self, error: BaseException, *, is_told: bool = True) -> None:
        """The current worker ends with this uncaught exception. `is_told`: Python reports it on stderr."""
        self.crashes += 1
        self.observer.crash(self.current, error)
        if is_told:
            self.environment.say_error(error, None if self.current.number == 0 else self.current.name)

    def _end(self, worker: Worker) -> None:
        worker.state = "ended"
        worker.tick()
        self.sleepers.touch(worker.end)
        join(worker.end.clock, worker.clock)
        worker.end.seen = worker.seen = mix("end", worker.seen)
        self._give_way(worker, free=True)

    # Steps.

    def access(self, owner: object, name: Hashable, site: int, *, reads: bool, writes: bool) -> Datum:
        """The current worker is about to access `name` of `owner`: a scheduling point, at sites that race."""
        if site in self.places.racy:
            self.touching = site
            self.step("touch")
            self.touching = -1
        return self.touch(owner, name, site, reads=reads, writes=writes)

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
        writes: bool = True,
    ) -> bool:
        """A scheduling point before a visible operation; returns when it may proceed, False if it timed out.

        `ready` is the condition on which it is enabled (none: always), `timeout` how long it waits for that, in
        seconds. Without `point` it proceeds at once if it is enabled. `free`: a switch here is no preemption.
        `aside`: it yields to the others, if any are enabled. Without `writes` the operation only reads `thing`.
        """
        worker = self.current
        self.steps += 1
        if self.steps > MAX_STEPS:
            self.finish(self, "a loop that never ends")
        worker.steps += 1
        worker.spin += 1
        can = ready is None or ready()
        worker.waited = None
        if not can and timeout and not free and not self.quiet:
            can = self._looks_at_the_clock(worker, (doing, thing), ready, timeout)
        if not can:
            self.sleepers.wake(thing)
        if can and (self.quiet or (not point and not free and worker.spin < SPIN)):
            if thing is not None:
                self.sleepers.touch(thing, writes=writes)
            return True
        worker.doing = doing, thing
        worker.timed_out = False
        if ready is not None:
            # Also when it is enabled: after a preemption the condition may not hold any more.
            worker.state, worker.ready = "waits", ready
            worker.timeout = timeout
            worker.deadline = None if timeout is None else self.now + max(0.0, timeout)
            if not can:
                worker.waited = thing
        spins = worker.spin >= SPIN
        if spins:
            worker.spin = 0
        self._give_way(worker, free=free or not can or spins, aside=aside or spins)
        worker.ready = worker.deadline = None
        if worker.timed_out:
            worker.timed_out = False
            worker.seen = mix("timed out", worker.seen)
            if ready is not None and ready():
                return True  # the condition became true at the last moment
            self.observer.note("fire", thing)
            return False
        if thing is not None:
            self.sleepers.touch(thing, writes=writes)
        elif ready is not None:
            self.sleepers.touch_all()
        return True

    def _looks_at_the_clock(
        self,
        worker: Worker,
        doing: tuple[str, Thing | None],
        ready: Callable[[], bool] | None,
        timeout: float,
    ) -> bool:
        """A scheduling point before a wait with a deadline, if time may pass before: it would be over later.

        Returns whether it need not wait any more.
        """
        self.sleepers.touch(DEADLINES, writes=timeout < LATER or doing[0] == "sleep")
        waiting = [other for other in self._who_can_go()[1] if other is not worker]
        if waiting and self._early(waiting) is not None:
            worker.doing = doing
            self._give_way(worker, free=False)
        return ready is None or ready()

    def _give_way(self, worker: Worker, *, free: bool, aside: bool = False) -> None:
        if worker.begun_by is not None:
            self.be_seen()
            return
        able, waiting = self._who_can_go()
        while not able:
            self._let_time_pass()
            able, waiting = self._who_can_go()
        goes_on = worker in able
        if aside and len(able) > 1 and goes_on:
            able.remove(worker)
            goes_on = False
            if worker.deadline is not None and worker.state == "waits":
                waiting.append(worker)
        if goes_on and able[0] is not worker:
            able.remove(worker)
            able.insert(0, worker)
        early = self._early(waiting) if waiting else None
        if len(able) > 2:
            able = _without_twins(able)
        cost = 1 if goes_on and not free else 0
        if self.sleepers.watches:
            self.sleepers.point(free=not cost)
        chosen = able[0]
        is_choice = (len(able) > 1 or early is not None or self.asks_always) and not self.environment.is_over
        if is_choice or chosen.number in self.sleepers.touched:
            options = [Option("turn", w.name, 0 if w is chosen else cost, w) for w in able]
            if early is not None:
                options.append(early)
            option = self.decide(worker, options, cost > 0)
            assert option.worker is not None
            chosen = option.worker
            if option.kind == "timeout":
                self._fire(chosen)
        chosen.state = "ready"
        if chosen is not worker:
            self.observer.switched(worker, preempted=goes_on and not free)
            worker.spin = 0
            self.current = chosen
            (chosen.greenlet if chosen.greenlet else self.starter).switch()

    def _start(self) -> None:
        """Starts workers, from a greenlet of its own: the depth of a new worker's stack counts from where it
        was started, and workers may be started by one another in a chain.
        """
        self.workers[0].greenlet.switch()
        while True:
            self.current.greenlet.switch()

    def decide(self, worker: Worker, options: Sequence[Option], costly: bool) -> Option:
        """The option that the chooser picks. `costly`: all but the first are preemptions."""
        place = self.choose(self, worker, options, costly)
        self.decisions += 1
        option = options[place]
        self.preemptions += option.cost
        self.long_waits += option.is_long
        self.observer.decided(worker, options, place)
        return option

    def sleeps(self, option: Option) -> bool:
        """Whether this option is in the sleep set."""
        return option.kind == "turn" and option.worker is not None and option.worker.number in self.sleepers

    def is_promise(self) -> bool:
        """Whether CPython never switches here today, though the language permits it."""
        return self.touching >= 0 and not self.program.sites[self.touching].today

    def _who_can_go(self) -> tuple[list[Worker], list[Worker]]:
        """The enabled workers, and of the blocked ones those with a deadline."""
        able: list[Worker] = []
        waiting: list[Worker] = []
        for worker in self.by_path:
            if worker.state == "ready":
                able.append(worker)
            elif worker.state == "waits":
                if worker.ready is not None and worker.ready():
                    able.append(worker)
                elif worker.deadline is not None:
                    waiting.append(worker)
        return able, waiting

    def _early(self, waiting: list[Worker]) -> Option | None:
        """The nearest timeout, if it is so near that it may run out though somebody could go on.

        Not one of a second or more: that is how long a node waits for a peer, and while it does everybody
        else gets on. But who sleeps knows of nobody, for however long.
        """
        first = min(waiting, key=_DEADLINE)
        assert first.deadline is not None
        assert first.timeout is not None
        if first.timed_out:
            return None
        if first.deadline - self.now <= SOON:
            return Option("timeout", first.name, 1, first)
        if first.timeout < LATER or first.doing[0] == "sleep":
            self.has_long_waits = True
            return Option("timeout", first.name, 0, first, is_long=True)
        return None

    def _fire(self, worker: Worker) -> None:
        assert worker.deadline is not None
        self.sleepers.touch_all()
        self.now = max(self.now, worker.deadline)
        worker.timed_out = True
        worker.deadline = None

    def _let_time_pass(self) -> None:
        """Nobody is enabled: advance the virtual clock to the next timeout or action of the environment."""
        waiting = [w for w in self.workers if w.state == "waits" and w.deadline is not None]
        due = self.environment.next_time()
        times = [time for time in (due, *(w.deadline for w in waiting)) if time is not None]
        if not times:
            self.finish(self, "")
        self.now = max(self.now, min(times))
        self.sleepers.touch_all()
        for worker in waiting:
            if worker.deadline is not None and worker.deadline <= self.now + TIE:
                self._fire(worker)
                worker.state = "ready"
        if due is not None and due <= self.now:
            self.environment.time_has_come()

    # Time and states.

    @property
    def time(self) -> float:
        return round(self.now, 3)

    def key(self, current: Worker | None) -> int:
        """A hash of the state: each worker's happens-before history, messages in flight, whose turn it is."""
        turn = current.seen if current else None
        return hash((self.contents() & MASK, turn, self.time, self.long_waits, self.environment.key())) & MASK

    def trace(self) -> int:
        """A hash of the finished run, the same for all orders of independent steps: its Mazurkiewicz trace."""
        return mix(self.history() & MASK, self.environment.key())


def _without_twins(able: list[Worker]) -> list[Worker]:
    """Symmetry reduction: of workers that are alike, the first stands for all."""
    seen: set[tuple[int, float | None]] = set()
    kept: list[Worker] = []
    for worker in able:
        if worker.twin is not None:
            if (worker.seen, worker.deadline) in seen:
                continue
            seen.add((worker.seen, worker.deadline))
        kept.append(worker)
    return kept

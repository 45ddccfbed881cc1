"""The plain explorer: every schedule of a tiny program with so many preemptions, each from its start.

It has nothing to be wrong in: no reduction, no table of states, no sleepers, no list of what is watched. Before
every bytecode instruction of the program another thread may go on, and so before each call of a primitive. The
threads are greenlets, and switch from within what traces them.
"""

import asyncio
import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from greenlet import getcurrent, greenlet

from tests.explorer.oracle.program import FILE, HANDLER, Outcome, Program

SOON = 0.3  # seconds: a wait so short may run out though others could go on, as one preemption
LATER = 1.0  # seconds: so may a longer one, up to this, but only once in a run; a sleep of any length
LONG_WAITS = 1
COLLECTED = 200  # runs, after which what is left of them is collected
MOST_STEPS = 20_000  # of a run: more is a loop that never ends
HAS_MONITORING = sys.version_info >= (3, 12)
TOOL = 3  # of sys.monitoring, one that nobody else has


class Ended(SystemExit):
    """The run is over: whoever still waits in it is unwound, tasks included, which keep other exceptions."""


class TooMany(Exception):
    """The program has more schedules than were to be run."""


@dataclass(slots=True, eq=False)
class Thread:
    """One thread of a run, and what it waits for."""

    place: int
    greenlet: greenlet
    ready: Callable[[], bool] | None = None  # what it waits for; None: it can go on
    deadline: float | None = None
    is_sleep: bool = False
    timed_out: bool = False
    has_ended: bool = False

    def can_go(self) -> bool:
        return not self.has_ended and (self.ready is None or self.timed_out or self.ready())


@dataclass(frozen=True, slots=True)
class Option:
    """One way to go on: whose turn it is, or whose time is up first; and what it costs."""

    thread: Thread
    preemptions: int = 0
    long_waits: int = 0
    is_timeout: bool = False


class Run:
    """One run: takes the choices that are given, then the first option at each; `choices` are all of them."""

    def __init__(self, given: Sequence[int], most: int) -> None:
        self.given, self.most = given, most
        self.choices: list[int] = []
        self.widths: list[int] = []  # how many options there were at each
        self.threads: list[Thread] = []
        self.current: Thread
        self.preemptions = self.long_waits = self.steps = 0
        self.now = 0.0
        self.is_over = False
        self.hub = getcurrent()

    # Called by whoever has the turn.

    def spawn(self, work: Callable[[], None]) -> Thread:
        def live() -> None:
            if not HAS_MONITORING:
                sys.settrace(_traced)
            with suppress(BaseException):  # of which a thread dies, and others hear nothing of it
                work()
            if not self.is_over:
                thread.has_ended = True
                with suppress(Ended):
                    self._go_on(thread)

        thread = Thread(len(self.threads), greenlet(live, parent=self.hub))
        self.threads.append(thread)
        return thread

    def wait(self, ready: Callable[[], bool], timeout: float | None = None, *, is_sleep: bool = False) -> bool:
        """The current thread goes on once it may, or once its time is up; then this is False."""
        me = self.current
        if ready():
            return True
        me.ready, me.timed_out, me.is_sleep = ready, False, is_sleep
        me.deadline = None if timeout is None else self.now + max(0.0, timeout)
        self._go_on(me)
        me.ready = me.deadline = None
        return not me.timed_out or ready()

    def step(self) -> None:
        """The current thread is about to do something: another may go first."""
        if self.is_over or self.current.greenlet is not getcurrent():
            return  # what is done at the end of a run, or before it, is nobody's step
        self.steps += 1
        if self.steps > MOST_STEPS:
            self.is_over = True
            _switch(self.hub)
        self._go_on(self.current)

    def _go_on(self, me: Thread) -> None:
        while not (options := self._options(me)):
            if not self._let_time_pass():
                self.is_over = True
                break
        if not self.is_over:
            option = options[self._choice(len(options))]
            self.preemptions += option.preemptions
            self.long_waits += option.long_waits
            if option.is_timeout:
                assert option.thread.deadline is not None
                self._time_is_up(option.thread, option.thread.deadline)
            if option.thread is me:
                return
            self.current = option.thread
        _switch(self.hub if self.is_over else option.thread.greenlet)
        if self.is_over:
            raise Ended

    def _options(self, me: Thread) -> list[Option]:
        """The ways to go on that are within the bound; the first one costs nothing."""
        able = [thread for thread in self.threads if thread.can_go()]
        if me in able:
            ways = [Option(me), *(Option(thread, 1) for thread in able if thread is not me)]
        else:
            ways = [Option(thread) for thread in able]
        waiting = [t for t in self.threads if t.deadline is not None and t not in able and not t.has_ended]
        if able and waiting:
            first = min(waiting, key=lambda t: (t.deadline, t.place))
            assert first.deadline is not None
            left = first.deadline - self.now
            if left <= SOON:
                ways.append(Option(first, 1, 0, is_timeout=True))
            elif left < LATER or first.is_sleep:
                ways.append(Option(first, 0, 1, is_timeout=True))
        return [
            way
            for way in ways
            if self.preemptions + way.preemptions <= self.most
            and self.long_waits + way.long_waits <= min(LONG_WAITS, self.most)
        ]

    def _choice(self, width: int) -> int:
        if width == 1:
            return 0
        place = len(self.choices)
        choice = self.given[place] if place < len(self.given) else 0
        self.choices.append(choice)
        self.widths.append(width)
        return choice

    def _let_time_pass(self) -> bool:
        """Nobody can go on: the first time that is up. False if there is none."""
        waiting = [t for t in self.threads if t.deadline is not None and not t.has_ended]
        if not waiting:
            return False
        now = min(t.deadline for t in waiting if t.deadline is not None)
        for thread in waiting:
            if thread.deadline is not None and thread.deadline <= now:
                self._time_is_up(thread, now)
        return True

    def _time_is_up(self, thread: Thread, now: float) -> None:
        self.now = max(self.now, now)
        thread.timed_out, thread.deadline = True, None

    # Called from outside.

    def begin(self, work: Callable[[], None]) -> None:
        """Do it in the first thread, and whatever comes of it, to the end."""
        self.current = self.spawn(work)
        _running[:] = [self]
        self.current.greenlet.switch()
        sys.settrace(None)
        self.is_over = True
        for thread in self.threads:
            if thread.greenlet:
                thread.greenlet.throw(Ended)
        _running.clear()


_running: list[Run] = []


def _switch(to: greenlet) -> None:
    """Go on there, where nothing is being traced at the moment, though it is here."""
    sys.call_tracing(to.switch, ())


def _traced(frame: FrameType, _event: str, _argument: object) -> Any:
    """For `sys.settrace`: each instruction of the program is a step."""
    if frame.f_code.co_filename != FILE or frame.f_code.co_name == "<module>":
        return None
    frame.f_trace_opcodes, frame.f_trace_lines = True, False
    return _instruction


def _instruction(_frame: FrameType, event: str, _argument: object) -> Any:
    if event == "opcode" and _running:
        _running[-1].step()
    return _instruction


def _monitored(_code: CodeType, _offset: int) -> None:
    """For `sys.monitoring`: the same. What is done between runs is no step."""
    if _running:
        _running[-1].step()


def _watch(code: CodeType) -> None:
    """For `sys.monitoring`: each instruction of this code and of what is defined in it is a step."""
    if HAS_MONITORING:
        monitoring = sys.monitoring
        if monitoring.get_tool(TOOL) is None:
            monitoring.use_tool_id(TOOL, "oracle")
            monitoring.register_callback(TOOL, monitoring.events.INSTRUCTION, _monitored)
        for inner in code.co_consts:
            if isinstance(inner, CodeType):
                monitoring.set_local_events(TOOL, inner, monitoring.events.INSTRUCTION)
                _watch(inner)


def play(program: Program, code: CodeType, given: Sequence[int], most: int) -> tuple[Run, Outcome]:
    """One run of the program, and what comes of it."""
    from tests.explorer.oracle import loop  # which know runs
    from tests.explorer.oracle.primitives import namespace

    run = Run(given, most)
    names = namespace(run)
    exec(code, names)
    results: list[list[object]] = [[] for _ in program.handlers]
    told: dict[str, object] = {}

    def handle(place: int) -> None:
        try:
            names[HANDLER.format(place)](results[place])
        except Exception as error:
            results[place].append(type(error).__name__)
        told[str(place)] = list(results[place])

    async def await_(place: int) -> None:
        try:
            await names[HANDLER.format(place)](results[place])
        except Exception as error:
            results[place].append(type(error).__name__)
        told[str(place)] = list(results[place])

    threads = []

    def start() -> None:
        for place in range(program.tasks, len(program.handlers)):
            threads.append(run.spawn(lambda place=place: handle(place)))
            run.step()

    async def begin() -> None:
        names["loop"] = asyncio.get_running_loop()
        start()
        await asyncio.gather(*[asyncio.create_task(await_(place)) for place in range(program.tasks)])

    def main() -> None:
        if program.tasks:
            loop.serve(run, begin)
        else:
            start()
        for thread in threads:
            run.wait(lambda thread=thread: thread.has_ended)
        told["end"] = names["end"]()

    run.begin(main)
    return run, program.outcome(told)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What can come of a program: each outcome with the fewest preemptions that it takes; in how many runs."""

    fewest: dict[Outcome, int]
    runs: int


def outcomes(program: Program, most: int, runs: int) -> Outcomes:
    """All outcomes with at most so many preemptions. Raises TooMany if that takes more than so many runs."""
    code = compile(program.text, FILE, "exec", dont_inherit=True)
    _watch(code)
    found: dict[Outcome, int] = {}
    count = 0
    gc.disable()  # it would end what is left of one run in the midst of another
    try:
        for run, outcome in _all(program, code, most):
            found[outcome] = min(run.preemptions, found.get(outcome, most))
            count += 1
            if count > runs:
                raise TooMany
            if count % COLLECTED == 0:
                gc.collect()
    finally:
        gc.enable()
    return Outcomes(found, count)


def _all(program: Program, code: CodeType, most: int) -> Iterator[tuple[Run, Outcome]]:
    waiting: list[tuple[int, ...]] = [()]
    while waiting:
        given = waiting.pop()
        run, outcome = play(program, code, given, most)
        yield run, outcome
        for place in range(len(given), len(run.choices)):
            waiting += [(*run.choices[:place], other) for other in range(1, run.widths[place])]

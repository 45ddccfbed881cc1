"""asyncio under the scheduler: its own loop, with a selector that asks what has arrived.

The order in which a loop runs ready callbacks is guaranteed, and kept. When a line arrives and when another
thread calls is not: those are choices.
"""

import asyncio
import asyncio.selector_events
import asyncio.unix_events
import builtins
import contextvars
import functools
import math
import os
import selectors
import sys
from collections import deque
from collections.abc import Mapping
from typing import Any

from grader.explorer.primitives.boundary import escape
from grader.explorer.primitives.readiness import is_noticed
from grader.explorer.primitives.stdio import Input, number_of
from grader.explorer.runtime import originals, tasks
from grader.explorer.runtime.context import is_running, scheduler
from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.scheduler import SOON
from grader.explorer.runtime.vector_clocks import Sync
from grader.explorer.runtime.worker import Named, Option

NOTHING_TO_DO = Named(Resource.LOOP, "something to do in the event loop")
KEY = ("event loop",)
IDLE = 400  # rounds without a wait: then time goes on, lest a busy loop never end


class Selector(selectors._BaseSelectorImpl):  # type: ignore[name-defined, misc, unused-ignore]
    """Knows stdin, which may have something to read, and stdout, which always takes more."""

    def __init__(self) -> None:
        super().__init__()
        self.woken = False  # by another thread
        self.sync = Sync()
        self.rounds = 0
        self.reading: deque[tuple[Any, Any]] = deque()  # futures of reads of stdin, and how each reads

    def register(self, fileobj: Any, events: int, data: Any = None) -> Any:
        if is_running() and number_of(fileobj) not in (0, 1):  # another pipe: what is in it is not known here
            escape("selectors.register")()
        return super().register(fileobj, events, data)

    def read(self, loop: Any, function: Any) -> Any:
        """A future of what `function` reads from stdin: an arrival, though a thread would wait for it."""
        future = loop.create_future()
        self.reading.append((future, function))
        return future

    def _finish_read(self) -> None:
        run = scheduler()
        future, function = self.reading.popleft()
        run.quiet += 1
        run.takes_arrivals = False
        try:
            result = function()
        finally:
            run.quiet -= 1
            run.takes_arrivals = True

        def set_result() -> None:
            if not future.done():
                future.set_result(result)

        future.get_loop().call_soon(set_result)

    def _reads(self) -> bool:
        return any(key.events & selectors.EVENT_READ and number_of(key.fileobj) == 0 for key in self._keys())

    def _keys(self) -> list[Any]:
        keys: Mapping[Any, Any] = self.get_map() or {}
        return list(keys.values())

    def _writes(self) -> bool:
        return any(key.events & selectors.EVENT_WRITE for key in self._keys())

    def _has_input(self) -> bool:
        if self.reading and (_stdin().pipe.has_line() or scheduler().environment.readable()):
            return True
        return self._reads() and scheduler().environment.readable()

    def select(self, timeout: float | None = None) -> list[tuple[Any, int]]:
        run = scheduler()
        run.sleepers.touch_all()
        run.takes_arrivals = True
        point = len(run.workers) > 1 and run.use(self.sync, KEY)
        polls = self.woken or self._writes() or (timeout is not None and timeout <= 0)
        until = math.inf if timeout is None else run.now + timeout
        self.rounds += 1
        if polls:
            if point:
                run.step("loop", NOTHING_TO_DO)
            if self.rounds > IDLE:
                run.now += 5e-5
        else:
            self.rounds = 0
            run.step(
                "wait",
                NOTHING_TO_DO,
                ready=lambda: self.woken or self._has_input(),
                timeout=timeout,
                free=True,
            )
        if len(run.workers) > 1:
            run.meet(self.sync, "select")
        self.woken = False
        arrived = self._has_input()
        if arrived and not polls and run.now < until:
            self._may_be_late(until)
        if arrived and (polls or run.now >= until):
            arrived = is_noticed()
        run.note_seen("select", arrived)
        if arrived and self.reading:
            self._finish_read()
        found = []
        for key in self._keys():
            events = key.events & selectors.EVENT_WRITE if number_of(key.fileobj) == 1 else 0
            if arrived and number_of(key.fileobj) == 0:
                events |= key.events & selectors.EVENT_READ
            if events:
                found.append((key, events))
        return found

    def _may_be_late(self, until: float) -> None:
        """A line is in the pipe, and the loop has a timeout: if that is near, it may expire first: a choice."""
        run = scheduler()
        others = (worker.deadline for worker in run.workers if worker.deadline is not None)
        if until > min(run.now + SOON, *others, run.environment.next_time() or until):
            return
        options = [Option("arrival", "it has arrived", 0), Option("timeout", "the event loop", 1)]
        if run.decide(run.current, options, False) is options[1]:
            run.now = until

    def wake(self) -> None:
        self.woken = True


class Poll(Selector):
    """`selectors.PollSelector` and its like, of which a node may ask for one by name."""


def _stdin() -> Input:
    assert isinstance(sys.stdin, Input)
    return sys.stdin


def _reads_stdin(function: Any) -> bool:
    """Whether a function does no more than to read from stdin."""
    while isinstance(function, functools.partial):
        wrapped = isinstance(getattr(function.func, "__self__", None), contextvars.Context)
        function = function.args[0] if wrapped and function.args else function.func
    return function is builtins.input or isinstance(getattr(function, "__self__", None), Input)


def install() -> None:
    """Put the selector under every loop, and keep loops away from signals and processes."""
    for name in ("DefaultSelector", "SelectSelector", "PollSelector", "EpollSelector", "KqueueSelector"):
        if hasattr(selectors, name):
            originals.put(selectors, **{name: Poll})
    base: Any = asyncio.selector_events.BaseSelectorEventLoop
    originals.put(
        base,
        _make_self_pipe=lambda loop: tasks.loops.add(loop),
        _close_self_pipe=lambda _: None,
        _write_to_self=lambda loop: loop._selector.wake(),
    )
    originals.put(
        asyncio.unix_events._UnixSelectorEventLoop,
        add_signal_handler=lambda *_: None,
        remove_signal_handler=lambda *_: False,
        close=base.close,
    )
    call_soon = asyncio.BaseEventLoop.call_soon_threadsafe

    def call_soon_threadsafe(loop: Any, callback: Any, *args: Any, context: Any = None) -> Any:
        run = scheduler()
        loop._check_closed()
        selector = loop._selector
        if run.use(selector.sync, KEY):
            run.step("wake", NOTHING_TO_DO)
        run.leave(selector.sync, "call")
        run.sleepers.touch(NOTHING_TO_DO)
        run.observer.note("wake", NOTHING_TO_DO)
        return call_soon(loop, callback, *args, context=context)

    run_in_executor = asyncio.BaseEventLoop.run_in_executor

    def run_or_read(loop: Any, executor: Any, function: Any, *args: Any) -> Any:
        if _reads_stdin(function):
            return loop._selector.read(loop, lambda: function(*args))
        return run_in_executor(loop, executor, function, *args)

    originals.put(asyncio.BaseEventLoop, call_soon_threadsafe=call_soon_threadsafe, run_in_executor=run_or_read)
    run_handle = asyncio.Handle._run

    def run_one(handle: Any) -> None:
        owner = getattr(handle._callback, "__self__", None)
        task = owner if isinstance(owner, asyncio.Task) and is_running() else None
        if task is not None and scheduler().asks_always and task._state == "PENDING":
            run = scheduler()
            run.decide(run.current, [Option("turn", task.get_name(), 0, run.current)], False)
        run_handle(handle)
        if task is not None:
            scheduler().observer.gave_way(task)

    originals.put(asyncio.Handle, _run=run_one)
    call_handler = asyncio.BaseEventLoop.call_exception_handler

    def call_exception_handler(loop: Any, context: dict[str, Any]) -> None:
        if isinstance(future := context.get("future"), asyncio.Task) and is_running():
            scheduler().observer.unheard(future)
        call_handler(loop, context)

    originals.put(asyncio.BaseEventLoop, call_exception_handler=call_exception_handler)
    # The running loop is looked up by process: a run goes on in a forked one.
    events: Any = asyncio.events
    events.os = type(os)("os")
    events.os.getpid = lambda: 1

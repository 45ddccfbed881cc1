"""What belongs to the thread of an event loop, and what threads beside it do with it all the same.

Nothing guards asyncio's objects: a thread of the node's that calls `event.set()` comes between any two of the
loop's steps, and wakes nobody. Where one does so, each look at such an object is a scheduling point; and where
threads hand callbacks to a loop, as they may, the loop's own come before theirs or after.
"""

import asyncio
import asyncio.locks
import asyncio.queues
import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any

from grader.explorer.primitives import event_loop
from grader.explorer.runtime import originals
from grader.explorer.runtime.context import is_running, scheduler
from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.vector_clocks import Sync
from grader.explorer.runtime.worker import Named

OBJECTS = Named(Resource.LOOP, "what belongs to the event loop")
KEY = ("event loop", "objects")
KINDS: tuple[Any, ...] = (
    asyncio.locks.Lock, asyncio.locks.Event, asyncio.locks.Condition, asyncio.locks.Semaphore,
    asyncio.locks.Barrier, asyncio.queues.Queue, asyncio.Future, asyncio.Task,
)  # fmt: skip
SPECIAL = ("__await__",)
OF_LIBRARY = "asyncio.", "concurrent."
PROBES = "grader.explorer.instrumentation."  # by which the node's own calls may go
RUNS_CALLBACKS = event_loop.__name__

_objects = Sync()


def install() -> None:
    """Put a look before each public method of asyncio's objects, and a loop's own callbacks in turn."""
    for kind in KINDS:
        methods = {
            name: _watched(value)
            for name, value in vars(kind).items()
            if inspect.isfunction(value) and (not name.startswith("_") or name in SPECIAL)
        }
        originals.put(kind, **methods)
    originals.put(asyncio.BaseEventLoop, call_soon=_in_turn(asyncio.BaseEventLoop.call_soon))


def _in_turn(call_soon: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(call_soon)
    def call_in_turn(loop: Any, *arguments: Any, **named: Any) -> Any:
        selector = loop._selector if is_running() else None  # a closed loop has none
        if selector is not None:
            run = scheduler()
            if len(run.workers) > 1 and run.use(selector.sync, event_loop.KEY):
                run.step("loop", event_loop.NOTHING_TO_DO)
                run.order(selector.sync, "soon")
        return call_soon(loop, *arguments, **named)

    return call_in_turn


def _watched(method: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(method):

        @functools.wraps(method)
        async def look_and_wait(*arguments: Any, **named: Any) -> Any:
            _look()
            return await method(*arguments, **named)

        return look_and_wait

    @functools.wraps(method)
    def look(*arguments: Any, **named: Any) -> Any:
        _look()
        return method(*arguments, **named)

    return look


def _look() -> None:
    """The current worker is about to use such an object."""
    if not is_running():
        return
    run = scheduler()
    if len(run.workers) < 2 or _is_not_the_node_s():
        return
    if run.use(_objects, KEY):
        run.step("read", OBJECTS)
        run.order(_objects, "object")


def _is_not_the_node_s() -> bool:
    """Whether the explorer itself looks, or asyncio in a thread, as it rightly hands its result to its loop."""
    frame = sys._getframe(3)
    caller = str(frame.f_globals.get("__name__"))
    if asyncio._get_running_loop() is None and caller.startswith(OF_LIBRARY):
        return True
    while caller.startswith((*OF_LIBRARY, PROBES)) and frame.f_back is not None:
        frame = frame.f_back
        caller = str(frame.f_globals.get("__name__"))
    return caller.startswith("grader.") and caller != RUNS_CALLBACKS

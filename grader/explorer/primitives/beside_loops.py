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

_objects = Sync()


def install() -> None:
    """Put a look before each public method of asyncio's objects."""
    for kind in KINDS:
        methods = {
            name: _watched(value)
            for name, value in vars(kind).items()
            if inspect.isfunction(value) and (not name.startswith("_") or name in SPECIAL)
        }
        originals.put(kind, **methods)


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
    if len(run.workers) < 2 or (asyncio._get_running_loop() is None and _is_called_by_asyncio()):
        return
    if run.use(_objects, KEY):
        run.step("read", OBJECTS)
        run.order(_objects, "object")


def _is_called_by_asyncio() -> bool:
    """Whether it is asyncio's own way to hand a thread's result to its loop, which is right."""
    return str(sys._getframe(3).f_globals.get("__name__")).startswith(("asyncio.", "concurrent."))

"""By what one thread or task hands something on: starts, queues, events, futures; and a task's steps."""

import asyncio
import queue
import re
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from itertools import count
from typing import Any

from tracer import NUMBER, line_of, trace, waiting

NAME = re.compile(r"Thread-(\d+) \((\w+)\)|ThreadPoolExecutor-\d+_(\d+)")


class TracedQueue(queue.SimpleQueue):  # type: ignore[type-arg]
    """What is in it carries the token of who put it there."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        super().put((trace.give(), item), block, timeout)

    def put_nowait(self, item: Any) -> None:
        self.put(item)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        token, item = self._got(block, timeout)
        trace.take(token)
        return item

    def get_nowait(self) -> Any:
        return self.get(False)

    def _got(self, block: bool, timeout: float | None) -> Any:
        if not block:
            return super().get(False)
        try:
            return super().get(False)
        except queue.Empty:
            with waiting():
                return super().get(True, timeout)


def queued(kind: Any) -> list[tuple[Any, str, Any]]:
    """Patches for a queue made of Python: the tokens lie beside what is in it, and move when that does."""
    put, get = kind._put, kind._get

    def traced_put(self: Any, item: Any) -> None:
        put(self, item)
        self.__dict__.setdefault("_tokens", deque()).append(trace.give())

    def traced_get(self: Any) -> Any:
        item = get(self)
        if tokens := self.__dict__.get("_tokens"):
            trace.take(tokens.popleft())
        return item

    return [(kind, "_put", traced_put), (kind, "_get", traced_get)]


class TracedEvent(threading.Event):
    """Who sets it hands on to all who wait for it."""

    token = -1

    def set(self) -> None:
        if not self.is_set() and trace.is_called_by_learner():
            self.token = trace.give()
        super().set()

    def wait(self, timeout: float | None = None) -> bool:
        waits = not self.is_set()
        came = super().wait(timeout)
        if waits and came:
            trace.take(self.token)
        return came


class TracedFuture(asyncio.Future):  # type: ignore[type-arg]
    """A future of the loop's: who sets its result hands on to the task that has it in its hands."""

    token = -1

    def set_result(self, result: Any) -> None:
        if trace.is_called_by_learner():
            self.token = trace.give()
        super().set_result(result)


def life(live: Callable[[threading.Thread], None]) -> Callable[[threading.Thread], None]:
    def traced(thread: threading.Thread) -> None:
        name = NAME.match(thread.name)
        of = (name[2], name[1]) if name and name[2] else ("worker", name[3]) if name else ()
        trace.lanes[threading.get_ident()] = NUMBER.join(of) or thread.name
        trace.tell("born")
        trace.take(thread.__dict__.get("_given", -1))
        try:
            live(thread)
        finally:
            trace.tell("gone")

    return traced


def started(start: Callable[[threading.Thread], None]) -> Callable[[threading.Thread], None]:
    def traced(thread: threading.Thread) -> None:
        thread.__dict__["_given"] = trace.give()
        start(thread)

    return traced


class Steps(Coroutine[Any, Any, Any]):
    """A task's coroutine: its steps, in which its thread works too, and where it waits between them."""

    def __init__(self, coro: Any, lane: str) -> None:
        self.coro, self.lane = coro, lane
        self.given, self.futures = trace.give(), []  # type: tuple[int, list[TracedFuture]]
        self.__name__ = self.__qualname__ = getattr(coro, "__qualname__", "task")

    def send(self, value: Any) -> Any:
        return self._step(self.coro.send, value)

    def throw(self, *error: Any) -> Any:
        return self._step(self.coro.throw, *error)

    def close(self) -> None:
        self.coro.close()

    def __await__(self) -> Any:
        return self.coro.__await__()

    def _step(self, step: Callable[..., Any], *args: Any) -> Any:
        before = getattr(trace.task, "lane", "")
        trace.tell("go", lane=trace.thread)
        trace.task.lane = self.lane
        trace.tell("go")
        self._take()
        try:
            result = step(*args)
            trace.tell("wait", self._place())
            self.futures = [each for each in self._awaited() if isinstance(each, TracedFuture)]
            return result
        except BaseException:
            trace.tell("gone")
            raise
        finally:
            trace.task.lane = before
            trace.tell("rests", lane=trace.thread)

    def _take(self) -> None:
        """What this step goes on with: that it was begun, or futures that have come."""
        for token in (self.given, *(future.token for future in self.futures if future.done())):
            trace.take(token)
        self.given, self.futures = -1, []

    def _awaited(self) -> Iterator[Any]:
        """What the learner's lines have in their hands where this task waits."""
        for frame in self._frames():
            yield from frame.f_locals.values()

    def _frames(self) -> Iterator[Any]:
        coro = self.coro
        while (frame := getattr(coro, "cr_frame", None)) is not None:
            if trace.is_learners(frame):
                yield frame
            coro = coro.cr_await

    def _place(self) -> str:
        return next((line_of(frame) for frame in reversed(list(self._frames()))), "")


def create_task(create: Callable[..., Any]) -> Callable[..., Any]:
    numbers = count(1)

    def traced(loop: Any, coro: Any, **options: Any) -> Any:
        return create(loop, Steps(coro, f"{coro.__name__}{NUMBER}{next(numbers)}"), **options)

    return traced

"""Stand-ins for `queue`: put and get are one step each, and an item carries its sender's clock.

`put()` on an unbounded queue adds no happens-before edge to the putter, and `get()` only one from the sender of
its item. So the order of other puts and gets is no part of a worker's history: the queue's contents are part of
the state themselves.
"""

import heapq
import queue
import sys
import time
import types
from collections import deque
from collections.abc import Callable
from typing import Any

from grader.explorer.primitives.fidelity import StandIn
from grader.explorer.runtime import originals
from grader.explorer.runtime.context import scheduler
from grader.explorer.runtime.interfaces import Program
from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.vector_clocks import Clock, Sync, mix
from grader.explorer.trace.naming import Made

TOKEN = mix("token")


class _Side(Sync):
    """The side of a queue where items are put, or got."""

    kind = Resource.QUEUE
    __slots__ = ("made",)

    def __init__(self, made: Made) -> None:
        super().__init__()
        self.made = made

    @property
    def label(self) -> str:
        return self.made.label


class _Ends(StandIn):
    """What all queues share. Puts and gets are independent unless the queue is full or empty."""

    kind = Resource.QUEUE
    fifo = True
    limit = 0  # items that it holds at most; 0: any number
    __class_getitem__: Any = classmethod(types.GenericAlias)

    def __init__(self) -> None:
        self.queue: Any = self._new()
        run = scheduler()
        self.letters: deque[tuple[Clock, int]] = deque()
        self.made = Made(self.kind, run.sources)
        self.putting, self.getting = _Side(self.made), _Side(self.made)
        self.mark = run.hold(self)
        self.unfinished_tasks = 0
        self.is_shut = False

    @property
    def label(self) -> str:
        return self.made.label

    # What kinds of queues differ in.

    def _new(self) -> Any:
        return deque()

    def _put(self, item: Any) -> None:
        self.queue.append(item)

    def _get(self) -> Any:
        return self.queue.popleft()

    def _has_room(self) -> bool:
        return self.is_shut or self.limit <= 0 or len(self.queue) < self.limit

    def _has_item(self) -> bool:
        return self.is_shut or bool(self.queue)

    def _is_done(self) -> bool:
        return self.unfinished_tasks == 0

    @property
    def _is_plain(self) -> bool:
        """Whether puts and gets are independent: first in, first out, and unbounded."""
        return self.fifo and self.limit <= 0

    def contents(self) -> int:
        """A hash of what it holds."""
        return hash((self.mark, *[seen for _, seen in self.letters])) if self.letters else 0

    # What all share.

    def _use(self, *, put: bool) -> bool:
        """Whether a scheduling point is needed: others put, too, or get; without an order both ends are one."""
        run = scheduler()
        ends = [(self.putting, "put"), (self.getting, "get")]
        if self._is_plain:
            ends = [ends[0] if put else ends[1]]
        points = [run.use(sync, (*self.made.key, end)) for sync, end in ends]
        return any(points)

    def _look(self, see: Callable[[int], int]) -> int:
        """Observe the size, which depends on every put and get."""
        run = scheduler()
        run.use(self.putting, (*self.made.key, "put"))
        run.use(self.getting, (*self.made.key, "get"))
        run.step("look", self, writes=False)
        for side in (self.putting, self.getting):
            run.sleepers.touch(side, writes=False)
        seen = see(len(self.queue))
        run.note_seen("size", seen)
        return seen

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        run = scheduler()
        point = self._use(put=True)
        if timeout is not None and timeout < 0:
            raise ValueError("'timeout' must be a non-negative number")
        if not block:
            run.step("put", self.putting, point=point or self.limit > 0)
            if not self._has_room():
                run.sleepers.touch(self.getting, writes=False)
                run.note_seen("full")
                raise queue.Full
        else:
            if not self._has_room():
                run.sleepers.wake(self.getting)  # who would make room
            if not run.step("put", self.putting, ready=self._has_room, timeout=timeout, point=point):
                raise queue.Full
        self._refuse_if_shut()
        if self._is_plain:
            run.note_seen("put", self.mark)
        else:
            run.order(self.putting, "put")
            run.order(self.getting, "put")
        clock, seen = run.tell()
        self.letters.append((clock, TOKEN if self._is_token(item) else seen))
        self._put(item)
        self.unfinished_tasks += 1
        run.observer.note("put", self, value=item)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        run = scheduler()
        point = self._use(put=False)
        if block and timeout is not None and timeout < 0:
            raise ValueError("'timeout' must be a non-negative number")
        if not block or timeout == 0:
            if not self._look(bool):
                self._refuse_if_shut()
                raise queue.Empty
        else:
            if not self._has_item():
                run.sleepers.wake(self.putting)  # who would put something
            if not run.step("get", self.getting, ready=self._has_item, timeout=timeout, point=point):
                raise queue.Empty
        if not self.queue:
            self._refuse_if_shut()
        run.sleepers.touch(self.getting)
        if not self._is_plain:
            run.order(self.getting, "get")
            run.order(self.putting, "get")
        clock, seen = self.letters.popleft()
        item = self._get()
        if self._is_token(item) and not run.observer.is_recording:
            run.note_seen("token", self.mark)
        else:
            run.hear(clock, seen)
        run.observer.note("get", self, value=item)
        return item

    def put_nowait(self, item: Any) -> None:
        self.put(item, block=False)

    def get_nowait(self) -> Any:
        return self.get(block=False)

    def qsize(self) -> int:
        return self._look(int)

    def empty(self) -> bool:
        return not self._look(bool)

    def _is_token(self, item: Any) -> bool:
        """Whether it is None, in a queue from which several workers take: such items are interchangeable.

        Which of them a worker gets cannot be observed, so it adds no happens-before edge from its sender. A run
        that is recorded is recorded as it was.
        """
        return item is None and self._is_plain and scheduler().is_shared((*self.made.key, "get"))

    def _refuse_if_shut(self) -> None:
        if self.is_shut:
            scheduler().note_seen("shut")
            raise queue.ShutDown  # type: ignore[attr-defined, unused-ignore]  # since Python 3.13


class SimpleQueue(_Ends):
    """`queue.SimpleQueue`."""

    _original = queue.SimpleQueue


class Queue(_Ends):
    """`queue.Queue`."""

    _original = queue.Queue

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__()
        self.maxsize = self.limit = maxsize

    def full(self) -> bool:
        return bool(self._look(lambda size: 0 < self.maxsize <= size))

    def task_done(self) -> None:
        run = scheduler()
        key = (*self.made.key, "done")
        run.step("done", self.getting, point=run.use(self.getting, key))
        if self.unfinished_tasks <= 0:
            raise ValueError("task_done() called too many times")
        self.unfinished_tasks -= 1
        run.meet(self.getting, "done")

    def join(self) -> None:
        run = scheduler()
        run.sleepers.touch(self.putting)  # who would put something
        run.step("join", self.getting, ready=self._is_done)
        run.meet(self.getting, "joined")
        run.observer.note("wait", self)

    if sys.version_info >= (3, 13):

        @property
        def is_shutdown(self) -> bool:
            return self.is_shut

        def shutdown(self, immediate: bool = False) -> None:
            run = scheduler()
            run.step("shut", self)
            self.is_shut = True
            self.mark = mix("shut", self.mark)
            if immediate:
                self.unfinished_tasks = max(0, self.unfinished_tasks - len(self.queue))
                self.queue.clear()
                self.letters.clear()
            run.meet(self.putting, "shut")
            run.meet(self.getting, "shut")


class LifoQueue(Queue):
    """`queue.LifoQueue`."""

    fifo = False

    def _new(self) -> Any:
        return []

    def _get(self) -> Any:
        return self.queue.pop()


class PriorityQueue(Queue):
    """`queue.PriorityQueue`."""

    fifo = False

    def _new(self) -> Any:
        return []

    def _put(self, item: Any) -> None:
        heapq.heappush(self.queue, item)

    def _get(self) -> Any:
        return heapq.heappop(self.queue)


# Who speaks of these works inside of queues, or makes kinds of its own: that needs Python's, which has them.
INSIDES = {"mutex", "not_empty", "not_full", "all_tasks_done", "_put", "_get", "_init", "_qsize"}
_ERRORS = ("Empty", "Full", "ShutDown", "SimpleQueue")


def use_the_library_s(program: Program) -> None:
    """Put Python's own queues, with probes and on locks that are stand-ins, into `queue`."""
    inside = program.with_probes(queue)
    inside.update({name: getattr(queue, name) for name in _ERRORS if hasattr(queue, name)})
    inside["time"] = time.monotonic
    originals.put(queue, **{name: inside[name] for name in ("Queue", "LifoQueue", "PriorityQueue")})


def install() -> None:
    """Put the stand-ins into `queue`."""
    originals.put(queue, Queue=Queue, SimpleQueue=SimpleQueue, LifoQueue=LifoQueue, PriorityQueue=PriorityQueue)

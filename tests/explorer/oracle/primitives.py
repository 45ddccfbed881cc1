"""What programs of the oracle use: locks and the like for the plain explorer, each as the library describes it.

A call is one step. They have nothing in common with the explorer's stand-ins, on purpose.
"""

import heapq
import types
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, InvalidStateError
from queue import Empty, Full
from typing import Any

from tests.explorer.oracle.plain import Ended, Run


class _Thing:
    def __init__(self, run: Run) -> None:
        self.run = run


class Lock(_Thing):
    owner: object = None
    count = 0  # how often its owner has it, if that is more than once

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if not blocking or timeout == 0:
            if self.owner is not None:
                return False
        elif not self.run.wait(lambda: self.owner is None, None if timeout < 0 else timeout):
            return False
        self.owner = self.run.current
        return True

    def release(self) -> None:
        if self.run.is_over:
            raise Ended
        if self.owner is None:
            raise RuntimeError("release unlocked lock")
        self.owner = None

    def locked(self) -> bool:
        return self.owner is not None

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


class RLock(Lock):
    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if self.owner is not self.run.current and not super().acquire(blocking, timeout):
            return False
        self.count += 1
        return True

    def release(self) -> None:
        if self.run.is_over:
            raise Ended
        if self.owner is not self.run.current:
            raise RuntimeError("cannot release un-acquired lock")
        self.count -= 1
        if not self.count:
            self.owner = None


class Condition(_Thing):
    def __init__(self, run: Run, lock: Lock | None = None) -> None:
        super().__init__(run)
        self.lock = lock or RLock(run)
        self.waiters: list[list[bool]] = []
        self.acquire, self.release = self.lock.acquire, self.lock.release

    def __enter__(self) -> bool:
        return self.lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.lock.release()

    def _is_mine(self) -> None:
        if self.run.is_over:
            raise Ended
        if self.lock.owner is not self.run.current:
            raise RuntimeError("cannot wait on or notify an un-acquired lock")

    def wait(self, timeout: float | None = None) -> bool:
        self._is_mine()
        told = [False]
        self.waiters.append(told)
        me, count = self.lock.owner, self.lock.count
        self.lock.owner, self.lock.count = None, 0
        self.run.step()  # from here on others may have the lock
        came = self.run.wait(lambda: told[0], timeout)
        self.run.wait(lambda: self.lock.owner is None)
        self.lock.owner, self.lock.count = me, count
        self.waiters = [other for other in self.waiters if other is not told]
        return came

    def notify(self, n: int = 1) -> None:
        self._is_mine()
        for told in self.waiters[:n]:
            told[0] = True
        del self.waiters[:n]

    def notify_all(self) -> None:
        self.notify(len(self.waiters))


class Event(_Thing):
    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.flag = False
        self.waiters: list[list[bool]] = []

    def is_set(self) -> bool:
        return self.flag

    def set(self) -> None:
        self.flag = True
        for told in self.waiters:
            told[0] = True
        self.waiters.clear()

    def clear(self) -> None:
        self.flag = False

    def wait(self, timeout: float | None = None) -> bool:
        if self.flag:
            return True
        told = [False]
        self.waiters.append(told)
        came = self.run.wait(lambda: told[0], timeout)
        self.waiters = [other for other in self.waiters if other is not told]
        return came


class Semaphore(_Thing):
    def __init__(self, run: Run, value: int = 1) -> None:
        super().__init__(run)
        self.value = value

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        if not blocking or timeout == 0:
            if not self.value:
                return False
        elif not self.run.wait(lambda: self.value > 0, timeout):
            return False
        self.value -= 1
        return True

    def release(self) -> None:
        if self.run.is_over:
            raise Ended
        self.value += 1

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


class Queue(_Thing):
    """`queue.Queue` and its kin: `put` and `get` say how."""

    def __init__(self, run: Run, maxsize: int = 0) -> None:
        super().__init__(run)
        self.maxsize, self.unfinished = maxsize, 0
        self.items: Any = deque()

    def _add(self, item: Any) -> None:
        self.items.append(item)

    def _take(self) -> Any:
        return self.items.popleft()

    def _has_room(self) -> bool:
        return not 0 < self.maxsize <= len(self.items)

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        if not block:
            if not self._has_room():
                raise Full
        elif not self.run.wait(self._has_room, timeout):
            raise Full
        self._add(item)
        self.unfinished += 1

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        if not block or timeout == 0:
            if not self.items:
                raise Empty
        elif not self.run.wait(lambda: bool(self.items), timeout):
            raise Empty
        return self._take()

    def put_nowait(self, item: Any) -> None:
        self.put(item, block=False)

    def get_nowait(self) -> Any:
        return self.get(block=False)

    def qsize(self) -> int:
        return len(self.items)

    def empty(self) -> bool:
        return not self.items

    def full(self) -> bool:
        return not self._has_room()

    def task_done(self) -> None:
        if not self.unfinished:
            raise ValueError("task_done() called too many times")
        self.unfinished -= 1

    def join(self) -> None:
        self.run.wait(lambda: not self.unfinished)


class LifoQueue(Queue):
    def _take(self) -> Any:
        return self.items.pop()


class PriorityQueue(Queue):
    def __init__(self, run: Run, maxsize: int = 0) -> None:
        super().__init__(run, maxsize)
        self.items = []

    def _add(self, item: Any) -> None:
        heapq.heappush(self.items, item)

    def _take(self) -> Any:
        return heapq.heappop(self.items)


class Future(_Thing):
    """`concurrent.futures.Future`, as far as it is made and set by hand."""

    state = "pending"
    value: Any = None

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.callbacks: list[Callable[[Any], object]] = []

    def set_result(self, value: Any) -> None:
        if self.state != "pending":
            raise InvalidStateError
        self.value, self.state = value, "finished"
        self._call()

    def _call(self) -> None:
        for callback in self.callbacks:
            callback(self)

    def cancel(self) -> bool:
        if self.state == "finished":
            return False
        if self.state == "pending":
            self.state = "cancelled"
            self._call()
        return True

    def done(self) -> bool:
        return self.state != "pending"

    def result(self, timeout: float | None = None) -> Any:
        if not self.run.wait(self.done, timeout):
            raise TimeoutError
        if self.state == "cancelled":
            raise CancelledError
        return self.value

    def add_done_callback(self, function: Callable[[Any], object]) -> None:
        if self.done():
            function(self)
        else:
            self.callbacks.append(function)


class _Started:
    """`threading.Thread` with no more than its target."""

    def __init__(self, run: Run, target: Callable[[], None]) -> None:
        self.run, self.target = run, target
        self.thread: Any = None

    def start(self) -> None:
        self.thread = self.run.spawn(self.target)

    def join(self, timeout: float | None = None) -> None:
        self.run.wait(lambda: self.thread.has_ended, timeout)

    def is_alive(self) -> bool:
        return not self.thread.has_ended


def namespace(run: Run) -> dict[str, Any]:
    """The names that a program has, for one run."""

    def made(kind: Any) -> Callable[..., Any]:
        return lambda *arguments, **named: kind(run, *arguments, **named)

    kinds = (
        Lock, RLock, Condition, Event, Semaphore, Queue, LifoQueue, PriorityQueue, Future,
    )  # fmt: skip
    names: dict[str, Any] = {kind.__name__: made(kind) for kind in kinds}
    names["SimpleQueue"] = made(Queue)
    names["Thread"] = made(_Started)
    names.update(Empty=Empty, Full=Full, CancelledError=CancelledError, InvalidStateError=InvalidStateError)
    names["sleep"] = lambda seconds: run.wait(lambda: False, seconds, is_sleep=True)
    for module in ("asyncio", "heapq", "operator", "functools", "collections", "copy", "itertools"):
        names[module] = __import__(module)
    names["SimpleNamespace"] = types.SimpleNamespace
    names["__name__"] = "program"
    return names

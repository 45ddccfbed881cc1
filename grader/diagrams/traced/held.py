"""Locks and conditions of the learner's, and those of tasks: who waits for one, and who holds it."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from tracer import RLock, trace, waiting


class TracedLock:
    """A lock of the learner's: who waits for it, and who holds it. Its name is known when it is first taken."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.name = ""

    def tell(self, kind: str) -> None:
        self.name = self.name or trace.name_of(self)
        trace.tell(kind, self.name)

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        got = bool(self.real.acquire(False))
        if not got and blocking:
            self.tell("wants")
            with waiting():
                got = bool(self.real.acquire(True, timeout))
        if got:
            self.tell("lock")
        return got

    def release(self) -> None:
        self.tell("unlock")
        self.real.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def locked(self) -> bool:
        return bool(self.real.locked())

    # What a condition asks of its lock.

    def _release_save(self) -> Any:
        self.tell("free")  # as often as it was taken
        return self.real._release_save() if hasattr(self.real, "_release_save") else self.real.release()

    def _acquire_restore(self, state: Any) -> None:
        if hasattr(self.real, "_acquire_restore"):
            self.real._acquire_restore(state)
        else:
            self.real.acquire()
        self.tell("lock")

    def _is_owned(self) -> bool:
        if hasattr(self.real, "_is_owned"):
            return bool(self.real._is_owned())
        if self.real.acquire(False):
            self.real.release()
            return False
        return True


def maker(real: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: TracedLock(real()) if trace.is_called_by_learner() else real()


class TracedCondition(threading.Condition):
    def __init__(self, lock: Any = None) -> None:
        if lock is None and trace.is_called_by_learner():
            lock = TracedLock(RLock())
        super().__init__(lock)
        self.sleepers: deque[list[int]] = deque()  # who waits, first come first; the token, once notified

    def wait(self, timeout: float | None = None) -> bool:
        mine: list[int] = []
        self.sleepers.append(mine)
        if isinstance(lock := self.__dict__["_lock"], TracedLock):
            lock.tell("free")  # it is about to be, and who waits doesn't hold it
        try:
            with waiting():
                return bool(super().wait(timeout))
        finally:
            if mine in self.sleepers:
                self.sleepers.remove(mine)
            for token in mine:
                trace.take(token)

    def notify(self, n: int = 1) -> None:
        is_learners = trace.is_called_by_learner()
        for _ in range(min(n, len(self.sleepers))):
            sleeper = self.sleepers.popleft()
            if is_learners:
                sleeper.append(trace.give())
        super().notify(n)

    def notify_all(self) -> None:
        is_learners = trace.is_called_by_learner()
        while self.sleepers:
            sleeper = self.sleepers.popleft()
            if is_learners:
                sleeper.append(trace.give())
        super().notify_all()


class TracedTaskLock(asyncio.Lock):
    """A lock for tasks."""

    name = ""

    async def acquire(self) -> Any:
        self.name = self.name or trace.name_of(self)
        if self.locked():
            trace.tell("wants", self.name)
        got = await super().acquire()
        trace.tell("lock", self.name)
        return got

    def release(self) -> None:
        trace.tell("unlock", self.name)
        super().release()

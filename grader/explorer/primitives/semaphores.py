"""What stands in for the semaphores of `threading`: a release happens before the acquire that it enables."""

import threading
from collections import deque

from grader.explorer.primitives.fidelity import StandIn
from grader.explorer.runtime import originals
from grader.explorer.runtime.context import scheduler
from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.vector_clocks import Clock, Sync
from grader.explorer.trace.naming import Made

Timeout = float | None


class Semaphore(StandIn):
    """`threading.Semaphore`."""

    kind = Resource.SEMAPHORE
    _original = threading.Semaphore

    bounded = False

    def __init__(self, value: int = 1) -> None:
        if value < 0:
            raise ValueError("semaphore initial value must be >= 0")
        self._value = self._initial_value = value
        self.sync = Sync()
        self.letters: deque[tuple[Clock, int]] = deque()  # of those who released, for those who acquire
        self.unsent = value  # permits that nobody had to release
        self.made = Made(self.kind, scheduler().sources)

    @property
    def label(self) -> str:
        return self.made.label

    def _is_free(self) -> bool:
        return self._value > 0

    def acquire(self, blocking: bool = True, timeout: Timeout = None) -> bool:
        if not blocking and timeout is not None:
            raise ValueError("can't specify timeout for non-blocking acquire")
        run = scheduler()
        point = run.use(self.sync, self.made.key)
        if not blocking or timeout == 0:
            run.step("try", self, point=point)
            if not self._is_free():
                run.note_seen("not free")
                run.observer.note("try", self)
                return False
        elif not run.step("acquire", self, ready=self._is_free, timeout=timeout, point=point):
            return False
        run.note_seen("acquire")
        if self.unsent:
            self.unsent -= 1
        else:
            run.hear(*self.letters.popleft())
        self._value -= 1
        run.observer.note("acquire", self)
        return True

    def release(self, n: int = 1) -> None:
        if n < 1:
            raise ValueError("n must be one or more")
        run = scheduler()
        run.step("release", self, point=run.use(self.sync, self.made.key))
        run.note_seen("release")
        if self.bounded and self._value + n > self._initial_value:
            raise ValueError("Semaphore released too many times")
        self._value += n
        self.letters.extend([run.tell()] * n)
        run.observer.note("release", self)

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


class BoundedSemaphore(Semaphore):
    """`threading.BoundedSemaphore`."""

    bounded = True


def install() -> None:
    """Put the stand-ins into `threading`."""
    originals.put(threading, Semaphore=Semaphore, BoundedSemaphore=BoundedSemaphore)

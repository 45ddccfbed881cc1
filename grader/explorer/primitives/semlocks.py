"""What stands in for the locks of `multiprocessing`, within one process: starting another is an escape."""

import _multiprocessing  # type: ignore[import-not-found, unused-ignore]
from typing import Any

from grader.explorer.primitives import locks, semaphores
from grader.explorer.runtime import originals

RECURSIVE = 0  # the kind: a lock that its owner may take again; else a semaphore


class SemLock:
    """`_multiprocessing.SemLock`, which each lock and semaphore of `multiprocessing` is made from."""

    SEM_VALUE_MAX = _multiprocessing.SemLock.SEM_VALUE_MAX
    handle = 0

    def __init__(self, kind: int, value: int, maxvalue: int, name: str, unlink: bool) -> None:
        self.kind, self.maxvalue = kind, maxvalue
        self.name = None if unlink else name
        self.inner: Any
        if kind == RECURSIVE:
            self.inner = locks.RLock()
        else:
            self.inner = locks.Lock() if value == maxvalue == 1 else semaphores.Semaphore(value)

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        if not block or timeout is None:
            return bool(self.inner.acquire(block))
        return bool(self.inner.acquire(True, max(0.0, timeout)))

    def release(self) -> None:
        if self._get_value() >= self.maxvalue:
            raise ValueError("semaphore or lock released too many times")
        self.inner.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _get_value(self) -> int:
        if isinstance(self.inner, semaphores.Semaphore):
            return self.inner._value
        return int(not self.inner.count)

    def _is_zero(self) -> bool:
        return self._get_value() == 0

    def _count(self) -> int:
        return 0 if isinstance(self.inner, semaphores.Semaphore) else int(self.inner.count)

    def _is_mine(self) -> bool:
        return self._count() > 0 and bool(self.inner._is_owned())

    def _after_fork(self) -> None:
        pass


def install() -> None:
    """Put it into `_multiprocessing`."""
    originals.put(_multiprocessing, SemLock=SemLock)

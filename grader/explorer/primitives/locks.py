"""Stand-ins for the locks of `threading`: the same behaviour, one scheduler step for each operation.

None of them blocks the system's thread. Before a run begins they behave as in a program with one thread.
"""

import _thread
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from grader.explorer.primitives.fidelity import StandIn
from grader.explorer.runtime import originals
from grader.explorer.runtime.context import is_running, scheduler
from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.scheduler import Scheduler
from grader.explorer.runtime.vector_clocks import Clock, Sync
from grader.explorer.runtime.worker import Worker
from grader.explorer.trace.naming import Made

Timeout = float | None


class _Mutex(StandIn):
    """What locks share: while it is held, it belongs to its owner's lockset."""

    kind = Resource.LOCK
    reentrant = False

    def __init__(self) -> None:
        self.sync = Sync()
        self.owner: Worker | None = None
        self.count = 0
        self.made = Made(self.kind, scheduler().sources) if is_running() else None
        self.number = scheduler().serial() if is_running() else 0

    @property
    def label(self) -> str:
        return self.made.label if self.made else f"a {self.kind} of Python's own"

    def acquire(self, blocking: bool = True, timeout: Timeout = -1) -> bool:
        if not is_running() or self.made is None:
            self.count += 1
            return True
        if timeout is not None and timeout != -1:
            if not blocking:
                raise ValueError("can't specify a timeout for a non-blocking call")
            if timeout < 0:
                raise ValueError("timeout value must be a non-negative number")
        run = scheduler()
        worker = run.current
        if self.reentrant and self.owner is worker:
            self.count += 1
            return True
        point = run.use(self.sync, self.made.key)
        limit = None if timeout is None or timeout < 0 else timeout
        if not blocking or limit is not None:
            self._is_tried()
        if not blocking or timeout == 0:
            run.step("try", self, point=point)
            free = self.owner is None
            run.note_seen("try", free)
            if not free:
                run.observer.note("try", self)
                return False
        else:
            if not run.step("acquire", self, ready=self._is_free, timeout=limit, point=point):
                return False
            run.note_seen("acquire")
        self._take(worker)
        run.observer.note("acquire", self)
        return True

    def _is_tried(self) -> None:
        """A try that need not wait for ever sees whether it is held: its release becomes a scheduling point."""
        if self.made is not None:
            scheduler().learnt.shared.add((*self.made.key, "tried"))

    def _take(self, worker: Worker, count: int = 1) -> None:
        self.owner, self.count = worker, count
        worker.held.append(self)
        worker.locks |= {self.number}

    def _is_free(self) -> bool:
        return self.owner is None

    def release(self) -> None:
        if not is_running() or self.made is None:
            if not self.count:
                raise RuntimeError("release unlocked lock")
            self.count -= 1
            return
        run = scheduler()
        if self.owner is None:
            raise RuntimeError("release unlocked lock")
        if self.reentrant and self.owner is not run.current:
            raise RuntimeError("cannot release un-acquired lock")
        if self.count > 1:
            self.count -= 1
            return
        if (*self.made.key, "tried") in run.places.shared:
            run.step("release", self)
        self.count = 0
        self._let_go()
        run.sleepers.touch(self)
        run.note_seen("release")
        run.observer.note("release", self)

    def _let_go(self) -> None:
        owner = self.owner
        assert owner is not None
        owner.held.remove(self)
        owner.locks -= {self.number}
        run = scheduler()
        if owner is not run.current:
            run.meet(self.sync, "handed over")  # a lock that is used as a signal
        self.owner = None

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _at_fork_reinit(self) -> None:
        self.owner, self.count = None, 0

    # For Condition.

    def _release_save(self) -> int:
        count = self.count
        self.count = 1
        self.release()
        return count

    def _acquire_restore(self, count: int) -> None:
        self.acquire()
        self.count = count

    def _is_owned(self) -> bool:
        return self.owner is scheduler().current if self.reentrant else self.owner is not None


class Lock(_Mutex):
    """`threading.Lock`."""

    _original = _thread.LockType

    def locked(self) -> bool:
        if is_running() and self.made is not None:
            run = scheduler()
            point = run.use(self.sync, self.made.key)
            self._is_tried()
            run.step("try", self, point=point, writes=False)
            run.note_seen("locked", self.owner is not None)
            return self.owner is not None
        return self.count > 0


class RLock(_Mutex):
    """`threading.RLock`."""

    _original = threading._RLock

    reentrant = True
    if hasattr(_thread.RLock, "locked"):  # since Python 3.14
        locked = Lock.locked


class _Waiter:
    """A waiter on a condition or an event, until it is told to go on."""

    __slots__ = ("letter",)

    def __init__(self) -> None:
        self.letter: tuple[Clock, int] | None = None

    def is_told(self) -> bool:
        return self.letter is not None


class Condition(StandIn):
    """`threading.Condition`: waiters are notified in the order in which they came."""

    kind = Resource.CONDITION
    _original = threading.Condition

    def __init__(self, lock: Any = None) -> None:
        self.sync = Sync()
        self.made = Made(self.kind, scheduler().sources)
        if lock is None:
            lock = RLock()
            lock.made = self.made
        self._lock = lock
        self.waiters: deque[_Waiter] = deque()
        self.acquire: Callable[..., bool] = self._lock.acquire
        self.release: Callable[[], None] = self._lock.release

    @property
    def label(self) -> str:
        return self.made.label

    def __enter__(self) -> bool:
        entered: bool = self._lock.__enter__()
        return entered

    def __exit__(self, *details: object) -> None:
        self._lock.__exit__(*details)

    def _is_owned(self) -> bool:
        owned: bool = self._lock._is_owned()
        return owned

    def wait(self, timeout: Timeout = None) -> bool:
        if not self._is_owned():
            raise RuntimeError("cannot wait on un-acquired lock")
        run = scheduler()
        run.use(self.sync, self.made.key)
        run.order(self.sync, "wait")
        run.sleepers.touch(self)
        waiter = _Waiter()
        self.waiters.append(waiter)
        count = self._lock._release_save()
        try:
            told = run.step("wait", self, ready=waiter.is_told, timeout=timeout)
            if told and waiter.letter is not None:
                run.hear(*waiter.letter)
            if told:
                run.observer.note("wait", self)
        finally:
            self._lock._acquire_restore(count)
            if waiter in self.waiters:
                self.waiters.remove(waiter)
        return told

    def wait_for(self, predicate: Callable[[], Any], timeout: Timeout = None) -> Any:
        end = None if timeout is None else scheduler().now + timeout
        while not (result := predicate()):
            left = None if end is None else end - scheduler().now
            if left is not None and left <= 0:
                break
            self.wait(left)
        return result

    def notify(self, n: int = 1) -> None:
        if not self._is_owned():
            raise RuntimeError("cannot notify on un-acquired lock")
        run = scheduler()
        run.use(self.sync, self.made.key)
        run.order(self.sync, "notify")
        run.sleepers.touch(self)
        while self.waiters and n > 0:
            self.waiters.popleft().letter = run.tell()
            n -= 1
        run.observer.note("wake", self)

    def notify_all(self) -> None:
        self.notify(len(self.waiters))

    notifyAll = notify_all  # its old name, which nodes may still use


class Event(StandIn):
    """`threading.Event`."""

    kind = Resource.EVENT
    _original = threading.Event

    def __init__(self) -> None:
        self.flag = False
        self.waiters: list[_Waiter] = []
        self.sync = Sync()
        self.made = Made(self.kind, scheduler().sources) if is_running() else None

    @property
    def label(self) -> str:
        return self.made.label if self.made else "an event of Python's own"

    def _is_set(self) -> bool:
        return self.flag

    def _look(self, doing: str, **how: Any) -> bool:
        if self.made is None:
            return True
        run = scheduler()
        point = run.use(self.sync, self.made.key)
        return run.step(doing, self, point=point, **how)

    def is_set(self) -> bool:
        self._look("look", writes=False)
        if self.made is not None:
            run = scheduler()
            if self.flag:
                run.hear(self.sync.clock, "set")
            run.observe(self.sync, "look")
        return self.flag

    isSet = is_set  # its old name

    def set(self) -> None:
        self._look("wake")
        self.flag = True
        if self.made is not None:
            run = scheduler()
            run.leave(self.sync, "set")
            while self.waiters:
                self.waiters.pop().letter = run.tell()
            run.observer.note("wake", self)

    def clear(self) -> None:
        self._look("clear")
        self.flag = False
        if self.made is not None:
            run = scheduler()
            run.learn(("cleared", *self.made.key))
            run.order(self.sync, "clear")
            run.observer.note("clear", self)

    def wait(self, timeout: Timeout = None) -> bool:
        """Who waits by the time that it is set goes on, also if it is cleared before they have their turn."""
        if self.made is None:
            return self.flag
        run = scheduler()
        if run.is_shared(("cleared", *self.made.key)):
            self._look("wait", writes=False)
            if not self.flag:
                return self._wait_inside(run, timeout)
        elif not self._look("wait", ready=self._is_set, timeout=timeout, writes=False):
            return False
        run.hear(self.sync.clock, "set")
        run.observe(self.sync, "waited")
        run.observer.note("wait", self)
        return True

    def _wait_inside(self, run: Scheduler, timeout: Timeout) -> bool:
        """To begin to wait is a step of its own only where the event is ever cleared: else it shows nowhere."""
        run.order(self.sync, "wait")
        run.sleepers.touch(self)
        waiter = _Waiter()
        self.waiters.append(waiter)
        told = run.step("wait", self, ready=waiter.is_told, timeout=timeout, writes=False)
        if waiter.letter is not None:
            run.hear(*waiter.letter)
            run.observer.note("wait", self)
        else:
            self.waiters.remove(waiter)
        return told

    def _at_fork_reinit(self) -> None:
        pass


def install() -> None:
    """Put the stand-ins into `threading`."""
    originals.put(threading, Lock=Lock, RLock=RLock, Condition=Condition, Event=Event)

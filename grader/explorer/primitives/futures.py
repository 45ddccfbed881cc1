"""Stand-ins for `concurrent.futures`: pools and futures, one scheduler step for each operation.

Python's own would do, but takes five locks for what is one visible operation to its users.
"""

import concurrent.futures
import concurrent.futures._base as base
import concurrent.futures.thread as thread
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from grader.explorer.primitives.fidelity import StandIn
from grader.explorer.primitives.locks import Timeout
from grader.explorer.primitives.threads import at_end
from grader.explorer.runtime import originals
from grader.explorer.runtime.context import scheduler
from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.vector_clocks import Clock, Sync, mix
from grader.explorer.trace.naming import Made


class Future(StandIn, base.Future):  # type: ignore[type-arg]
    """`concurrent.futures.Future`."""

    kind = Resource.FUTURE
    _original = base.Future

    def __init__(self) -> None:
        self._state = base.PENDING
        self._result: Any = None
        self._exception: BaseException | None = None
        self._done_callbacks: list[Callable[[Any], object]] = []
        self.sync = Sync()
        self.made = Made(self.kind, scheduler().sources)

    @property
    def label(self) -> str:
        return self.made.label

    def _is_done(self) -> bool:
        return self._state in (base.CANCELLED, base.CANCELLED_AND_NOTIFIED, base.FINISHED)

    def _look(self, doing: str, **how: Any) -> bool:
        run = scheduler()
        done = run.step(doing, self, point=run.use(self.sync, self.made.key), **how)
        run.note_seen(doing, self._state)
        if self._is_done():
            run.hear(self.sync.clock, self.sync.seen)
        return done

    def cancel(self) -> bool:
        self._look("cancel")
        if self._state in (base.RUNNING, base.FINISHED):
            return False
        if self._state == base.PENDING:
            self._state = base.CANCELLED
            self._tell()
        return True

    def cancelled(self) -> bool:
        self._look("look", writes=False)
        return self._state in (base.CANCELLED, base.CANCELLED_AND_NOTIFIED)

    def __repr__(self) -> str:
        state = base._STATE_TO_DESCRIPTION_MAP[self._state]
        outcome = self._result if self._exception is None else self._exception
        ended = "returned" if self._exception is None else "raised"
        text = f" {ended} {type(outcome).__name__}" if self._state == base.FINISHED else ""
        return f"<{type(self).__name__} at {id(self):#x} state={state}{text}>"

    def running(self) -> bool:
        self._look("look", writes=False)
        return self._state == base.RUNNING

    def done(self) -> bool:
        self._look("look", writes=False)
        return self._is_done()

    def add_done_callback(self, fn: Callable[[Any], object]) -> None:
        self._look("look")
        if self._is_done():
            self._call(fn)
        else:
            self._done_callbacks.append(fn)

    def _call(self, function: Callable[[Any], object]) -> None:
        try:
            function(self)
        except Exception as error:
            scheduler().environment.say_error(error, scheduler().current.name)

    def result(self, timeout: Timeout = None) -> Any:
        self._wait(timeout)
        if self._exception is not None:
            raise self._exception
        return self._result

    def exception(self, timeout: Timeout = None) -> BaseException | None:
        self._wait(timeout)
        return self._exception

    def _wait(self, timeout: Timeout) -> None:
        run = scheduler()
        if not self._look("wait", ready=self._is_done, timeout=timeout, writes=False):
            raise TimeoutError
        run.observer.note("wait", self)
        if self._state != base.FINISHED:
            raise concurrent.futures.CancelledError

    def set_running_or_notify_cancel(self) -> bool:
        if self._state == base.CANCELLED:
            self._state = base.CANCELLED_AND_NOTIFIED
            return False
        if self._state != base.PENDING:
            raise RuntimeError("Future in unexpected state")
        scheduler().sleepers.touch(self)
        self._state = base.RUNNING
        return True

    def set_result(self, result: Any) -> None:
        self._finish(result, None)

    def set_exception(self, exception: BaseException | None) -> None:
        self._finish(None, exception)

    def _finish(self, result: Any, exception: BaseException | None) -> None:
        run = scheduler()
        run.step("wake", self, point=run.use(self.sync, self.made.key))
        if self._is_done():
            raise base.InvalidStateError(f"{self._state}: {self!r}")
        self._result, self._exception, self._state = result, exception, base.FINISHED
        self._tell()

    def _tell(self) -> None:
        run = scheduler()
        run.leave(self.sync, "done")
        run.observer.note("wake", self)
        for function in self._done_callbacks:
            self._call(function)


class ThreadPoolExecutor(StandIn, base.Executor):
    """`concurrent.futures.ThreadPoolExecutor`: a worker more for each task, as long as none is idle."""

    kind = Resource.POOL
    _original = thread.ThreadPoolExecutor

    def __init__(
        self,
        max_workers: int | None = None,
        thread_name_prefix: str = "",
        initializer: Callable[..., object] | None = None,
        initargs: tuple[Any, ...] = (),
    ) -> None:
        if max_workers is not None and max_workers <= 0:
            raise ValueError("max_workers must be greater than 0")
        run = scheduler()
        self._max_workers = max_workers or 8
        self.initializer, self.initargs = initializer, initargs
        self.made = Made(self.kind, run.sources)
        self.putting, self.getting = Sync(), Sync()
        self.tasks: deque[tuple[tuple[Clock, int], Future, Callable[[], Any]]] = deque()
        self.mark = run.hold(self)
        self.workers: list[threading.Thread] = []
        self.idle = 0
        self.is_shut = False
        self.prefix = thread_name_prefix or f"ThreadPoolExecutor-{len(_pools)}"
        _pools.append(self)

    @property
    def label(self) -> str:
        return self.made.label

    def contents(self) -> int:
        """A hash of the tasks that wait."""
        return mix(self.mark, *(seen for (_, seen), _, _ in self.tasks)) if self.tasks else 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        run = scheduler()
        run.step("put", self, point=run.use(self.putting, (*self.made.key, "put")))
        if self.is_shut:
            raise RuntimeError("cannot schedule new futures after shutdown")
        future = Future()
        run.note_seen("put", self.mark)
        self.tasks.append((run.tell(), future, lambda: fn(*args, **kwargs)))
        run.observer.note("put", self, value=fn)
        if self.idle < len(self.tasks) and len(self.workers) < self._max_workers:
            self.idle += 1
            thread = threading.Thread(target=self._work, name=f"{self.prefix}_{len(self.workers)}")
            self.workers.append(thread)
            thread.start()
        return future

    def _has_task(self) -> bool:
        return bool(self.tasks) or self.is_shut

    def _work(self) -> None:
        run = scheduler()
        if self.initializer is not None:
            self.initializer(*self.initargs)
        while True:
            point = run.use(self.getting, (*self.made.key, "get"))
            run.step("get", self, ready=self._has_task, point=point)
            run.note_seen("get", self.mark)
            self.idle -= 1
            if not self.tasks:
                return
            letter, future, task = self.tasks.popleft()
            run.hear(*letter)
            run.observer.note("get", self)
            if future.set_running_or_notify_cancel():
                try:
                    result = task()
                except BaseException as error:
                    run.observer.crash(run.current, error)
                    future.set_exception(error)
                else:
                    future.set_result(result)
                    del result
            del task, future
            run.sleepers.touch(self)  # who submits looks whether somebody is idle
            self.idle += 1

    def map(
        self, fn: Callable[..., Any], *iterables: Iterable[Any], timeout: Timeout = None, **_: int
    ) -> Iterator[Any]:
        run = scheduler()
        end = None if timeout is None else run.now + timeout  # for all of them
        futures = deque(self.submit(fn, *args) for args in zip(*iterables, strict=False))

        def results() -> Iterator[Any]:
            try:
                while futures:
                    yield futures.popleft().result(None if end is None else end - run.now)
            finally:
                for future in futures:  # nobody will ask for them any more
                    future.cancel()

        return results()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        run = scheduler()
        run.step("shut", self, point=run.use(self.getting, (*self.made.key, "get")))
        if cancel_futures:
            while self.tasks:
                self.tasks.popleft()[1].cancel()
        self.is_shut = True
        run.leave(self.getting, "shut")
        if wait:
            for thread in self.workers:
                thread.join()


_pools: list[ThreadPoolExecutor] = []  # of this run, to be shut before the program ends


def _shut_all() -> None:
    for pool in _pools:
        pool.shutdown()


def wait(fs: Iterable[Future], timeout: Timeout = None, return_when: str = "ALL_COMPLETED") -> Any:
    """`concurrent.futures.wait`."""
    futures = set(fs)
    run = scheduler()

    def ready() -> bool:
        done = [future for future in futures if future._is_done()]
        if return_when == "FIRST_COMPLETED":
            return bool(done)
        if return_when == "FIRST_EXCEPTION" and any(future._exception for future in done):
            return True
        return len(done) == len(futures)

    run.step("wait", ready=ready, timeout=timeout)
    done = {future for future in futures if future._is_done()}
    for future in sorted(done, key=lambda future: future.sync.seen):
        run.hear(future.sync.clock, future.sync.seen)
    result: Any = base.DoneAndNotDoneFutures
    return result(done, futures - done)


def as_completed(fs: Iterable[Future], timeout: Timeout = None) -> Iterator[Future]:
    """`concurrent.futures.as_completed`."""
    pending = list(dict.fromkeys(fs))
    run = scheduler()
    end = None if timeout is None else run.now + timeout
    while pending:
        left = None if end is None else max(0.0, end - run.now)
        if not run.step("wait", ready=lambda: any(f._is_done() for f in pending), timeout=left):
            raise TimeoutError(f"{len(pending)} futures unfinished")
        future = next(f for f in pending if f._is_done())
        run.hear(future.sync.clock, future.sync.seen)
        pending.remove(future)
        yield future


# Who speaks of these looks inside of a pool: that needs Python's, which has them.
INSIDES = {"_work_queue", "_threads", "_idle_semaphore", "_shutdown_lock", "_adjust_thread_count"}
_LIBRARY_S = concurrent.futures.thread.ThreadPoolExecutor


def use_the_library_s() -> None:
    """Put Python's own pool, on locks and queues that are stand-ins, into `concurrent.futures`."""
    for module in (thread, concurrent.futures):
        originals.put(module, ThreadPoolExecutor=_LIBRARY_S)
    at_end.append(vars(thread)["_python_exit"])


def install() -> None:
    """Put the stand-ins into `concurrent.futures`."""
    for module in (base, concurrent.futures):
        originals.put(module, Future=Future, wait=wait, as_completed=as_completed)
    for module in (thread, concurrent.futures):
        originals.put(module, ThreadPoolExecutor=ThreadPoolExecutor)
    at_end.append(_shut_all)

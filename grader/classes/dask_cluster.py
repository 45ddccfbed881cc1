"""Jobs on a Dask cluster: submissions travel by content, and each result is told once, whatever restarts."""

import logging
import signal
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any

from distributed import Client, Future

from grader.classes.executor import ClusterLost, JobMaker
from grader.classes.job import ClassJob, JobResult, do
from grader.grading.places import cores

AHEAD = 32  # jobs, at least, that are with the cluster at once
LOOK_S = 1.0  # how often it is seen whether the cluster is still there
CLOSE_S = 5.0  # to say good-bye to it
_STOP = None


class DaskCluster:
    """A Dask cluster at this address; `local` is one of our own, for trying it out.

    What a worker did that has died is done again, and so is all that was under way when the scheduler was
    restarted. A job is told when its result is in our hands, and then forgotten, so that none is told twice.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.client = self._connect()
        self.news: SimpleQueue[Future[JobResult] | None] = SimpleQueue()
        self.flying: dict[Future[JobResult], str] = {}
        self.is_stopped = False

    @property
    def places(self) -> int:
        return sum(self.client.nthreads().values()) or 1

    def each(self, jobs: Mapping[str, JobMaker]) -> Iterator[tuple[str, JobResult]]:
        todo = deque(jobs)
        ahead = max(AHEAD, 2 * self.places)
        while (todo or self.flying) and not self.is_stopped:
            while todo and len(self.flying) < ahead:
                name = todo.popleft()
                job = jobs[name]()
                if isinstance(job, ClassJob):
                    self._submit(name, job)
                else:
                    yield name, job
            todo.extendleft(self._lost())
            try:
                future = self.news.get(timeout=LOOK_S)
            except Empty:
                continue
            if future is _STOP or (name := self.flying.pop(future, "")) == "":
                continue
            graded = _result_of(future)
            if graded is None:
                todo.append(name)
            elif not self.is_stopped:
                yield name, graded

    def stop(self) -> None:
        self.is_stopped = True
        self.news.put(_STOP)

    def close(self) -> None:
        self.stop()
        with suppress(OSError, TimeoutError):
            self.client.close(CLOSE_S)  # and with it a cluster of our own

    def _connect(self) -> Client:
        if self.address != "local":
            return Client(self.address, set_as_default=False)
        with _interrupts_ignored():  # Ctrl-C is for us: its workers are ended in order
            return Client(
                n_workers=cores(), threads_per_worker=1, dashboard_address=None, set_as_default=False,
                silence_logs=logging.ERROR,
            )  # fmt: skip

    def _submit(self, name: str, job: ClassJob) -> None:
        future = self.client.submit(do, job, pure=False, retries=2)
        self.flying[future] = name
        future.add_done_callback(self.news.put)

    def _lost(self) -> list[str]:
        """Once the scheduler has said good-bye: what was under way, for the one that takes its place."""
        if not self.flying or self.client.status != "closed":
            return []
        if self.address == "local":
            raise ClusterLost("the cluster has ended")
        try:
            self.client = self._connect()
        except (OSError, TimeoutError) as error:
            raise ClusterLost(f"the cluster is gone, and did not come back: {error}") from None
        lost = list(self.flying.values())
        self.flying.clear()
        return lost


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """What is started meanwhile ignores Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _result_of(future: Any) -> JobResult | None:
    """What came of it; None where nobody knows, since the scheduler was restarted meanwhile."""
    if future.status not in ("finished", "error"):
        return None
    try:
        error = future.exception()
        if error is not None:
            return JobResult("broken", why=f"the worker failed: {error}")
        graded: JobResult = future.result()
        return graded
    except (CancelledError, OSError, TimeoutError):
        return None

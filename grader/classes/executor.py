"""Where jobs are done: in processes on this machine, or on a Dask cluster; results come as they are done."""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Protocol

from grader.classes.job import ClassJob, JobResult, RunningJobs, do


class Executor(Protocol):
    """Does jobs, some at once."""

    @property
    def places(self) -> int:
        """How many are done at once."""

    def each(
        self, jobs: Mapping[str, ClassJob], began: Callable[[str], None]
    ) -> Iterator[tuple[str, JobResult]]:
        """Do all of them; each result, with the name under which its job was given, once it is there."""

    def stop(self) -> None:
        """End what is under way; `each` comes to its end. May be called from another thread."""


class LocalProcesses:
    """A process for each job, as many at once as there are cores."""

    def __init__(self, places: int | None = None) -> None:
        self.places = places or _cores()
        self.running = RunningJobs()

    def each(
        self, jobs: Mapping[str, ClassJob], began: Callable[[str], None]
    ) -> Iterator[tuple[str, JobResult]]:
        def work(name: str) -> JobResult:
            began(name)
            return do(jobs[name], self.running)

        with ThreadPoolExecutor(self.places) as pool:
            names = {pool.submit(work, name): name for name in jobs}
            for future in _as_they_end(names):
                graded = future.result()
                if graded.ended != "stopped":
                    yield names[future], graded

    def stop(self) -> None:
        self.running.stop()


class DaskCluster:
    """A Dask cluster at this address; `local` is one of our own, for trying it out.

    Submissions travel by content. What a worker did that has died is done again, and told once.
    """

    def __init__(self, address: str) -> None:
        from distributed import Client

        options: dict[str, Any] = (
            {"n_workers": _cores(), "threads_per_worker": 1, "dashboard_address": None}
            if address == "local"
            else {}
        )
        self.client = Client(None if address == "local" else address, set_as_default=False, **options)
        self.is_stopped = False

    @property
    def places(self) -> int:
        threads = self.client.nthreads()
        return sum(threads.values()) or 1

    def each(
        self, jobs: Mapping[str, ClassJob], began: Callable[[str], None]
    ) -> Iterator[tuple[str, JobResult]]:
        from distributed import as_completed

        futures = {}
        for name, job in jobs.items():
            futures[self.client.submit(do, job, pure=False, retries=2)] = name
            began(name)
        for future in as_completed(list(futures), loop=self.client.loop):
            if self.is_stopped:
                return
            error = future.exception()
            yield (
                futures[future],
                JobResult("broken", why=f"the worker failed: {error}") if error else future.result(),
            )

    def stop(self) -> None:
        self.is_stopped = True
        self.client.close()


def _as_they_end(futures: Mapping["Future[JobResult]", str]) -> Iterator["Future[JobResult]"]:
    waiting = set(futures)
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        yield from done


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

"""Where jobs are done: in processes on this machine, or on a Dask cluster; results come as they are done."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, Protocol

from grader.classes.job import ClassJob, JobResult, RunningJobs, do
from grader.grading.places import cores


class Executor(Protocol):
    """Does jobs, some at once."""

    @property
    def places(self) -> int:
        """How many are done at once."""

    def each(self, jobs: Mapping[str, ClassJob]) -> Iterator[tuple[str, JobResult]]:
        """Do all of them; each result, with the name under which its job was given, once it is there."""

    def stop(self) -> None:
        """End what is under way; `each` comes to its end. May be called from another thread."""


class LocalProcesses:
    """A process for each job, as many at once as there are cores."""

    def __init__(self, places: int | None = None) -> None:
        self.places = places or cores()
        self.running = RunningJobs()

    def each(self, jobs: Mapping[str, ClassJob]) -> Iterator[tuple[str, JobResult]]:
        with ThreadPoolExecutor(self.places) as pool:
            names = {pool.submit(do, job, self.running): name for name, job in jobs.items()}
            for future in as_completed(list(names)):
                name = names.pop(future)  # its reports are let go with it: only those under way are in memory
                if (graded := future.result()).ended != "stopped":
                    yield name, graded

    def stop(self) -> None:
        self.running.stop()


class DaskCluster:
    """A Dask cluster at this address; `local` is one of our own, for trying it out.

    Submissions travel by content. What a worker did that has died is done again, and told once.
    """

    def __init__(self, address: str) -> None:
        from distributed import Client

        options: dict[str, Any] = (
            {"n_workers": cores(), "threads_per_worker": 1, "dashboard_address": None}
            if address == "local"
            else {}
        )
        self.client = Client(None if address == "local" else address, set_as_default=False, **options)
        self.is_stopped = False

    @property
    def places(self) -> int:
        threads = self.client.nthreads()
        return sum(threads.values()) or 1

    def each(self, jobs: Mapping[str, ClassJob]) -> Iterator[tuple[str, JobResult]]:
        import distributed

        names = {self.client.submit(do, job, pure=False, retries=2): name for name, job in jobs.items()}
        for future in distributed.as_completed(list(names), loop=self.client.loop):
            if self.is_stopped:
                return
            error = future.exception()
            graded = JobResult("broken", why=f"the worker failed: {error}") if error else future.result()
            yield names.pop(future), graded

    def stop(self) -> None:
        self.is_stopped = True
        self.client.close()

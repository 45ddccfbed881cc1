"""Where jobs are done: in processes on this machine, or on a Dask cluster; results come as they are done.

A job is made when its turn comes, so that only the contents of those under way are in memory.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Protocol

from grader.classes.job import ClassJob, JobResult, RunningJobs, do
from grader.grading.places import cores

JobMaker = Callable[[], ClassJob | JobResult]  # a result, where there is nothing to be done


class ClusterLost(Exception):
    """The machines that did the jobs are gone, and did not come back."""


class Executor(Protocol):
    """Does jobs, some at once."""

    @property
    def places(self) -> int:
        """How many are done at once."""

    def each(self, jobs: Mapping[str, JobMaker]) -> Iterator[tuple[str, JobResult]]:
        """Do all of them; each result, with the name under which its job was given, once it is there."""

    def stop(self) -> None:
        """End what is under way; `each` comes to its end. May be called from another thread, and again."""

    def close(self) -> None:
        """Stop, and let go of all that it has."""


class LocalProcesses:
    """A process for each job, as many at once as there are cores."""

    def __init__(self, places: int | None = None) -> None:
        self.places = places or cores()
        self.running = RunningJobs()

    def each(self, jobs: Mapping[str, JobMaker]) -> Iterator[tuple[str, JobResult]]:
        with ThreadPoolExecutor(self.places) as pool:
            names = {pool.submit(self._do, make): name for name, make in jobs.items()}
            for future in as_completed(list(names)):
                name = names.pop(future)  # its reports are let go with it: only those under way are in memory
                if (graded := future.result()).ended != "stopped":
                    yield name, graded

    def stop(self) -> None:
        self.running.stop()

    def close(self) -> None:
        self.stop()

    def _do(self, make: JobMaker) -> JobResult:
        if self.running.is_stopped:
            return JobResult("stopped", why="stopped before it began")
        job = make()
        return do(job, self.running) if isinstance(job, ClassJob) else job

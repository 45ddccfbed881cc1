"""Which scheduler is running: what stands in for threads, clocks and streams looks it up here.

A node's own code can't be handed the scheduler.
"""

from grader.explorer.runtime.scheduler import Scheduler

running: list[Scheduler] = []  # it, once a run has begun; what must be fast looks here itself


def scheduler() -> Scheduler:
    """The scheduler of the run that this process makes. Raises IndexError if there is none."""
    return running[-1]


def is_running() -> bool:
    """Whether a run has begun: before, threads and clocks behave as if there was but one thread."""
    return bool(running)


def begin(scheduler: Scheduler) -> None:
    running[:] = [scheduler]


def end() -> None:
    """The run stands still, and what is done now is no part of it."""
    running.clear()

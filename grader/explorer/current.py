"""Which scheduler is running: what stands in for threads, clocks and streams looks it up here.

The one piece of module state in the explorer. A node's own code can't be handed the scheduler.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.explorer.scheduler import Scheduler

_running: list["Scheduler"] = []


def scheduler() -> "Scheduler":
    """The scheduler of the run that this process makes. Raises IndexError if there is none."""
    return _running[-1]


def is_running() -> bool:
    """Whether a run has begun: before, threads and clocks behave as if there was but one thread."""
    return bool(_running)


def begin(scheduler: "Scheduler") -> None:
    _running[:] = [scheduler]

"""What exploring has cost, in seconds of the processor's time, which are the same on a busy machine."""

from grader.explorer.runtime import originals

SLOWEST = 4  # times a budget by the clock, then it is over all the same
STARTING = 4  # times a budget, again by the clock, that the node may take to start: that is no exploring


class _EndedRuns:
    seconds = 0.0  # by runs that have ended
    stuck = 0  # runs that were given up on
    starting = 0.0  # by the clock, until the first run of each tree had ended


def spent() -> float:
    """CPU seconds of this process and of the runs of which it has heard."""
    return originals.used() + _EndedRuns.seconds


def add(seconds: float) -> None:
    """A run has cost this."""
    _EndedRuns.seconds += seconds


def gave_up(seconds: float) -> None:
    """A run was given up on, which never told what it cost: at least so much."""
    _EndedRuns.seconds += seconds
    _EndedRuns.stuck += 1


def has_stuck_runs() -> bool:
    """Whether runs were given up on."""
    return _EndedRuns.stuck > 0


def started(seconds: float) -> None:
    """So long, by the clock, a tree's first run has taken: the node's start, above all."""
    _EndedRuns.starting += seconds


def starting() -> float:
    """Seconds by the clock that were spent so."""
    return _EndedRuns.starting

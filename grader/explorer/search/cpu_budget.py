"""What exploring has cost, in seconds of the processor's time, which are the same on a busy machine."""

from grader.explorer.runtime import originals

SLOWEST = 4  # times a budget by the clock, then it is over all the same


class _EndedRuns:
    seconds = 0.0  # by runs that have ended


def spent() -> float:
    """CPU seconds of this process and of the runs of which it has heard."""
    return originals.used() + _EndedRuns.seconds


def add(seconds: float) -> None:
    """A run has cost this."""
    _EndedRuns.seconds += seconds

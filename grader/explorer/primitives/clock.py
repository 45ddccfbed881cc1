"""Stand-ins for `time` and `datetime`: a virtual clock, which advances only when no worker is enabled."""

import datetime
import time

from grader.explorer.runtime import originals
from grader.explorer.runtime.context import is_running, scheduler
from grader.explorer.runtime.scheduler import START
from grader.explorer.runtime.worker import Named

EPOCH = 1_700_000_000.0  # what the wall clock shows when a run begins


def _now() -> float:
    if not is_running():
        return START
    run = scheduler()
    run.note_seen("clock", run.time)
    return run.now


def sleep(seconds: float) -> None:
    """`time.sleep`: blocks until the virtual clock is there; `sleep(0)` yields."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    run = scheduler()
    if seconds == 0:
        run.note_seen("sleep")
        run.step("sleep", free=True, aside=True)
    else:
        run.step("sleep", Named(f"the clock ({seconds:g} s)"), ready=lambda: False, timeout=seconds)


def install() -> None:
    """Put the virtual clock into `time`."""
    originals.put(
        time,
        sleep=sleep,
        monotonic=_now,
        perf_counter=_now,
        process_time=_now,
        time=lambda: EPOCH - START + _now(),
        monotonic_ns=lambda: int(_now() * 1e9),
        perf_counter_ns=lambda: int(_now() * 1e9),
        time_ns=lambda: int((EPOCH - START + _now()) * 1e9),
    )

    class Datetime(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> "Datetime":
            return cls.fromtimestamp(time.time(), tz)

        @classmethod
        def utcnow(cls) -> "Datetime":
            return cls.fromtimestamp(time.time(), datetime.UTC).replace(tzinfo=None)

    originals.put(datetime, datetime=Datetime)

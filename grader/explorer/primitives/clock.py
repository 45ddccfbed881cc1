"""Stand-ins for `time` and `datetime`: a virtual clock, which advances only when no worker is enabled."""

import datetime
import sys
import time
from collections.abc import Callable
from typing import Any

from grader.explorer.runtime import originals
from grader.explorer.runtime.context import is_running, scheduler
from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.scheduler import START
from grader.explorer.runtime.worker import Named

EPOCH = 1_700_000_000.0  # what the wall clock shows when a run begins


NANO = 1e-9


class _Asked:
    """How often the node has read a clock: a real one is a little later at each reading."""

    times = 0


_CLOCK = Named(Resource.CLOCK, "the clock")


def _ask() -> int:
    """A reading observes how many came before it. Readings by the library do not count."""
    if not is_running():
        return 0
    run = scheduler()
    if sys._getframe(2).f_code.co_filename in run.sources:
        _Asked.times += 1
        run.sleepers.touch(_CLOCK)
        run.note_seen("clock", run.time, _Asked.times)
    else:
        run.note_seen("clock", run.time)
    return _Asked.times


def _time() -> float:
    return scheduler().now if is_running() else START


def _now() -> float:
    asked = _ask()
    return _time() + asked * NANO


def _now_ns() -> int:
    asked = _ask()
    return round(_time() * 1e9) + asked


def _wall() -> float:
    """`time.time`, which is no more exact than to a part of a microsecond."""
    asked = _ask()
    return EPOCH - START + _time() + asked * 1e-6


def _wall_ns() -> int:
    asked = _ask()
    return round(EPOCH) * 1_000_000_000 + round((_time() - START) * 1e9) + asked * 1_000


def _of_clock(clock: int) -> float:
    """`time.clock_gettime`."""
    return _wall() if clock == time.CLOCK_REALTIME else _now()


def _of_clock_ns(clock: int) -> int:
    return _wall_ns() if clock == time.CLOCK_REALTIME else _now_ns()


def _since(convert: Callable[..., Any], *, first: bool = True) -> Callable[..., Any]:
    """`localtime` and its like, which take the time of now if they are given none."""

    def call(*given: Any) -> Any:
        if first:
            return convert(_wall() if not given or given[0] is None else given[0])
        return convert(given[0], given[1] if len(given) > 1 else _local(_wall()))

    return call


_local, _ASCTIME = time.localtime, time.asctime


def sleep(seconds: float) -> None:
    """`time.sleep`: blocks until the virtual clock is there; `sleep(0)` yields."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    run = scheduler()
    if seconds == 0:
        run.note_seen("sleep")
        run.step("sleep", free=True, aside=True)
    else:
        run.step("sleep", Named(Resource.CLOCK, f"{seconds:g} s"), ready=lambda: False, timeout=seconds)


def install() -> None:
    """Put the virtual clock into `time`."""
    originals.put(time, sleep=sleep, clock_gettime=_of_clock, clock_gettime_ns=_of_clock_ns)
    originals.put(time, monotonic=_now, perf_counter=_now, process_time=_now, thread_time=_now)
    originals.put(time, monotonic_ns=_now_ns, perf_counter_ns=_now_ns)
    originals.put(time, process_time_ns=_now_ns, thread_time_ns=_now_ns, time=_wall, time_ns=_wall_ns)
    originals.put(time, localtime=_since(time.localtime), gmtime=_since(time.gmtime))
    originals.put(time, ctime=_since(time.ctime), strftime=_since(time.strftime, first=False))
    originals.put(time, asctime=lambda *given: _ASCTIME(*(given or (_local(_wall()),))))

    class Datetime(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> "Datetime":
            return cls.fromtimestamp(time.time(), tz)

        @classmethod
        def utcnow(cls) -> "Datetime":
            return cls.fromtimestamp(time.time(), datetime.UTC).replace(tzinfo=None)

    originals.put(datetime, datetime=Datetime)

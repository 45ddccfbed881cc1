"""Putting all stand-ins in place, for the rest of a process's life."""

import sys


def install() -> None:
    """Replace what would escape the scheduler.

    Order matters: a module that takes its locks from `threading` when it is imported must find stand-ins there.
    """
    sys.modules["_asyncio"] = None  # type: ignore[assignment]  # in C it doesn't know of greenlets
    from grader.explorer.primitives import locks, threads
    from grader.explorer.runtime import originals  # noqa: F401 - keeps what is about to be replaced

    locks.install()
    threads.install()
    sys.modules["ssl"] = None  # type: ignore[assignment]  # asyncio does without, and forks are cheaper
    from grader.explorer.primitives import clock, event_loop, futures, queues, stable_hashes, stdio, system

    del sys.modules["ssl"]  # the node's own import finds it
    for module in (queues, clock, stdio, futures, event_loop, stable_hashes, system):
        module.install()

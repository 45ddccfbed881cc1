"""Putting all stand-ins in place, for the rest of a process's life."""

import sys

from grader.explorer.runtime.interfaces import Program


def install() -> None:
    """Replace what would escape the scheduler.

    Order matters: a module that takes its locks from `threading` when it is imported must find stand-ins there.
    """
    sys.modules["_asyncio"] = None  # type: ignore[assignment]  # in C it doesn't know of greenlets
    from grader.explorer.primitives import locks, semaphores, threads
    from grader.explorer.runtime import originals  # noqa: F401 - keeps what is about to be replaced

    locks.install()
    semaphores.install()
    threads.install()
    sys.modules["ssl"] = None  # type: ignore[assignment]  # asyncio does without, and forks are cheaper
    from grader.explorer.primitives import (
        beside_loops,
        boundary,
        clock,
        descriptors,
        event_loop,
        futures,
        queues,
        readiness,
        semlocks,
        stable_hashes,
        stdio,
        system,
    )

    del sys.modules["ssl"]  # the node's own import finds it
    stand_ins = (
        queues,
        clock,
        stdio,
        descriptors,
        readiness,
        semlocks,
        futures,
        event_loop,
        beside_loops,
        stable_hashes,
        system,
    )
    for module in (*stand_ins, boundary):
        module.install()


def adapt(program: Program) -> None:
    """For a node that works inside of the library's classes: those, on what stands in for their locks."""
    from grader.explorer.primitives import copies, futures, lifetimes, queues, stdio

    if program.words & queues.INSIDES:
        queues.use_the_library_s(program)
    if program.words & futures.INSIDES:
        futures.use_the_library_s()
    copies.install(program)
    lifetimes.install(program)
    stdio.adapt(program)

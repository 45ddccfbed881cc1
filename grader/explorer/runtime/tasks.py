"""The tasks of a node's event loops."""

import asyncio
import threading
import weakref
from typing import Any

loops: "weakref.WeakSet[Any]" = weakref.WeakSet()  # of the node's


def run_by_main() -> bool:
    """Whether the main thread runs a loop now."""
    main = threading.main_thread().ident
    return any(loop._thread_id == main for loop in loops if loop.is_running())


def not_ended() -> list[Any]:
    """The tasks of all loops that have not ended, in the order of their names."""
    found = [task for loop in loops for task in asyncio.all_tasks(loop)]
    return sorted(found, key=lambda task: (len(task.get_name()), task.get_name()))


def running() -> Any:
    """The task that is running now, if one is."""
    if not loops or threading.get_ident() not in threading._active:  # type: ignore[attr-defined]
        return None  # an ended thread: asyncio would make another of it, and wake who waits for that
    loop = asyncio._get_running_loop()
    return None if loop is None else asyncio.current_task(loop)

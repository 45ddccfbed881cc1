"""A stand-in has what its original has; what it lacks is told as ours."""

import concurrent.futures
import concurrent.futures.thread
import queue
import threading

import pytest

from grader.explorer.primitives import futures, locks, queues, semaphores
from grader.explorer.primitives.fidelity import has

PAIRS = [
    (locks.Lock, type(threading.Lock())),
    (locks.RLock, type(threading.RLock())),
    (locks.Condition, threading.Condition),
    (locks.Event, threading.Event),
    (semaphores.Semaphore, threading.Semaphore),
    (semaphores.BoundedSemaphore, threading.BoundedSemaphore),
    (queues.Queue, queue.Queue),
    (queues.SimpleQueue, queue.SimpleQueue),
    (queues.LifoQueue, queue.LifoQueue),
    (queues.PriorityQueue, queue.PriorityQueue),
    (futures.Future, concurrent.futures.Future),
    (futures.ThreadPoolExecutor, concurrent.futures.thread.ThreadPoolExecutor),
]
OLD = {"acquire_lock", "release_lock", "locked_lock"}  # names of a lock that no documentation has


@pytest.mark.parametrize(("stand_in", "original"), PAIRS, ids=lambda kind: kind.__name__)
def test_a_stand_in_has_every_public_name(stand_in: type, original: type) -> None:
    names = {name for name in dir(original) if not name.startswith("_")} - OLD
    source = set(dir(stand_in)) | _attributes(stand_in)
    assert names - source == set()


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (queue.Queue, "mutex"),
        (queue.Queue, "all_tasks_done"),
        (queue.Queue, "_qsize"),
        (concurrent.futures.Future, "_condition"),
        (concurrent.futures.thread.ThreadPoolExecutor, "_work_queue"),
    ],
)
def test_what_only_the_original_has_is_known(kind: type, name: str) -> None:
    assert has(kind, name)
    assert not has(kind, "mutes")
    assert not has(kind, "__len__")


def test_what_a_method_reads_of_another_object_is_not_its_own() -> None:
    """`RLock.__repr__` asks the lock in it whether that is locked: before Python 3.14 no RLock itself tells."""
    assert has(threading._RLock, "locked") == hasattr(threading._RLock, "locked")  # type: ignore[attr-defined]


def _attributes(kind: type) -> set[str]:
    """What the methods of a class speak of, and so may set."""
    code = [vars(base).get("__init__") for base in kind.__mro__]
    return {name for function in code if hasattr(function, "__code__") for name in function.__code__.co_names}

"""What stands in for the locks of `threading`: locks, conditions, semaphores, events.

A program sees the same as outside.
"""

from pathlib import Path

import pytest

from tests.explorer.primitives.alike import node, seen_inside, seen_outside

PARTS = {
    "locks": """
lock, again = threading.Lock(), threading.RLock()
see([lock.acquire(), lock.locked(), lock.acquire(blocking=False), lock.acquire(timeout=0.01)])
lock.release()
see(error_of(lock.release))
see(error_of(lock.acquire, False, 1))
see([again.acquire(), again.acquire()])
again.release(), again.release()
see(error_of(again.release))
see(hasattr(again, "locked"))
condition = threading.Condition()
see(error_of(condition.notify))
with condition:
    see([condition.wait(0.01), condition.wait_for(lambda: 7, 0.01)])
room = threading.BoundedSemaphore(1)
see([room.acquire(), room.acquire(blocking=False), room.acquire(timeout=0.01)])
room.release()
see(error_of(room.release))
event = threading.Event()
see([event.is_set(), event.wait(0.01), event.set(), event.wait(), event.clear(), event.is_set()])
""",
    "locks of others": """
lock, again, seen_by = threading.Lock(), threading.RLock(), []

def in_thread(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

lock.acquire()
in_thread(lock.release)
see([lock.locked(), lock.acquire(timeout=0.01)])
lock.release()
with again:
    in_thread(lambda: see([again.acquire(False), again.acquire(timeout=0.01), error_of(again.release)]))
    with again:
        see(again.acquire(False))
        again.release()
in_thread(lambda: see([again.acquire(), again.release()]))
see([error_of(lock.acquire, True, -2), error_of(lock.acquire, False, 0.5)])
""",
    "conditions": """
condition, ready = threading.Condition(), []

def wait(name):
    with condition:
        see([name, condition.wait_for(lambda: name in ready, timeout=5)])

threads = [threading.Thread(target=wait, args=(name,)) for name in "ab"]
for thread in threads: thread.start()
with condition:
    ready.append("b")
    condition.notify_all()
threads[1].join()
with condition:
    ready.append("a")
    condition.notify(2)
threads[0].join()
see([error_of(condition.wait), error_of(condition.notify_all), error_of(condition.wait_for, lambda: True)])
with condition:
    see([condition.wait_for(lambda: [], timeout=0.01), condition.wait(0)])
inner = threading.Condition(threading.Lock())
with inner:
    see([inner.wait(0.01), inner.acquire(False)])
""",
    "semaphores and barriers": """
room = threading.Semaphore(0)
see([room.acquire(False), room.acquire(timeout=0.01), error_of(room.acquire, False, 1)])
room.release(2)
see([room.acquire(), room.acquire(), room.acquire(False), error_of(room.release, 0)])
see([error_of(threading.Semaphore, -1), error_of(threading.BoundedSemaphore(2).release)])
thread = threading.Thread(target=room.release)
thread.start()
see([room.acquire(timeout=5), thread.join()])
barrier = threading.Barrier(2)
see([barrier.parties, barrier.n_waiting, barrier.broken])
see([error_of(barrier.wait, 0.01), barrier.broken, error_of(barrier.wait)])
barrier.reset()
places = []
threads = [threading.Thread(target=lambda: places.append(barrier.wait())) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
see([sorted(places), barrier.broken])
""",
    "events": """
event, order = threading.Event(), []

def wait():
    order.append(event.wait(5))
    gone.wait(0.01)
    order.append(event.is_set())

gone = threading.Event()
threads = [threading.Thread(target=wait) for _ in range(2)]
for thread in threads: thread.start()
event.set()
event.set()
for thread in threads: thread.join()
event.clear()
see([order, event.is_set(), event.wait(0), event.wait(0.01)])
""",
}


@pytest.mark.parametrize("name", PARTS)
def test_it_sees_the_same_as_outside(tmp_path: Path, name: str) -> None:
    file = node(tmp_path, PARTS[name])
    assert seen_inside(file) == seen_outside(file)

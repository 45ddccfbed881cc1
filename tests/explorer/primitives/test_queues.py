"""What stands in for `queue`: order, limits, joining, shutting down: a program sees the same as outside."""

from pathlib import Path

import pytest

from tests.explorer.primitives.alike import node, seen_inside, seen_outside

PARTS = {
    "queues": """
for kind in (queue.Queue, queue.LifoQueue, queue.PriorityQueue):
    full = kind(2)
    full.put(2), full.put(1)
    see([error_of(full.put, 3, False), error_of(full.put, 3, timeout=0.01), full.full(), full.qsize()])
    see([full.get(), full.get(), error_of(full.get, False), error_of(full.get, timeout=0.01), full.empty()])
    full.task_done(), full.task_done()
    full.join()
    see(error_of(full.task_done))
simple = queue.SimpleQueue()
simple.put(1)
see([simple.get(), error_of(simple.get_nowait), error_of(simple.get, timeout=-1)])
see([hasattr(simple, name) for name in ("task_done", "join", "full", "shutdown", "maxsize")])
""",
    "queues that are shut": """
see([hasattr(queue, "ShutDown"), hasattr(queue.Queue, "shutdown"), hasattr(queue.Queue(), "is_shutdown")])
if hasattr(queue, "ShutDown"):
    gone = queue.Queue()
    gone.put(1), gone.put(2), gone.put(3)
    gone.get()
    gone.shutdown()
    see([error_of(gone.put, 3), gone.get(), gone.unfinished_tasks, gone.is_shutdown])
    gone.shutdown(immediate=True)
    see([error_of(gone.get), error_of(gone.get, False), error_of(gone.get_nowait), gone.unfinished_tasks])
    waits = queue.Queue()
    thread = threading.Thread(target=lambda: see(error_of(waits.get)))
    thread.start()
    waits.shutdown()
    thread.join()
""",
    "order of queues": """
items = [3, 1, 2]
for kind in (queue.Queue, queue.LifoQueue, queue.PriorityQueue):
    full = kind(3)
    for item in items: full.put_nowait(item)
    see([error_of(full.put_nowait, 4), full.full(), [full.get_nowait() for _ in items], full.empty()])
    see([error_of(full.get_nowait), error_of(full.get, True, -1), error_of(full.put, 1, True, -1)])
    see([full.maxsize, full.unfinished_tasks, full.qsize()])
jobs, done = queue.Queue(), []

def work():
    while (job := jobs.get()) is not None:
        done.append(job)
        jobs.task_done()

thread = threading.Thread(target=work)
thread.start()
jobs.put("a")
jobs.put("b")
jobs.join()
see([list(done), jobs.unfinished_tasks])
jobs.put(None)
thread.join()
small = queue.Queue(1)
small.put(1)
thread = threading.Thread(target=lambda: see(small.get()))
thread.start()
small.put(2, timeout=5)
thread.join()
see(small.get(timeout=5))
""",
}


@pytest.mark.parametrize("name", PARTS)
def test_it_sees_the_same_as_outside(tmp_path: Path, name: str) -> None:
    file = node(tmp_path, PARTS[name])
    assert seen_inside(file) == seen_outside(file)

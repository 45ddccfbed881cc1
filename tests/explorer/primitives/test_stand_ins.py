"""What stands in for the bottom of threading, queue, concurrent.futures and asyncio behaves as outside.

Each part runs twice, as a plain program and under the explorer, and must see the same both times. What came
with a later Python is looked for where it is, and must be missing where it isn't.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cases.select import select
from grader.conversation.submission import from_file
from grader.explorer.search.engine import Searched
from grader.grading.exploration import race

AROUND = """
import asyncio, concurrent.futures, json, queue, sys, threading, time

seen = []
see = seen.append

def error_of(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except BaseException as error:
        return type(error).__name__

def part():
{part}

for line in sys.stdin:
    message = json.loads(line)
    if message["body"]["type"] == "init":
        part()
    print(json.dumps({{"seen": seen, "of": message["body"]["msg_id"]}}), flush=True)
"""

PARTS = {
    "threads": """
thread = threading.Thread(target=lambda: see(threading.current_thread().name), name="one")
see(thread.is_alive())
see("initial" in repr(thread))
thread.start()
thread.join()
see([thread.is_alive(), "stopped" in repr(thread), thread.ident is not None])
see(error_of(thread.start))
see(error_of(threading.current_thread().join))
see(error_of(threading.Thread(target=print).join))
see([threading.active_count(), [t.name for t in threading.enumerate()]])
see(threading.main_thread() is threading.current_thread())
see(error_of(setattr, thread, "daemon", True))
""",
    "thread ends by an error": """
def fail():
    raise ValueError("so be it")

threading.excepthook = lambda args: see([args.exc_type.__name__, args.thread.name])
thread = threading.Thread(target=fail, name="fails")
thread.start()
thread.join()
""",
    "timers and barriers": """
timer = threading.Timer(0.01, see, ["rang"])
timer.start()
timer.join()
never = threading.Timer(60, see, ["never"])
never.start()
never.cancel()
never.join()
barrier = threading.Barrier(2, action=lambda: see("both"))
threads = [threading.Thread(target=barrier.wait) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
barrier.abort()
see(error_of(barrier.wait))
see(type(error_of(threading.Barrier, 0)).__name__)
""",
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
    "thread-local values": """
mine = threading.local()
mine.value = 1
thread = threading.Thread(target=lambda: see(hasattr(mine, "value")))
thread.start()
thread.join()
see(mine.value)
""",
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
    "pools": """
with concurrent.futures.ThreadPoolExecutor(2, "pool") as pool:
    see(list(pool.map(lambda x: x * 2, [1, 2, 3])))
    futures = [pool.submit(int, text) for text in ("1", "no")]
    done, pending = concurrent.futures.wait(futures)
    see([len(done), len(pending)])
    see([error_of(future.result) for future in futures])
    see(sorted(str(error_of(future.result)) for future in concurrent.futures.as_completed(futures)))
    see(type(futures[1].exception()).__name__)
    see([futures[0].done(), futures[0].running(), futures[0].cancel(), futures[0].cancelled()])
    see(pool.submit(lambda: threading.current_thread().name).result().startswith("pool_"))
see(error_of(pool.submit, print))
see(error_of(concurrent.futures.ThreadPoolExecutor, 0))
alone = concurrent.futures.Future()
see([error_of(alone.result, 0.01), alone.cancel(), error_of(alone.result)])
settled = concurrent.futures.Future()
see([error_of(settled.set_result, [1]), error_of(settled.set_result, 2), settled.result()])
see("".join(repr(settled).split()[3:]))
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
    "futures": """
Future = concurrent.futures.Future
told = Future()
told.add_done_callback(lambda future: see(["first", future.result()]))
told.add_done_callback(lambda future: see("second"))
see([told.done(), told.running(), told.set_running_or_notify_cancel(), told.running(), told.cancel()])
told.set_result(1)
told.add_done_callback(lambda future: see("at once"))
see([told.result(), told.exception(), error_of(told.set_result, 2), told.cancelled()])
failed = Future()
failed.set_exception(KeyError("no"))
see([error_of(failed.result), repr(failed.exception()), failed.done()])
gone = Future()
see([gone.cancel(), gone.cancel(), gone.cancelled(), gone.set_running_or_notify_cancel()])
see([error_of(gone.result), error_of(gone.exception), error_of(Future().result, 0)])
done, pending = concurrent.futures.wait([told, Future()], timeout=0.01)
see([len(done), len(pending)])
done, pending = concurrent.futures.wait([told, Future()], return_when=concurrent.futures.FIRST_COMPLETED)
see([len(done), len(pending)])
done, pending = concurrent.futures.wait([failed, Future()], return_when=concurrent.futures.FIRST_EXCEPTION)
see([len(done), len(pending)])
see(error_of(list, concurrent.futures.as_completed([told, Future()], timeout=0.01)))
""",
    "pools that end": """
begun, go_on = threading.Event(), threading.Event()

def hold():
    begun.set()
    return go_on.wait(5)

pool = concurrent.futures.ThreadPoolExecutor(1, initializer=lambda: see("hello"))
held, queued, other = pool.submit(hold), pool.submit(int), pool.submit(int)
begun.wait()
see([held.running(), queued.cancel(), held.cancel()])
pool.shutdown(wait=False, cancel_futures=True)
see([other.cancelled(), error_of(pool.submit, int)])
go_on.set()
pool.shutdown()
see([held.result(), queued.cancelled()])
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    see(list(pool.map(pow, [2, 3], [3, 2])))
    see(error_of(list, pool.map(int, ["1", "no", "3"])))
    see(error_of(list, pool.map(time.sleep, [0.2, 0.2], timeout=0.3)))
""",
    "tasks": """
async def one(text, wait):
    await asyncio.sleep(wait)
    see(text)
    return text

async def main():
    see(await asyncio.gather(one("b", 0.02), one("a", 0.01)))
    async with asyncio.TaskGroup() as group:
        group.create_task(one("c", 0))
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(60)
    except TimeoutError:
        see("late")
    see([await each for each in asyncio.as_completed([one("e", 0.02), one("d", 0.01)])])
    task = asyncio.create_task(one("never", 60))
    await asyncio.sleep(0)
    task.cancel()
    see([type(each).__name__ for each in await asyncio.gather(task, return_exceptions=True)])
    lock, room, event, inbox = asyncio.Lock(), asyncio.Semaphore(1), asyncio.Event(), asyncio.Queue()
    async with lock, room:
        event.set()
        await event.wait()
        await inbox.put(1)
        see(await inbox.get())
    see(asyncio.current_task().get_name().startswith("Task-"))
    see(len(asyncio.all_tasks()))

asyncio.run(main())
with asyncio.Runner() as runner:
    see(runner.run(one("f", 0)))
""",
    "threads of a loop": """
async def main():
    loop = asyncio.get_running_loop()
    see(await asyncio.to_thread(lambda: 1))
    see(await loop.run_in_executor(None, lambda: 2))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        see(await loop.run_in_executor(pool, lambda: 3))
    see(await asyncio.wrap_future(concurrent.futures.ThreadPoolExecutor(1).submit(lambda: 4)))
    future = loop.create_future()
    threading.Thread(target=lambda: loop.call_soon_threadsafe(future.set_result, 5)).start()
    see(await future)
    async def six(): return 6
    see(await asyncio.to_thread(lambda: asyncio.run_coroutine_threadsafe(six(), loop).result()))
    await loop.shutdown_default_executor()

asyncio.run(main())
""",
    "what asyncio has of late": """
see([hasattr(asyncio, "eager_task_factory"), hasattr(asyncio, "QueueShutDown")])

async def first():
    see("at once")
    await asyncio.sleep(0)
    return 1

async def main():
    if hasattr(asyncio, "eager_task_factory"):
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    task = asyncio.create_task(first())
    see("after")
    see(await task)
    if hasattr(asyncio, "QueueShutDown"):
        inbox = asyncio.Queue()
        inbox.shutdown()
        try:
            await inbox.get()
        except asyncio.QueueShutDown:
            see("shut")
        async for done in asyncio.as_completed([asyncio.create_task(first())]):
            see(await done)

asyncio.run(main())
""",
    "low threads": """
import _thread
lock = _thread.allocate_lock()
lock.acquire()
_thread.start_new_thread(lambda: (see("low"), lock.release()), ())
lock.acquire()
""",
}


@pytest.mark.parametrize("name", PARTS)
def test_it_sees_the_same_as_outside(tmp_path: Path, name: str) -> None:
    file = tmp_path / "node.py"
    file.write_text(AROUND.format(part=PARTS[name].replace("\n", "\n    ")), "utf-8")
    init = '{"src": "c0", "dest": "n1", "body": {"type": "init", "msg_id": 1}}\n'
    outside = subprocess.run([sys.executable, file], input=init, capture_output=True, text=True, check=True)
    told: list[Searched] = []
    race(from_file(str(file)), select(["interleaving"], ["start"]), budget=20.0, on_searched=told.append)
    assert [result.explored.escaped for result in told] == [()]
    first = next(event.line for event in told[0].transcript if event.kind == "out")
    assert json.loads(first)["seen"] == json.loads(outside.stdout)["seen"]

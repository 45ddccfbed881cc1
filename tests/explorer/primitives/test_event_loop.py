"""What stands in for asyncio: tasks, calls from other threads, and what later Pythons have.

A program sees the same as outside.
"""

from pathlib import Path

import pytest

from tests.explorer.primitives.alike import node, seen_inside, seen_outside

PARTS = {
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
}


@pytest.mark.parametrize("name", PARTS)
def test_it_sees_the_same_as_outside(tmp_path: Path, name: str) -> None:
    file = node(tmp_path, PARTS[name])
    assert seen_inside(file) == seen_outside(file)

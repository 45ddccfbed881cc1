"""Runs a learner's node that answers one more request: what it keeps of calls, by the name of each table.

It stands alone, in the node's process. A table may have any name and lie anywhere: in the node, in its module,
in a local variable of a function that runs. An entry is one of a call if its key is the call's number, or if
something lies there for which somebody could wait: a box, an event, a future.
"""

import asyncio
import concurrent.futures
import gc
import importlib.util
import inspect
import queue
import sys
import threading
from collections.abc import Iterator, Mapping
from types import FrameType, ModuleType
from typing import Any

AWAITED = (
    queue.SimpleQueue,
    queue.Queue,
    threading.Event,
    threading.Condition,
    threading.Barrier,
    asyncio.Queue,
    asyncio.Event,
    asyncio.Condition,
    asyncio.Future,  # a task is one, too
    concurrent.futures.Future,
)
MANY = (list, tuple, set, frozenset)
DEPTH = 4  # of tables in tables
FEW = 4  # things that may lie together under one key
MODULE = "counted_node"


def main() -> None:
    """Load the node that is named, give it the handler, and let it run."""
    file = sys.argv[1]
    sys.path.insert(0, "")
    spec = importlib.util.spec_from_file_location(MODULE, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    node = module.node

    def counted(message: Any) -> None:
        node.reply(message, {"type": "counted_ok", "tables": tables(module, set(message["body"]["numbers"]))})

    async def counted_task(message: Any) -> None:
        counted(message)

    is_async = inspect.iscoroutinefunction(node.handlers["echo"])
    node.handlers["counted"] = counted_task if is_async else counted
    node.run()


def tables(module: ModuleType, numbers: set[int]) -> dict[str, int]:
    """How many entries of calls lie in each table, by its name; those that have none are left out."""
    gc.collect()
    found: dict[str, int] = {}
    seen: set[int] = set()

    def look(name: str, value: Any, depth: int) -> None:
        if depth > DEPTH or id(value) in seen:
            return
        if type(value).__module__ == MODULE and hasattr(value, "__dict__"):
            seen.add(id(value))
            for attribute, of_it in list(vars(value).items()):
                look(f"{'self' if name == 'node' else name}.{attribute}", of_it, depth + 1)
        elif isinstance(value, Mapping) or (
            hasattr(value, "__len__") and hasattr(value, "__iter__") and not isinstance(value, str | bytes)
        ):
            seen.add(id(value))
            is_table = isinstance(value, Mapping)
            entries = list(value.items()) if is_table else [(None, each) for each in list(value)]
            of_calls = sum(_is_of_call(key, each, numbers) for key, each in entries)
            if of_calls:
                found[name] = found.get(name, 0) + of_calls
                return
            for _, each in entries:
                look(f"{name}[…]", each, depth + 1)

    for name, value in _roots(module):
        look(name, value, 0)
    return found


def _is_of_call(key: Any, value: Any, numbers: set[int]) -> bool:
    keys = key if isinstance(key, tuple) else (key,)
    if any(type(each) is int and each in numbers for each in keys):
        return True
    parts = value if isinstance(value, MANY) and len(value) <= FEW else (value,)
    if isinstance(value, Mapping) and all(isinstance(each, str) for each in value):  # a record, and no table
        parts = tuple(value.values())
    elif type(value).__module__ == MODULE and hasattr(value, "__dict__"):  # a class for what waits
        parts = tuple(vars(value).values())
    return any(isinstance(each, AWAITED) for each in parts)


def _roots(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The node first, so that what lies there has its plain name; then classes, globals, and locals."""
    yield "node", module.node
    for name, value in list(vars(module).items()):
        if name.startswith("__"):
            continue
        if isinstance(value, type) and value.__module__ == MODULE:
            for attribute, of_it in list(vars(value).items()):
                if not attribute.startswith("__"):
                    yield f"{name}.{attribute}", of_it
        elif not isinstance(value, type | ModuleType):
            yield name, value
    for frame in _frames():
        if frame.f_code.co_filename == module.__file__:
            for name, value in list(frame.f_locals.items()):
                if name != "self":
                    yield f"{name} in {frame.f_code.co_name}", value


def _frames() -> Iterator[FrameType]:
    """The functions that run now: those of all threads, and those of all tasks of this thread's loop."""
    for top in list(sys._current_frames().values()):
        frame: FrameType | None = top
        while frame is not None:
            yield frame
            frame = frame.f_back
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:  # no loop runs here
        return
    for task in tasks:
        yield from task.get_stack()


if __name__ == "__main__":
    main()

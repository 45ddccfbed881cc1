"""A tiny program, for both explorers: some handlers, each in a thread of its own, over what all of them share.
The first ones may be tasks of one event loop instead.

A handler is a function of a list, into which it puts what it sees. What comes of a run is what each handler
that has ended has put there, and the state in the end, if the run gets there.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

FILE = "<program>"
HANDLER = "h{}"

Outcome = tuple[tuple[str, str], ...]  # by who: a handler's number, or "end"

# What a program may share: the names in a line, and the lines that make them.
SHARED = (
    (("s",), (
        "class Shared:\n    a = b = 0\n    def __init__(self):\n        self.a = self.c = 0\n\ns = Shared()"
    )),
    (("g",), "g = 0"),
    (("d",), "d = {'x': 0}"),
    (("l",), "l = [2, 1]"),
    (("t",), "t = {1}"),
    (("get", "put", "bump"), (
        "def cell():\n    n = 0\n    def get():\n        return n\n    def put(value):\n        nonlocal n\n"
        "        n = value\n    def bump():\n        nonlocal n\n        n += 1\n    return get, put, bump\n\n"
        "get, put, bump = cell()"
    )),
    (("L",), "L = Lock()"),
    (("M",), "M = Lock()"),
    (("R",), "R = RLock()"),
    (("C",), "C = Condition()"),
    (("S",), "S = Semaphore(1)"),
    (("Z",), "Z = Semaphore(0)"),
    (("E",), "E = Event()"),
    (("F",), "F = Event()"),
    (("q",), "q = SimpleQueue()"),
    (("small",), "small = Queue(1)"),
    (("last",), "last = LifoQueue()"),
    (("P",), "P = Future()"),
    (("A",), "A = asyncio.Lock()"),
    (("V",), "V = asyncio.Event()"),
    (("N",), "N = asyncio.Queue()"),
    (("loop",), "loop = None"),
)  # fmt: skip
END = (("s", "s.a, s.c"), ("g", "g"), ("d", "sorted(d.items())"), ("l", "list(l)"), ("t", "sorted(t)"))

_NODE = '''"""A node that does this once it has been initialised; made by the oracle."""
import asyncio
import copy
import functools
import heapq
import itertools
import json
import operator
import sys
import threading
from concurrent.futures import CancelledError, Future, InvalidStateError
from queue import Empty, Full, LifoQueue, Queue, SimpleQueue
from threading import Condition, Event, Lock, RLock, Semaphore, Thread
from time import sleep

{text}

out = threading.Lock()


def say(body):
    with out:
        print(json.dumps({{"src": "n1", "dest": "c1", "body": body}}), flush=True)


def serve(place, handler):
    result = []
    try:
        handler(result)
    except Exception as error:
        result.append(type(error).__name__)
    say({{"type": "outcome", "who": str(place), "what": result}})


sys.stdin.readline()
{start}
for thread in threads:
    thread.join()
say({{"type": "outcome", "who": "end", "what": end()}})
'''
_THREADS = """\
threads = [Thread(target=serve, args=each) for each in enumerate(({names},))]
for thread in threads:
    thread.start()"""
_TASKS = """\
handlers = [*enumerate(({names},))]
threads = [Thread(target=serve, args=each) for each in handlers[{tasks}:]]


async def serve_in_a_task(place, handler):
    result = []
    try:
        await handler(result)
    except Exception as error:
        result.append(type(error).__name__)
    say({{"type": "outcome", "who": str(place), "what": result}})


async def begin():
    global loop
    loop = asyncio.get_running_loop()
    for thread in threads:
        thread.start()
    await asyncio.gather(*[asyncio.create_task(serve_in_a_task(*each)) for each in handlers[:{tasks}]])


asyncio.run(begin())"""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its lines, in which `#0` and so on stand for the blocks within it."""

    text: str
    blocks: tuple["Block", ...] = ()

    def lines(self) -> Iterator[str]:
        for line in self.text.split("\n"):
            bare = line.lstrip()
            if bare.startswith("#"):
                yield from (line[: -len(bare)] + each for each in lines(self.blocks[int(bare[1:])]))
            else:
                yield line


Block = tuple[Statement, ...]


def lines(block: Block) -> Iterator[str]:
    for statement in block:
        yield from statement.lines()
    if not block:
        yield "pass"


@dataclass(frozen=True, slots=True)
class Program:
    """What the handlers do."""

    handlers: tuple[Block, ...]
    tasks: int = 0  # so many of them, from the first on, are tasks

    @property
    def text(self) -> str:
        """The functions, and what they share: no more than they name."""
        handlers = ""
        for place, block in enumerate(self.handlers):
            globals_ = "    global g\n" if any(" g" in f" {line}" for line in lines(block)) else ""
            body = "\n".join(f"    {line}" for line in lines(block))
            kind = "async def" if place < self.tasks else "def"
            handlers += f"\n\n{kind} {HANDLER.format(place)}(r):\n{globals_}{body}\n"
        words = set(_words(handlers))
        shared = "\n".join(text for names, text in SHARED if words & set(names))
        end = ", ".join(text for name, text in END if name in words)
        return f"{shared}\n{handlers}\n\ndef end():\n    return [{end}]\n"

    @property
    def node(self) -> str:
        """The same as a node: it says what each handler has seen, and the state in the end."""
        names = ", ".join(HANDLER.format(place) for place in range(len(self.handlers)))
        start = (_TASKS if self.tasks else _THREADS).format(names=names, tasks=self.tasks)
        return _NODE.format(text=self.text, start=start)

    @property
    def whose(self) -> tuple[str, ...]:
        """Who says something: each handler, and the main thread in the end."""
        return (*(str(place) for place in range(len(self.handlers))), "end")

    @staticmethod
    def outcome(told: Mapping[str, object]) -> Outcome:
        return tuple(sorted((who, json.dumps(what)) for who, what in told.items()))

    def smaller(self) -> Iterator["Program"]:
        """The program without one statement, or with a block in place of the statement around it."""
        for place, block in enumerate(self.handlers):
            for fewer in _without_one(block):
                yield Program((*self.handlers[:place], fewer, *self.handlers[place + 1 :]), self.tasks)
        if len(self.handlers) > 2:
            for place in range(len(self.handlers)):
                tasks = self.tasks - (place < self.tasks)
                if tasks or not self.tasks:
                    yield Program((*self.handlers[:place], *self.handlers[place + 1 :]), tasks)


def _without_one(block: Block) -> Iterator[Block]:
    for place, statement in enumerate(block):
        before, after = block[:place], block[place + 1 :]
        yield (*before, *after)
        for number, inner in enumerate(statement.blocks):
            yield (*before, *inner, *after)
            for fewer in _without_one(inner):
                blocks = (*statement.blocks[:number], fewer, *statement.blocks[number + 1 :])
                yield (*before, Statement(statement.text, blocks), *after)


def _words(text: str) -> Iterator[str]:
    word = ""
    for letter in text + " ":
        if letter.isidentifier() or (word and letter.isdigit()):
            word += letter
        elif word:
            yield word
            word = ""

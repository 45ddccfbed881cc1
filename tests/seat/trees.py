"""Small trees for the seat's tests: made by hand, and grown from a node."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from grader.cases.select import select
from grader.explorer.runtime.launch import of_file
from grader.seat.build import MOST, Ground, grow
from grader.seat.tree import Move, SeatColumn, SeatPosition, SeatWorker, Tree
from tests.explorer.nodes import GUARDED, THREAD, UNGUARDED, write_node

CROSSED = """
left, right = threading.Lock(), threading.Lock()

def send(dest, body):
    global next_id
    first, second = (right, left) if dest == "c2" else (left, right)
    with first:
        with second:
            body["msg_id"] = next_id
            next_id += 1
    write(dest, body)
"""
CHECKED = """
class Numbers:
    def __init__(self):
        self.used = set()

    def free(self):
        number = 0
        while number in self.used:
            number += 1
        self.used.add(number)
        return number

numbers = Numbers()

def send(dest, body):
    write(dest, {**body, "msg_id": numbers.free()})
"""
TASKS = """
import asyncio
import json
import sys

node_id = None
next_id = 0

async def answer(message):
    global next_id
    number = next_id
    await asyncio.sleep(0)
    next_id = number + 1
    body = {"type": "echo_ok", "in_reply_to": message["body"]["msg_id"], "msg_id": number}
    body = body | {"echo": message["body"]["echo"]} if "echo" in message["body"] else body | {"type": "init_ok"}
    print(json.dumps({"src": node_id, "dest": message["src"], "body": body}), flush=True)

async def serve():
    global node_id
    tasks = []
    while line := await asyncio.to_thread(sys.stdin.readline):
        message = json.loads(line)
        if message["body"]["type"] == "init":
            node_id = message["body"]["node_id"]
        tasks.append(asyncio.create_task(answer(message)))
    await asyncio.gather(*tasks)

asyncio.run(serve())
"""
NODES = {
    "checked": (CHECKED, THREAD),
    "crossed": (CROSSED, THREAD),
    "guarded": (GUARDED, THREAD),
    "unguarded": (UNGUARDED, THREAD),
}


@cache
def grown(name: str) -> Tree:
    """The tree of a node of this kind, which is sent two echoes."""
    return grown_on(name)[0]


@cache
def grown_on(name: str, most: int = MOST) -> tuple[Tree, Ground]:
    """Its tree of so many positions, and what it was grown from."""
    folder = Path(mkdtemp(prefix="seat-"))
    if name == "tasks":
        node = str(folder / "node.py")
        Path(node).write_text(TASKS, "utf-8")
    else:
        node = write_node(folder, *NODES[name])
    return grow(of_file(node), select(["interleaving"], ["two-echoes"])[0], most)


def grid(first: int, second: int) -> Tree:
    """Two workers with so many steps each, which have nothing to do with one another."""
    width = second + 1

    def move(number: int, at: tuple[int, int], last: int) -> Move:
        other_can = (at[1] < second) if number == 1 else (at[0] < first)
        to = (at[0] + 1) * width + at[1] if number == 1 else at[0] * width + at[1] + 1
        return Move(
            str(number), "turn", f"w{number}", f"w{number}", int(other_can and last not in (0, number)), to
        )

    def position(at: tuple[int, int]) -> SeatPosition:
        moves = [move(1, at, 0)] if at[0] < first else []
        moves += [move(2, at, 0)] if at[1] < second else []
        workers = tuple(
            SeatWorker(f"w{n}", f"w{n}", "", 0, "", "ready" if at[n - 1] < (first, second)[n - 1] else "ended")
            for n in (1, 2)
        )
        return SeatPosition(tuple(moves), workers, (), (), ())

    positions = tuple(position((a, b)) for a in range(first + 1) for b in range(second + 1))
    columns = (SeatColumn("main", "the main thread"), SeatColumn("w1", "w1"), SeatColumn("w2", "w2"))
    return Tree("node.py", "case", "A grid", (), columns, positions)

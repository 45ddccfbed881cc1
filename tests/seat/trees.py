"""Small trees for the seat's tests: made by hand, and grown from a node."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from grader.cases.select import select
from grader.seat.build import grow
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
NODES = {
    "crossed": (CROSSED, THREAD),
    "guarded": (GUARDED, THREAD),
    "unguarded": (UNGUARDED, THREAD),
}


@cache
def grown(name: str) -> Tree:
    """The tree of a node of this kind that is sent two echoes."""
    node = write_node(Path(mkdtemp(prefix="seat-")), *NODES[name])
    return grow(node, select(["interleaving"], ["two-echoes"])[0])


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

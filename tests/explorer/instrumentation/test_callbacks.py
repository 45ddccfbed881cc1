"""Where the library calls the node's own code others may run; what it does without a call it does at once."""

import sys
from pathlib import Path

import pytest

from grader.cases.select import select
from grader.conversation.submission import from_file
from grader.grading.exploration import race
from tests.explorer.nodes import THREAD, write_node

ENOUGH = 60.0  # seconds: a busy machine must not decide
NODE = """
import functools, heapq, itertools
from collections import defaultdict

{made}

def send(dest, body):
    kind = "echo" in body  # by its kind, since there is but one thread when init is answered
    body["msg_id"] = {number} * 2 + kind
    write(dest, body)
"""
NUMBER = """
class Number:
    def __init__(self, n): self.n = n
    def __lt__(self, other): return self.n < other.n
"""
BOXES = """
class Box:
    @functools.cached_property
    def numbers(self): return itertools.count()
boxes = Box(), Box()
"""
ALONE = [  # what is made, a number from it, and whether two may get the same, or an error
    ("table = defaultdict(lambda: itertools.count())", "next(table[kind])", True),
    ("table = defaultdict(itertools.count)", "next(table[kind])", False),
    (
        "@functools.lru_cache(maxsize=None)\ndef numbers(kind): return itertools.count()",
        "next(numbers(kind))",
        True,
    ),
    (
        "numbers = functools.lru_cache(maxsize=None)(lambda kind: itertools.count())",
        "next(numbers(kind))",
        True,
    ),
    # A lock of its own was there until Python 3.11.
    (BOXES, "next(boxes[kind].numbers)", sys.version_info >= (3, 12)),
    (NUMBER + "free = [Number(n) for n in range(9)]", "(free.sort(), free.pop().n)[1]", True),
    (
        "def plus(a, b):\n    return a + b\nids = itertools.accumulate(itertools.repeat(1), plus)",
        "next(ids)",
        True,
    ),
    ("class Ids:\n    def __getitem__(self, i):\n        return i\nids = iter(Ids())", "next(ids)", True),
    (
        "class Ids:\n    def __getitem__(self, i):\n        return i\n    def __len__(self): return 9\n"
        "ids = reversed(Ids())",
        "next(ids)",
        True,
    ),
    ("ids = itertools.pairwise(map(lambda n: n, itertools.count()))", "next(ids)[0]", True),
    ("ids = itertools.accumulate(itertools.repeat(1))", "next(ids)", False),
    ("free = list(range(9))", "(free.sort(), free.pop())[1]", False),
    ("free = list(range(9))", "(free.sort(key=abs), free.pop())[1]", False),
    ("free = list(range(9))", "(free.sort(key=lambda n: -n), free.pop())[1]", True),
]


@pytest.mark.parametrize(("made", "number", "is_found"), ALONE)
def test_others_run_where_the_library_calls_back(
    tmp_path: Path, made: str, number: str, is_found: bool
) -> None:
    node = write_node(tmp_path, NODE.format(made=made, number=number), THREAD)
    [result] = race(from_file(node), select(["interleaving"], ["two-echoes"]), budget=ENOUGH).results
    assert (result.status == "failed") is is_found, result.note
    assert is_found or result.note.startswith("complete to 2 preemptions")


def test_how_many_weak_references_there_are_is_not_followed(tmp_path: Path) -> None:
    made = "import weakref\nclass One: pass\none, kept = One(), []"
    number = "(weakref.getweakrefcount(one), kept.append(weakref.ref(one, kept.append)))[0]"
    node = write_node(tmp_path, NODE.format(made=made, number=number), THREAD)
    [result] = race(from_file(node), select(["interleaving"], ["two-echoes"]), budget=ENOUGH).results
    assert "weakref.getweakrefcount, which has no stand-in" in result.note

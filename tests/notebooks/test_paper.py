"""Exercises on paper: lines in an order, locks in a table."""

from itertools import permutations
from pathlib import Path

import pytest

from grader.notebook import arranged, check, guarded, shuffled
from grader.notebook.cell_output import VERDICT
from grader.notebook.exercises.lesson_files import LESSONS, load

PUZZLES = {ex: puzzle for ex, puzzle in load(f"{LESSONS}/puzzles.toml").items() if "lines" in puzzle}
TABLE = {"number": "lock", "boxes": "lock", "stdout": "lock", "id": "before"}
RIGHT = """
class Node:
    def __init__(self):
        self.id = None
        self.number, self.boxes = 0, {}
        self.lock = threading.Lock()

    def run(self):
        self.init(1)

    def init(self, message):
        self.id = message

    def say(self):
        print("a word", file=sys.stderr)
        with self.lock:
            self.number += 1
            self.boxes[self.number] = self.id
            print(self.number)

    def take(self):
        with self.lock:
            return self.boxes.pop(1)
"""


@pytest.mark.parametrize("ex", PUZZLES)
def test_each_right_order_is_a_program_and_no_other_is_taken(ex: str) -> None:
    puzzle = PUZZLES[ex]
    needed = [letter for letter in puzzle["lines"] if letter not in puzzle["unneeded"]]
    right = [order for order in permutations(needed) if arranged(ex, " ".join(order)).ok]
    assert 1 < len(right) < 100
    for order in right:
        lines = "\n".join(f"    {puzzle['lines'][letter]}" for letter in order)
        compile(f"def f(self, dest, body):\n{lines}", "puzzle", "exec")
        for place in range(len(order)):
            assert not arranged(ex, " ".join(order[:place] + order[place + 1 :])).ok
        for letter in puzzle["unneeded"]:
            assert not arranged(ex, " ".join([letter, *order])).ok
    assert all(f"{letter}   " in shuffled(ex).text for letter in puzzle["lines"])


@pytest.mark.parametrize("order", [None, "", "a a", "z"])
def test_no_order_gets_one_clear_line(order: str | None) -> None:
    judged = arranged("03.1", order)
    assert not judged.ok
    assert "\n" not in judged.why


def test_check_shows_why() -> None:
    shown = check("03.1", arranged("03.1", "f g c e a i d"))
    assert "c must come before g: " in shown.text
    assert shown._repr_mimebundle_()[VERDICT] == {"ex": "03.1", "ok": False}


def judged(tmp_path: Path, source: str, **table: str | None) -> str:
    file = tmp_path / "node.py"
    file.write_text(source, "utf-8")
    verdict = guarded(str(file), {**TABLE, **table})
    return "" if verdict.ok else verdict.why


def test_a_right_table_is_right(tmp_path: Path) -> None:
    assert judged(tmp_path, RIGHT) == ""


def test_a_method_that_is_only_called_under_the_lock_is_guarded_by_it(tmp_path: Path) -> None:
    call = "            self.write()"
    write = "\n    def write(self):\n        print(self.number)\n        self.flush()\n"
    helper = f"{write}\n    def flush(self):\n        print()\n"
    helped = RIGHT.replace("            print(self.number)", call) + helper
    assert judged(tmp_path, helped) == ""
    for wrong in (
        helped.replace(call, call[4:]),  # behind the block
        helped + "\n    def late(self):\n        self.flush()\n",
        helped.replace(call, "            threading.Thread(target=self.write).start()"),
        helped + "\nnode = Node()\nnode.write()\n",
    ):
        assert "touches it outside of `with self.lock:`" in judged(tmp_path, wrong), wrong


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("        with self.lock:\n            return", "        if True:\n            return", "boxes: line"),
        ("            print(self.number)", "        print(1)", "stdout: line"),
        ("self.number += 1", "self.number += 1\n        with self.lock:", "second"),
        ("with self.lock:\n            self", "with threading.Lock():\n            self", "number: line"),
        ("            return self.boxes.pop(1)", "            self.id = 2", "id: line"),
        ("self.init(1)", "self.start(self.init)", "init: line"),
        ("    def run", "    def handle", "init: line"),
        ("self.lock = threading.Lock()", "self.lock = None", "lock needs a row"),
        ("class Node", "class Nude", "no class Node"),
        ("class Node:", "class Node", "can't be read"),
    ],
)
def test_what_the_table_says_and_the_source_does_not(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert RIGHT.count(old) == 1
    assert says in judged(tmp_path, RIGHT.replace(old, new))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"number": None}, "number: write one of lock, before"),
        ({"number": None, "id": "no"}, "number, id: write one of lock, before, in quotes"),
        ({"number": "before"}, "number: line 17, in say, changes it"),
        ({"boxes": "before"}, "boxes: line 23, in take, changes it"),
        ({"stdout": "before"}, "stdout: it is written all the time"),
        ({"id": "lock"}, "id: line 12, in init"),
        ({"lock": "lock"}, "no such datum"),
    ],
)
def test_what_the_source_does_and_the_table_does_not_say(
    tmp_path: Path, table: dict[str, str | None], says: str
) -> None:
    assert says in judged(tmp_path, RIGHT, **table)


def test_no_file_is_said_so() -> None:
    assert "nowhere.py can't be read" in guarded("nowhere.py", TABLE).why

"""Lesson 02: moves and nodes are judged by what the schedules show, and told in words what is lacking."""

from pathlib import Path

import pytest

from grader.notebook import check, points_to, reaches, seat, unbreakable
from tests.notebooks.cells import lesson_cell

FILES = ("hall", "two-hands-file", "one-block-file", "crossed-file", "ex-02-6")
MODEL = "    with lock:\n        number = tickets[-1]\n        tickets.pop()\n"
BOTH = "    number = tickets[-1]\n    tickets.pop()\n"
DOES_NOT_HELP = "doesn't help. Is it the same one for all threads?"

# What stands in the place of the model's three lines, and what is said of it.
RIGHT = {
    "the model": (MODEL, "112 schedules, and none fails. There are no others."),
    "acquire and release": (f"    lock.acquire()\n{BOTH}    lock.release()\n", "none fails."),
    "one step, and no lock": ("    number = tickets.pop()\n", "And there is no lock: to look and to take"),
}
WRONG = {
    "the stub": (BOTH, "Nobody holds a lock in `answer`"),
    "lines moved": (
        "    tickets.pop()\n    number = tickets[-1]\n",
        "Between which of them must nobody come?",
    ),
    "a lock of one's own": (
        MODEL.replace("lock:", "threading.Lock():"),
        f"the lock of line 10), and {DOES_NOT_HELP}",
    ),
    "two blocks": (MODEL.replace("        tickets.pop", "    with lock:\n        tickets.pop"), DOES_NOT_HELP),
    "send under the lock": (
        f"{MODEL}        send(request, number)\n    return\n",
        "Let the block end before `send`.",
    ),
    "no ticket": ("    number = request['body']['msg_id']\n", "Nobody takes anything from `tickets`"),
    "never given back": (f"    lock.acquire()\n{BOTH}", "Is each lock that it takes given back?"),
    "no Python": ("    number =\n", "invalid syntax"),
}


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for id in FILES:
        cell = lesson_cell("02", id)
        assert cell.writes is not None
        Path(cell.writes[0]).write_text(cell.solved.partition("\n")[2] + "\n", "utf-8")


@pytest.mark.parametrize("name", [*RIGHT, *WRONG])
def test_a_node_is_judged_by_its_schedules_and_not_by_its_text(name: str) -> None:
    text, says = {**RIGHT, **WRONG}[name]
    file = Path("my_block.py")
    source = file.read_text("utf-8")
    assert source.count(MODEL) == 1
    file.write_text(source.replace(MODEL, text), "utf-8")
    judged = unbreakable("my_block.py", outside="send", uses="tickets")
    assert judged.ok is (name in RIGHT), judged.why
    assert says in judged.why


def test_the_schedule_that_is_named_can_be_played() -> None:
    file = Path("my_block.py")
    file.write_text(file.read_text("utf-8").replace(MODEL, BOTH), "utf-8")
    why = unbreakable("my_block.py", outside="send", uses="tickets").why
    moves = why.rpartition('.play("')[2].rstrip('")')
    assert seat("my_block.py").play(moves).game.position.code == "duplicate-msg-id"


def test_moves_are_told_where_they_lead() -> None:
    level = seat("two_hands.py", goal="Both number 1.", code="duplicate-msg-id", preemptions=1)
    for moves, says in (
        ("", "Write your moves"),
        (None, "Write your moves"),
        ("0 1 1", "It is not over yet, for 1 (c1's echo) and 2 (c2's echo) can go on."),
        ("0 9", "Move 2, 9, can't be made: 9 is nobody."),
        ("0 1 1 1 1 2 2 2 2 0", "nothing is wrong in it"),
        ("0 1 1 2 2 1 1 2 2 0", "This is it, but with 2 preemptions: 1 allowed."),
        ("0 1 1 2 2 2 2 1 1 0", "Reached, with 1 preemption."),
    ):
        judged = reaches(level, moves)
        assert says in judged.why.replace("\n", " ")
        assert judged.ok is ("Reached" in says)


def test_another_failure_is_not_the_one_that_is_asked_for() -> None:
    level = seat("two_hands.py", goal="Nobody can go on.", code="deadlock")
    assert "goes wrong in another way: The msg_id 1 was used twice" in reaches(level, "0 1 1 2 2 2 2 1 1 0").why


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (None, "Write the number"),
        (12, "`number = next_id`. There no lock"),
        (99, "nothing stands"),
        (11, "with lock"),
    ],
)
def test_a_line_is_told_by_what_stands_there(number: int | None, says: str) -> None:
    judged = points_to("one_block.py", number, "with lock")
    assert says in judged.why
    assert judged.ok is (number == 11)


def test_a_condition_whose_names_are_not_there_yet_says_what_to_run() -> None:
    shown = check("02.1", lambda: nowhere)  # type: ignore[name-defined]  # noqa: F821
    assert shown.text.endswith(
        "NameError: name 'nowhere' is not defined. Run the cells above first, from the top."
    )
    assert check("02.1", lambda: points_to("one_block.py", 11, "with lock")).ok

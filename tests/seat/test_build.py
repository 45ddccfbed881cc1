"""From a node to its tree: what there is to see at the seat."""

import subprocess
import sys
from pathlib import Path

from grader.seat.game import begin, press, shortest
from grader.seat.text import screen
from tests.seat.trees import grown

ROOT = Path(__file__).parents[2]


def test_it_begins_where_there_is_a_choice() -> None:
    tree = grown("unguarded")
    assert len(tree.positions[tree.first].moves) == 2
    assert [column.title for column in tree.columns] == ["the main thread", "c1's echo", "c2's echo"]


def test_what_workers_share_is_shown_with_its_value() -> None:
    game = shortest(grown("unguarded"))
    assert game is not None
    assert dict(game.position.shared)["next_id"] == "2"  # two were added, one is lost
    assert "message" not in dict(game.position.shared)


def test_each_move_says_what_it_did() -> None:
    game = shortest(grown("unguarded"))
    assert game is not None
    did = [one.text for move in game.made for one in move.did]
    assert did.count("reads next_id: 1") == 4  # each of two threads reads it twice, before anybody sets it
    assert did.count("sets next_id to 2") == 2


def test_everybody_waiting_for_another_is_a_deadlock() -> None:
    game = shortest(grown("crossed"))
    assert game is not None
    assert game.position.code == "deadlock"
    assert "c1's echo waits for right, which c2's echo holds" in game.position.finding
    assert "c2's echo waits for left, which c1's echo holds" in game.position.finding
    assert "✗ deadlock" in screen(game)


def test_what_runs_tasks_is_called_the_event_loop() -> None:
    tree = grown("tasks")
    assert tree.columns[0].title == "the event loop"
    assert "[ ] the event loop: lets one task go on at a time" in screen(begin(tree))


def test_who_is_left_over_at_the_end_has_nothing_more_to_do() -> None:
    game = shortest(grown("unguarded"))
    assert game is not None
    assert "[ ] the main thread: has nothing more to do" in screen(game)


def test_one_name_is_shown_once() -> None:
    game = begin(grown("checked"))
    while game.position.moves:
        game = press(game, game.position.moves[0].token)
    used = [value for name, value in game.position.shared if name == "self.used"]
    assert used == ["{0, 1, 2}"]  # as the last one left it, not as somebody once looked at it


def test_no_process_is_left_but_the_launcher() -> None:
    code = (
        "import psutil; from grader.conversation.node_process import prepare; prepare()\n"
        "from tests.seat.trees import grown_on; grown_on('unguarded', 20)\n"
        "below = psutil.Process().children(recursive=True)\n"
        "launchers = [c for c in psutil.Process().children() if 'launcher' in str(c.cmdline())]\n"
        # A keeper that has told of the end may be on its way out: whoever was left behind stays.
        "print(psutil.wait_procs([c for c in below if c not in launchers], 20)[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", cwd=ROOT, check=True
    )
    assert done.stdout == "[]\n"

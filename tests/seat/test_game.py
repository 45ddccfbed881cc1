"""The rules of the seat: moves forward and back, what they cost, and how many ways there are."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as some

from grader.seat.game import Game, Goal, begin, count, is_reached, play, press, shortest, undo, verdict
from grader.seat.tree import Tree
from tests.seat.trees import grid, grown


def ends(tree: Tree) -> list[Game]:
    """Every schedule, one by one."""
    games, over = [begin(tree)], []
    while games:
        game = games.pop()
        games += [press(game, move.token) for move in game.position.moves]
        over += [] if game.position.moves else [game]
    return over


@given(first=some.integers(1, 6), second=some.integers(1, 6))
def test_two_threads_have_as_many_schedules_as_there_are_ways_to_shuffle_them(first: int, second: int) -> None:
    assert sum(every for every, _ in count(grid(first, second)).values()) == comb(first + second, first)


def test_two_threads_of_four_steps_have_seventy() -> None:
    assert count(grid(4, 4)) == {0: (70, 0)}


@pytest.mark.parametrize("name", ["guarded", "unguarded"])
def test_to_count_is_to_play_all(name: str) -> None:
    over = ends(grown(name))
    for used, (every, failing) in count(grown(name)).items():
        same = [game for game in over if game.preemptions == used]
        assert (len(same), sum(bool(game.position.code) for game in same)) == (every, failing)


def test_the_shortest_is_the_first_of_all_that_fail() -> None:
    failing = [game for game in ends(grown("unguarded")) if game.position.code]
    found = shortest(grown("unguarded"))
    assert found is not None
    assert found in failing
    assert found.preemptions == min(game.preemptions for game in failing) == 1
    assert len(found.path) == min(len(game.path) for game in failing if game.preemptions == 1)
    assert shortest(grown("guarded")) is None


def test_forward_and_back() -> None:
    game = begin(grown("unguarded"))
    token = game.position.moves[0].token
    assert undo(press(game, token)) == game
    assert undo(game) == game
    assert play(game.tree, press(game, token).moves) == press(game, token)
    assert play(game.tree, f"{token} u") == game
    assert play(game.tree, f"u {token} r {token}") == press(game, token)


def test_who_cannot_go_on_says_why() -> None:
    game = begin(grid(1, 1))
    assert press(game, "0").refused == "the main thread has not begun yet"
    assert press(game, "7").refused == "7 is nobody"
    game = press(game, "1")
    assert (press(game, "1").refused, press(game, "1").at) == ("w1 has ended", game.at)
    assert "it is over" in press(press(game, "2"), "2").refused


def test_a_lock_that_is_held_says_by_whom_and_since_where() -> None:
    refused = {
        press(game, str(number)).refused
        for over in ends(grown("guarded"))
        for length in range(len(over.path))
        for game in [play(over.tree, " ".join(over.moves.split()[:length]))]
        for number in (1, 2)
    }
    held = next(text for text in refused if "which c1's echo holds, taken in line" in text)
    assert held.startswith("c2's echo waits for numbers")


def test_a_goal_is_reached_at_the_end_and_with_few_enough_preemptions() -> None:
    found = shortest(grown("unguarded"))
    assert found is not None
    assert is_reached(found, Goal("…", "duplicate-msg-id", 1))
    assert is_reached(found, Goal("…"))
    assert not is_reached(found, Goal("…", "duplicate-msg-id", 0))
    assert not is_reached(found, Goal("…", "deadlock"))
    assert not is_reached(undo(found), Goal("…"))
    plain = next(game for game in ends(grown("guarded")) if game.preemptions == 0)
    assert is_reached(plain, Goal("…", ""))


def test_moves_may_have_commas() -> None:
    game = shortest(grown("unguarded"))
    assert game is not None
    assert play(game.tree, game.moves.replace(" ", ", ")) == game


def test_a_goal_that_took_too_many_preemptions_is_told_as_that() -> None:
    game = shortest(grown("unguarded"))
    assert game is not None
    one = Goal("Both number 1.", game.position.code, 1)
    assert verdict(game, one) == "★ Goal reached."
    none = Goal("Both number 1, without a preemption.", game.position.code, 0)
    assert verdict(game, none) == "This is it, but with 1 preemption: 0 allowed."
    assert verdict(game, Goal("Nothing fails.", "")) == "The goal is not reached by this schedule."

"""Where a tree is cut the node is run further, and what was there before stays where and what it was."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from grader.cases.select import select
from grader.explorer.runtime.launch import of_file
from grader.notebook.nodes.at_the_seat import AtTheSeat
from grader.seat.build import Part, grow
from grader.seat.further import play_further
from grader.seat.game import Game, begin, count, play, press, shortest
from grader.seat.graft import graft, way_to
from grader.seat.text import screen
from grader.seat.tree import Happened, Tree
from tests.explorer.nodes import THREAD, UNGUARDED, write_node
from tests.seat.trees import grid, grown, grown_on

SMALL = 20  # positions: the plain run, and little else
DID = (Happened("w1", "node.py", 1, "takes a step"),)


def cut(tree: Tree, at: int, way: int) -> tuple[Tree, Part]:
    """A tree cut behind one of its moves, and what is behind it, as a tree of its own."""
    here = tree.positions[at]
    to = here.moves[way].to
    assert to is not None
    moves = (*here.moves[:way], replace(here.moves[way], to=None), *here.moves[way + 1 :])
    positions = (*tree.positions[:at], replace(here, moves=moves), *tree.positions[at + 1 :])
    behind = [to, *(place for place in range(len(tree.positions)) if place != to)]
    part = tuple(
        replace(
            one, moves=tuple(replace(m, to=None if m.to is None else behind.index(m.to)) for m in one.moves)
        )
        for one in (tree.positions[place] for place in behind)
    )
    return replace(tree, positions=positions), Part(DID, replace(tree, positions=part))


def walked(tree: Tree, choices: list[int]) -> Game:
    """The game that these choices make, up to the end or to a cut."""
    game = begin(tree)
    for choice in choices:
        moves = game.position.moves
        if not moves or (after := press(game, moves[choice % len(moves)].token)).refused:
            break
        game = after
    return game


@given(
    first=some.integers(1, 4),
    second=some.integers(1, 4),
    to_the_cut=some.lists(some.integers(0, 1), max_size=7),
    choices=some.lists(some.integers(0, 1), max_size=9),
)
def test_what_was_there_stays_and_what_was_cut_is_there_again(
    first: int, second: int, to_the_cut: list[int], choices: list[int]
) -> None:
    whole = grid(first, second)
    at = walked(whole, to_the_cut).at
    if not whole.positions[at].moves:
        at = 0
    for way in range(len(whole.positions[at].moves)):
        bare, part = cut(whole, at, way)
        made = graft(bare, at, way, part)
        for place, position in enumerate(bare.positions):
            now = made.positions[place]
            kept = [m for n, m in enumerate(position.moves) if (place, n) != (at, way)]
            assert [m for n, m in enumerate(now.moves) if (place, n) != (at, way)] == kept
            assert replace(now, moves=position.moves) == position
        old, new = walked(bare, choices), play(made, walked(bare, choices).moves)
        assert (old.at, old.path) == (new.at, new.path)
        assert made.columns == bare.columns
        assert made.positions[at].moves[way].did == DID
        assert count(made) == count(whole)


def test_the_way_to_a_cut_begins_at_the_start_and_not_at_the_first_choice() -> None:
    tree = grown("unguarded")
    game = begin(tree)
    token = game.position.moves[-1].token
    assert way_to(game, token) is None
    bare, _ = cut(tree, tree.first, len(game.position.moves) - 1)
    way = way_to(begin(bare), token)
    assert way is not None
    place = 0
    for one in way[:-1]:
        to = bare.positions[place].moves[one].to
        assert to is not None
        place = to
    assert (place, way[-1]) == (bare.first, len(game.position.moves) - 1)


def test_a_small_tree_grows_as_far_as_it_is_played() -> None:
    whole = grown("unguarded")
    small, ground = grown_on("unguarded", SMALL)
    found = shortest(whole)
    assert found is not None
    assert "the tree is cut here" in play(small, found.moves).refused
    game = play_further(begin(small), found.moves, ground, SMALL)
    assert screen(game) == screen(found)
    assert game.tree.columns == whole.columns
    assert [move.did for move in game.made] == [move.did for move in found.made]
    assert SMALL < len(game.tree.positions) < len(whole.positions)
    for token in ("9", "1"):  # what can't be made says why, as in the whole tree
        refused = play_further(game, f"{found.moves} {token}", ground).refused
        assert refused == play(whole, f"{found.moves} {token}").refused


def test_who_begins_behind_the_cut_gets_a_column_of_its_own() -> None:
    tree, ground = grown_on("unguarded", 5)
    assert [column.worker for column in tree.columns] == ["main"]
    game = begin(tree)
    while game.position.moves:
        game = play_further(game, f"{game.moves} {game.position.moves[-1].token}", ground)
        assert not game.refused
    whole = grown("unguarded")
    assert game.tree.columns == whole.columns
    assert game.position == next(one for one in whole.positions if one == game.position)


def test_in_a_notebook_text_goes_beyond_the_cut_and_without_a_kernel_it_does_not() -> None:
    small, ground = grown_on("unguarded", SMALL)
    found = shortest(grown("unguarded"))
    assert found is not None
    assert repr(AtTheSeat(small, ground=ground).play(found.moves)) == screen(found)
    assert "the tree is cut here" in repr(AtTheSeat(small).play(found.moves))


def test_a_node_that_was_changed_meanwhile_is_not_mixed_with_what_it_was(tmp_path: Path) -> None:
    node = Path(write_node(tmp_path, UNGUARDED, THREAD))
    tree, ground = grow(of_file(str(node)), select(["interleaving"], ["two-echoes"])[0], SMALL)
    node.write_text(f"{node.read_text('utf-8')}\n# another one\n", "utf-8")
    found = shortest(grown("unguarded"))
    assert found is not None
    game = play_further(begin(tree), found.moves, ground)
    assert "has been changed since" in game.refused
    assert game.moves == play(tree, found.moves).moves


@pytest.mark.parametrize("most", [1, SMALL])
def test_of_a_tree_that_is_cut_only_what_is_whole_is_counted(most: int) -> None:
    tree, _ = grown_on("unguarded", most)
    assert tree.level is not None
    whole = count(grown("unguarded"))
    if tree.level >= 0:
        assert count(tree) == {used: row for used, row in whole.items() if used <= tree.level}
    else:
        assert not AtTheSeat(tree).is_unbreakable

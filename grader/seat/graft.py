"""A part that was grown later is put onto its tree, behind a move at which the tree was cut. Pure."""

from collections.abc import Iterator
from dataclasses import replace

from grader.seat.build import Part
from grader.seat.game import Game
from grader.seat.tree import SeatPosition, Tree


def way_to(game: Game, token: str) -> tuple[int, ...] | None:
    """The moves from the start to behind this one, each by its place; None if the tree is not cut there."""
    moves = game.position.moves
    ways = [way for way, move in enumerate(moves) if move.token == token and move.to is None]
    if not ways:
        return None
    return (*before_first(game.tree), *(way for _, way in game.path), ways[0])


def before_first(tree: Tree) -> Iterator[int]:
    """The moves from the start to the first choice: up to there only one worker could go on."""
    at = 0
    while at != tree.first and (to := tree.positions[at].moves[0].to) is not None:
        yield 0
        at = to


def graft(tree: Tree, at: int, way: int, part: Part) -> Tree:
    """The tree with this part behind one of its moves. All else in it stays where and what it was."""
    offset = len(tree.positions)
    here = tree.positions[at]
    made = replace(here.moves[way], to=offset, did=part.did)
    joint = replace(here, moves=(*here.moves[:way], made, *here.moves[way + 1 :]))
    positions = (*tree.positions[:at], joint, *tree.positions[at + 1 :])
    return replace(
        tree,
        columns=(*tree.columns, *part.tree.columns[len(tree.columns) :]),
        positions=(*positions, *(_moved(position, offset) for position in part.tree.positions)),
    )


def _moved(position: SeatPosition, offset: int) -> SeatPosition:
    moves = tuple(replace(move, to=None if move.to is None else move.to + offset) for move in position.moves)
    return replace(position, moves=moves)

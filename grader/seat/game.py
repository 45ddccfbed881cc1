"""The rules of the seat: moves, what they cost, how many schedules there are. Pure; seat.js has the same."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import inf

from grader.seat.tree import Move, SeatPosition, Tree


@dataclass(frozen=True, slots=True)
class Goal:
    """What a level asks for: this failure (`*`: any; empty: none), with so many preemptions at most."""

    text: str
    code: str = "*"
    preemptions: int | None = None


@dataclass(frozen=True, slots=True)
class Game:
    """The moves made so far, each as a position and the place of the move there.

    `refused` says why the last one could not be made.
    """

    tree: Tree
    at: int
    path: tuple[tuple[int, int], ...] = ()
    refused: str = ""

    @property
    def position(self) -> SeatPosition:
        return self.tree.positions[self.at]

    @property
    def made(self) -> tuple[Move, ...]:
        """The moves made so far."""
        return tuple(self.tree.positions[at].moves[way] for at, way in self.path)

    @property
    def moves(self) -> str:
        """The moves as text: `1 1 2`."""
        return " ".join(move.token for move in self.made)

    @property
    def preemptions(self) -> int:
        """Switches away from somebody who could have gone on."""
        return sum(move.cost for move in self.made)


def begin(tree: Tree) -> Game:
    """The game at the first choice."""
    return Game(tree, tree.first)


def press(game: Game, token: str) -> Game:
    """The game after one more move, `u` (back) or `r` (again); the same, with the reason, if it can't be."""
    if token in BACK:
        return BACK[token](game)
    moves = game.position.moves
    way = next((way for way, move in enumerate(moves) if move.token == token), None)
    if way is None:
        return replace(game, refused=why_not(game, token))
    to = moves[way].to
    if to is None:
        return replace(game, refused="the tree is cut here: nobody has run further")
    return Game(game.tree, to, (*game.path, (game.at, way)))


def undo(game: Game) -> Game:
    """The game without its last move."""
    return Game(game.tree, game.path[-1][0], game.path[:-1]) if game.path else replace(game, refused="")


def again(game: Game) -> Game:
    """The game at the first choice."""
    return begin(game.tree)


BACK = {"u": undo, "r": again}  # the keys of the buttons


def play(tree: Tree, text: str) -> Game:
    """The game that these moves make; it ends at the first that can't be made, and says which that is."""
    game = begin(tree)
    for token in text.replace(",", " ").split():
        game = press(game, token)
        if game.refused:
            return refused(game, token)
    return game


def refused(game: Game, token: str) -> Game:
    """The game that could not go on with this move, and says so: of several that were played, which it was."""
    return replace(game, refused=f"Move {len(game.path) + 1}, {token}, can't be made: {game.refused}.")


def why_not(game: Game, token: str) -> str:
    """Why this one can't go on."""
    here, columns = game.position, game.tree.columns
    if not here.moves:
        return "it is over: undo, or start again"
    if not token.isdecimal() or int(token) >= len(columns):
        return f"{token} is nobody"
    column = columns[int(token)]
    worker = next((one for one in here.workers if one.worker == column.worker), None)
    if worker is None:
        return f"{column.title} has not begun yet"
    if worker.state == "ended":
        return f"{worker.title} has ended"
    return f"{worker.title} {worker.why or 'can’t go on'}".replace("’", "'")


def count(tree: Tree) -> dict[int, tuple[int, int]]:
    """By the number of preemptions: how many schedules there are from the first choice on; how many fail.

    Only up to the level to which the tree is whole: of those with more, only some are in it.
    """

    @cache
    def visit(at: int) -> Mapping[int, tuple[int, int]]:
        here = tree.positions[at]
        found: dict[int, tuple[int, int]] = {} if here.moves else {0: (1, int(bool(here.code)))}
        for move in here.moves:
            for used, (every, failing) in visit(move.to).items() if move.to is not None else ():
                before = found.get(used + move.cost, (0, 0))
                found[used + move.cost] = before[0] + every, before[1] + failing
        return found

    top = inf if tree.level is None or tree.level < 0 else tree.level
    return {used: row for used, row in sorted(visit(tree.first).items()) if used <= top}


def shortest(tree: Tree) -> Game | None:
    """The schedule that fails with the fewest preemptions, and of these the shortest; None if none does."""
    best = {tree.first: begin(tree)}
    queue = [tree.first]
    for at in queue:
        game = best[at]
        for move in tree.positions[at].moves:
            if move.to is None:
                continue
            after = press(game, move.token)
            if move.to not in best or _cost(after) < _cost(best[move.to]):
                best[move.to] = after
                queue.append(move.to)
    failing = [game for at, game in best.items() if tree.positions[at].code]
    return min(failing, key=_cost, default=None)


def _cost(game: Game) -> tuple[int, int]:
    return game.preemptions, len(game.path)


def verdict(game: Game, goal: Goal) -> str:
    """What is said of the goal at the end of a schedule."""
    if is_reached(game, goal):
        return "★ Goal reached."
    if goal.preemptions is not None and is_reached(game, replace(goal, preemptions=None)):
        return f"This is it, but with {_preemptions(game.preemptions)}: {goal.preemptions} allowed."
    return "The goal is not reached by this schedule."


def _preemptions(number: int) -> str:
    return f"{number} preemption{'s' * (number != 1)}"


def is_reached(game: Game, goal: Goal) -> bool:
    """Whether the goal is reached: only where the workload is over."""
    here = game.position
    if here.moves or (goal.preemptions is not None and game.preemptions > goal.preemptions):
        return False
    return bool(here.code) if goal.code == "*" else here.code == goal.code

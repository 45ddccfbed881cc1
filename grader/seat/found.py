"""From what the explorer has found to a page with the seat, in which that schedule is played already."""

from functools import cache

from grader.explorer.runtime.launch import Launch
from grader.explorer.search.engine import Searched
from grader.explorer.search.reduce_case import as_found
from grader.explorer.trace.model import Found
from grader.seat.build import Ground, grow, happened
from grader.seat.game import Game, play, shortest
from grader.seat.page import page
from grader.seat.tree import Happened, Tree


def seat_of(launch: Launch, searched: Searched) -> tuple[str, Game | None]:
    """The page of a workload, and the schedule played in it. Raises Gone where the tree can't be grown."""
    tree, game = tree_of(launch, searched)
    return page(tree, moves=game.moves if game else ""), game


def tree_of(launch: Launch, searched: Searched) -> tuple[Tree, Game | None]:
    """The tree of a workload, and the schedule that was found in it: None if nothing was, or the tree is cut
    before it. Of what was found it is the workload as far as the failure needs it.

    Raises Gone where the tree can't be grown.
    """
    tree, _, game = ground_of(launch, searched)
    return tree, game


def ground_of(launch: Launch, searched: Searched) -> tuple[Tree, Ground, Game | None]:
    """The same, with what it takes to grow more of the tree."""
    found, replay = searched.found, searched.replay
    tree, ground = grow(launch, as_found(searched.case, replay) if replay else searched.case)
    return tree, ground, schedule_of(tree, found) if found else None


def schedule_of(tree: Tree, found: Found) -> Game | None:
    """The way through the tree on which the same happens in the same order as in the run that was found, with
    the fewest preemptions; if there is none, the shortest that fails.
    """
    names = frozenset(name for position in tree.positions for name, _ in position.shared)
    moves = _same(tree, tuple(happened(found.failing.steps, names)))
    return shortest(tree) if moves is None else play(tree, " ".join(moves))


def _same(tree: Tree, steps: tuple[Happened, ...]) -> tuple[str, ...] | None:
    """Moves from the first choice to a failure on which the last of these steps are done; what comes before
    the first choice is not told by any move.
    """

    @cache
    def rest(at: int, done: int) -> tuple[int, int, tuple[str, ...]] | None:
        """The cost, the length and the moves of the cheapest way from here that does all further steps."""
        here = tree.positions[at]
        if not here.moves:
            return (0, 0, ()) if here.code and done == len(steps) else None
        ways = []
        for move in here.moves:
            after = done + len(move.did)
            if move.to is None or steps[done:after] != move.did:
                continue
            if way := rest(move.to, after):
                ways.append((way[0] + move.cost, way[1] + 1, (move.token, *way[2])))
        return min(ways, default=None)

    ways = [way for done in range(len(steps) + 1) if (way := rest(tree.first, done))]
    return min(ways)[2] if ways else None

"""The seat with a kernel: where the tree is cut, the node is run further, and the move is made."""

from grader.explorer.client import Gone
from grader.seat.build import Ground, grow_part
from grader.seat.game import Game, begin, press, refused
from grader.seat.graft import graft, way_to

MORE = 100  # positions, each time: it is waited for, and a page is told the whole tree again


def play_further(game: Game, text: str, ground: Ground, most: int = MORE) -> Game:
    """The game that these moves make from the first choice, on a tree that has been grown as far as they need.

    It ends at the first that can't be made. Where the node can't be run further it is refused with the reason.
    """
    game = begin(game.tree)
    for token in text.replace(",", " ").split():
        after = way_to(game, token)
        if after is not None:
            try:
                part = grow_part(ground, game.tree, after, most)
            except Gone as gone:
                return Game(game.tree, game.at, game.path, f"nobody can run it further: {gone}")
            game = Game(graft(game.tree, game.at, after[-1], part), game.at, game.path)
        game = press(game, token)
        if game.refused:
            return refused(game, token)
    return game

"""Exercises at the seat: moves that reach a goal, a node that none can break. Judged by the tree, in words."""

from linecache import checkcache, getline
from textwrap import fill
from typing import TYPE_CHECKING

from grader.notebook.exercises.paper import Judged

if TYPE_CHECKING:
    from grader.notebook.nodes.at_the_seat import AtTheSeat
    from grader.seat.game import Game, Goal

NO_MOVES = 'Write your moves between the quotes, such as "0 1 1". They stand in the field below the buttons.'
NOT_OVER = "Play to the end, where nobody has a move left: the goal is about the whole schedule."
HARMLESS = (
    "It comes to its end, and nothing is wrong in it: the turn changed hands at harmless places. Go back "
    "with u, and give it to somebody else just when a thread has done half of what should be one step."
)
WIDTH = 100
GIVEN = "pipe"  # the lock that hall.py has


def reaches(seat: "AtTheSeat", moves: str | None) -> Judged:
    """Whether these moves reach the goal of this seat; else where they lead, and what is lacking."""
    if not isinstance(moves, str) or not moves.strip():
        return Judged(False, NO_MOVES)
    game = seat.play(moves).game
    assert seat.goal is not None
    if lacks := _lacking(game, seat.goal):
        wrapped = "\n".join(fill(line, WIDTH) for line in lacks.splitlines())
        return Judged(False, f"The goal: {seat.goal.text}\n{wrapped}")
    limit = seat.goal.preemptions  # a level without one may come before the word
    how = "" if limit is None else f", with {_preemptions(game.preemptions)}"
    return Judged(True, f"The goal: {seat.goal.text} Reached{how}.")


def _lacking(game: "Game", goal: "Goal") -> str:
    from grader.seat.game import is_reached, verdict

    here = game.position
    if game.refused:
        made = f"As far as {game.moves!r} they can be made. " if game.moves else ""
        return f"{game.refused}\n{made}See who can go on there, and choose one of them."
    if here.moves:
        names = {str(number): column.title for number, column in enumerate(game.tree.columns)}
        free = [f"{one.token} ({names.get(one.token, one.label)})" for one in here.moves]
        return f"It is not over yet, for {' and '.join(free)} can go on. {NOT_OVER}"
    if is_reached(game, goal):
        return ""
    if not here.code:
        return HARMLESS
    if here.code == goal.code:
        return f"{verdict(game, goal)} Take the turn away less often: let each go on until it ends, or can't."
    return f"This schedule goes wrong in another way: {here.finding}"


def points_to(file: str, number: int | None, text: str) -> Judged:
    """Whether this line of a file has this text; else what stands there."""
    if not isinstance(number, int):
        return Judged(False, "Write the number of a line: it stands in the grey button, behind the word line.")
    checkcache(file)
    line = getline(file, number).strip()
    if not line:
        return Judged(False, f"In line {number} of {file} nothing stands.")
    if text not in line:
        return Judged(False, f"Line {number} of {file} is `{line}`. There no lock is taken.")
    return Judged(True, f"Line {number}: `{line}`")


def unbreakable(file: str, outside: str, uses: str) -> Judged:
    """Whether in this node, run in all schedules of two echoes, none fails; and no lock is held in `outside`.

    How it is made so does not count: what needs no lock is right without one. `uses` is the datum that both
    must have changed, else there is nothing to be broken.
    """
    from grader.notebook.nodes.at_the_seat import seat
    from grader.seat.game import count

    try:
        mine = seat(file)
    except ValueError as error:
        return Judged(False, f"{error}\nIt can't be played as it is: mend that first.")
    rows = count(mine.tree)
    every, failing = (sum(row[place] for row in rows.values()) for place in (0, 1))
    if failing or mine.shortest().game.position.code:
        return Judged(False, _broken(file, mine, f"{failing:,} of {every:,}"))
    if mine.tree.level is not None and mine.tree.level < 0:
        return Judged(False, "It has too many schedules to try: what `answer` does must be shorter.")
    values = {value for position in mine.tree.positions for name, value in position.shared if name == uses}
    if len(values) < 2:
        return Judged(
            False, f"Nobody takes anything from `{uses}`. Each reply is to have its number from there."
        )
    told = f"{every:,} schedules, and none fails. "
    if mine.tree.level is None:
        told += "There are no others."
    else:
        told += f"These are all with up to {_preemptions(mine.tree.level)}; there are more."
    return _held(mine, outside, told)


def _broken(file: str, mine: "AtTheSeat", how_many: str) -> str:
    """What a failing schedule shows, and that it can be played."""
    game = mine.shortest().game
    own = _locks(mine)
    if not game.preemptions:
        why = "It goes wrong though the turn is taken from nobody, so look at what `answer` does when alone.\n"
        why += "Does it come to `send`? Is each lock that it takes given back? (`with` does that by itself.)"
    elif own:
        why = f"A lock is held ({', '.join(own)}), and doesn't help. Is it the same one for all threads?\n"
        why += "And does all that must be one step stand in one block of it?"
    else:
        why = "Nobody holds a lock in `answer`, so another thread can come in between its lines, in whatever\n"
        why += "order they stand. Between which of them must nobody come?"
    shown = f"One of them, with {_preemptions(game.preemptions)}: {game.position.finding}"
    return f'Of its schedules {how_many} fail.\n{shown}\n{why}\nPlay it: seat("{file}").play("{game.moves}")'


def _held(mine: "AtTheSeat", outside: str, told: str) -> Judged:
    """The verdict on a node that no schedule breaks: what is held in `outside`, where nothing should be?"""
    if held := mine.held_in(outside) - {GIVEN}:
        locks = " and ".join(sorted(held))
        why = f"But `{outside}` is called while {locks} is held, so all others wait until one has written."
        return Judged(False, f"{told}\n{why}\nLet the block end before `{outside}`.")
    if not _locks(mine):
        told += (
            "\nAnd there is no lock: to look and to take are one step here by themselves. Where they are two,\n"
            "as before, a lock makes them one; and so it does once anything else belongs to the step."
        )
    return Judged(True, told)


def _locks(mine: "AtTheSeat") -> list[str]:
    """The locks of the node's own that somebody holds in one of all positions."""
    held = {lock.name.partition("#")[0] for position in mine.tree.positions for lock in position.locks}
    return sorted(held - {GIVEN})


def _preemptions(number: int) -> str:
    return f"{number} preemption{'s' * (number != 1)}"

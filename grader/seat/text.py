"""The seat as text: the same moves and the same to see, without a mouse, and for programs. Pure."""

from grader.protocol.json_values import shorten
from grader.seat.game import Game, count
from grader.seat.tree import Happened, Move, SeatPosition, SeatWorker

LINES = 2  # shown above and below the one that is next
WIDTH = 96


def told(game: Game) -> str:
    """What the last move did, in a sentence; or why there was none."""
    if game.refused:
        return game.refused
    if not game.made:
        return "Choose who goes on."
    move = game.made[-1]
    titles = {column.worker: column.title for column in game.tree.columns}  # of who has ended, too
    did = [f"{titles.get(one.worker, one.worker)}, {_place(game, one)}: {one.text}" for one in move.did]
    plain = f"{titles.get(move.worker, move.worker)} goes on, up to the next point"
    what = "; ".join(did) or (plain if move.kind == "turn" else move.label)
    return f"{'Preemption. ' if move.cost else ''}{what}."


def _place(game: Game, one: Happened) -> str:
    """The line in which it happened; in another file than the node's own, that as well."""
    return f"line {one.line}" if one.file == game.tree.node else f"{one.file} line {one.line}"


def screen(game: Game) -> str:
    """All that there is to see at this position."""
    here, tree = game.position, game.tree
    rows = [f"moves: {game.moves or '(none)'}   preemptions: {game.preemptions}", told(game), ""]
    for number, column in enumerate(tree.columns):
        worker = next((one for one in here.workers if one.worker == column.worker), None)
        if worker is None:
            continue
        move = next((move for move in here.moves if move.token == str(number)), None)
        rows.append(f"[{number if move else ' '}] {column.title}: {_state(here, worker, move)}")
        rows += _source(game, worker.file, worker.line)
    rows += [f"[{move.token}] {move.label}" for move in here.moves if move.kind != "turn"]
    rows += ["", *(f"{name} = {value}" for name, value in here.shared)]
    titles = {column.worker: column.title for column in tree.columns}
    rows += [f"{lock.name} is held by {titles[lock.holder]} since line {lock.line}" for lock in here.locks]
    rows += [f"stdout: {shorten(line, WIDTH)}" for line in here.out]
    if not here.moves:
        rows += ["", f"✗ {here.code}: {here.finding}" if here.code else "✓ This schedule passes."]
    return "\n".join(rows)


def counted(game: Game) -> str:
    """How many schedules there are, and how many fail, as a table."""
    rows = count(game.tree)
    every, failing = (sum(row[place] for row in rows.values()) for place in (0, 1))
    level = game.tree.level
    more = "" if level is None else f" {up_to(level)}: there are more."
    table = [f"{'preemptions':>11}{'schedules':>12}{'of them fail':>14}"]
    table += [f"{used:>11}{one:>12,}{bad:>14,}" for used, (one, bad) in rows.items()]
    return "\n".join([f"{every:,} schedules from here, {failing:,} of them fail.{more}", *table])


def up_to(level: int) -> str:
    """What is counted of a tree that is cut."""
    return "Counted where the tree is not cut" if level < 0 else f"Counted up to {level} preemptions"


def _state(here: SeatPosition, worker: SeatWorker, move: Move | None) -> str:
    """What a worker can do here, or why it can't."""
    if move:
        return "a preemption" if move.cost else "can go on"
    if worker.state == "ended":
        return "has ended"
    return worker.why or ("can't go on" if here.moves else "has nothing more to do")


def _source(game: Game, file: str, line: int) -> list[str]:
    lines = dict(game.tree.sources).get(file, ()) if line else ()
    shown = range(max(1, line - LINES), min(len(lines), line + LINES) + 1)
    return [f"     {'▶' if number == line else ' '}{number:>4}  {lines[number - 1]}" for number in shown]

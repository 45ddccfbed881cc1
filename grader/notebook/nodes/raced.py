"""Race a node from a cell: what the explorer found is printed, and opens at the seat."""

import sys

from grader.notebook.cell_output import plain_console
from grader.notebook.nodes.at_the_seat import AtTheSeat

BUDGET = 4.0  # CPU seconds, for one case
WIDTH = 80


def race(node: str = "my_node.py", case: str = "two-echoes", budget: float = BUDGET) -> AtTheSeat | None:
    """Let the explorer look for a schedule that fails, as `grader race` does, and print what it says.

    What it has found opens at the seat, played to its end; if it has found nothing, you may try. None where the
    node can't be run under the scheduler: it is printed why.
    """
    from grader.cases.select import select
    from grader.conversation.submission import from_file
    from grader.explorer.client import Gone
    from grader.explorer.runtime.launch import launch_of
    from grader.explorer.search.engine import Searched
    from grader.grading.exploration import race as explore
    from grader.notebook.exercises.safety import note_found
    from grader.reports.race_terminal import Screen
    from grader.seat.found import ground_of

    suite, _, name = case.rpartition(":")
    submission = from_file(node)
    screen = Screen(plain_console(sys.stdout, WIDTH), full=False)
    told: list[Searched] = []
    cases = select([suite or "interleaving"], [name])
    explored = explore(
        submission, cases, budget=budget, asked_for=[name], on_result=screen.tell, on_searched=told.append
    )
    screen.sum(explored, len(cases))
    if cases[0].order != "exact":
        note_found(node, explored.results)
    if not told or told[0].explored.escaped:
        return None
    try:
        tree, ground, game = ground_of(launch_of(submission), told[0])
    except Gone as gone:
        print(f"There is no seat at this node: {gone}")
        return None
    return AtTheSeat(tree, moves=game.moves if game else "", ground=ground)

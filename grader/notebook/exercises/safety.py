"""A node that passes its cases may lack a lock: no case shows that. This asks its text, and the explorer.

The text only says whether it is worth while to ask: a lock may be held in ways that it does not show. What the
explorer finds is a run that happened.
"""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.notebook.cell_output import plain_console
from grader.notebook.course.files import digest_of
from grader.notebook.course.record import record
from grader.notebook.exercises.lock_table import unlocked

if TYPE_CHECKING:
    from grader.grading.results import Result

RACES = ("data-race", "deadlock")
BUDGET = 4.0  # CPU seconds
WIDTH = 80


def unsafe(node: str, case: str) -> str:
    """A schedule of this workload in which the node fails, explained; empty if none is found or sought."""
    return explored(node, [case]) if unlocked(node) else ""


def known_of(node: str) -> str:
    """What is said of a node of which a race is known, as long as its file is unchanged; else nothing."""
    digest = digest_of(node)
    if not digest or record().last("found", node=node, digest=digest) is None:
        return ""
    return f'It is as it was when a schedule was found in which it fails. race("{node}") shows one.'


def note_found(node: str, results: "Sequence[Result]") -> None:
    """Remember that this node, as it stands, has a race. To keep no order is none."""
    found = [result.findings[0].code for result in results if result.status == "failed"]
    if any(code in RACES for code in found):
        record().add("found", node=node, digest=digest_of(node))


def explored(node: str, cases: Sequence[str], budget: float = BUDGET) -> str:
    """What the explorer finds in these workloads; empty if nothing."""
    from grader.cases.select import INTERLEAVING, select
    from grader.conversation.submission import from_file
    from grader.grading.exploration import race
    from grader.reports.race_terminal import Screen

    text = io.StringIO()
    screen = Screen(plain_console(text, WIDTH), full=False)
    grade = race(
        from_file(node), select([INTERLEAVING], cases), budget=budget, asked_for=cases, on_result=screen.tell
    )
    note_found(node, grade.results)
    return text.getvalue().strip() if any(result.status == "failed" for result in grade.results) else ""

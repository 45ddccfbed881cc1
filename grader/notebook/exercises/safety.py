"""A node that passes its cases may lack a lock: no case shows that. This asks its text, and the explorer.

The text only says whether it is worth while to ask: a lock may be held in ways that it does not show. What the
explorer finds is a run that happened.
"""

import io
from collections.abc import Sequence

from grader.notebook.exercises.lock_table import unlocked

BUDGET = 4.0  # CPU seconds
WIDTH = 80


def unsafe(node: str, case: str) -> str:
    """A schedule of this workload in which the node fails, explained; empty if none is found or sought."""
    return explored(node, [case]) if unlocked(node) else ""


def explored(node: str, cases: Sequence[str], budget: float = BUDGET) -> str:
    """What the explorer finds in these workloads; empty if nothing."""
    from rich.console import Console

    from grader.cases.select import INTERLEAVING, select
    from grader.conversation.submission import from_file
    from grader.grading.exploration import race
    from grader.reports.race_terminal import Screen

    text = io.StringIO()
    console = Console(file=text, width=WIDTH, color_system=None, highlight=False, soft_wrap=True)
    screen = Screen(console, full=False)
    grade = race(
        from_file(node), select([INTERLEAVING], cases), budget=budget, asked_for=cases, on_result=screen.tell
    )
    return text.getvalue().strip() if any(result.status == "failed" for result in grade.results) else ""

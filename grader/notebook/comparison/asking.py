"""A learner's own requests to a node: what came of them, or one clear line on why nothing did."""

from collections.abc import Sequence

from grader.notebook.comparison.measuring import Body, Exchange, Fell
from grader.notebook.comparison.measuring import exchange as measured

NOTHING = Exchange((), 0.0, 0, 0.0, 0)


def exchange(node: str | Sequence[str], bodies: Sequence[Body]) -> Exchange:
    """Send these bodies at once, from one client, each with a `msg_id` of its own; peers answer when all wait.

    Where that can't be done it is printed why, and nothing came.
    """
    from grader.conversation.submission import NotGradable

    if not isinstance(bodies, list | tuple) or not all(isinstance(b, dict) and "type" in b for b in bodies):
        print("Nothing was sent: expected a list of bodies, each with a type, like [ECHO, PROXY].")
        return NOTHING
    try:
        return measured(node, bodies)
    except (Fell, NotGradable) as why:
        print(f"{node}: {why}.")
        return NOTHING

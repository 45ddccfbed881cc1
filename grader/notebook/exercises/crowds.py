"""The client that nobody wants: requests that make a model lose. Whether they do is tried out, and told in words."""

from collections.abc import Sequence

from grader.notebook.comparison.asking import NOTHING, exchange
from grader.notebook.comparison.measuring import Body
from grader.notebook.exercises.paper import Judged

MOST = 200  # requests
MANY = 100  # threads
ECHOES = 3
SHORTEST, LONGEST = 4, 10
NOT_SENT = "Nothing came of it; above it stands why."


def crowds(node: str, bodies: Sequence[Body]) -> Judged:
    """Whether so few requests keep so many of the node's threads busy."""
    if isinstance(bodies, list) and len(bodies) > MOST:
        return Judged(False, f"These are {len(bodies)} requests, and {MOST} must do.")
    came = exchange(node, bodies)
    if came is NOTHING:
        return Judged(False, NOT_SENT)
    told = f"{len(bodies)} requests: {came.threads} threads when they were counted, {came.waiting} waited for a peer."
    if came.threads > MANY:
        return Judged(True, told)
    if came.waiting < len(bodies) / 2:
        why = (
            "Most of them were answered before the threads were counted, and who has answered needs no thread\n"
        )
        why += "any more. What is still open then?"
    else:
        why = "These do keep a thread each, but there are too few of them."
    return Judged(False, f"{told} More than {MANY} are asked for.\n{why}")


def jams(node: str, bodies: Sequence[Body], echo: Body) -> Judged:
    """Whether this node answers the echoes at the end of these requests only after a slower one before them."""
    if not isinstance(bodies, list) or list(bodies[-ECHOES:]) != [echo] * ECHOES:
        return Judged(False, "The list must end with three echoes: […, ECHO, ECHO, ECHO].")
    if not SHORTEST <= len(bodies) <= LONGEST:
        return Judged(False, f"The list has {len(bodies)} requests; {SHORTEST} to {LONGEST} are asked for.")
    came = exchange(node, bodies)
    if came is NOTHING:
        return Judged(False, NOT_SENT)
    types = [reply["body"]["type"] for reply in came.replies]
    told = f"It answered: {', '.join(types)}."
    slow = [place for place, kind in enumerate(types) if kind in ("nap_ok", "compute_ok")]
    if slow and types[-ECHOES:] == ["echo_ok"] * ECHOES and slow[-1] == len(types) - ECHOES - 1:
        return Judged(True, f"{told} Three echoes waited for what stood before them.")
    if not slow:
        why = "Nothing among them holds the thread: what waits for a peer is awaited, and others go on. Which kinds\n"
        why += "of request wait, or work, without an await?"
    else:
        why = "The echoes were not the last: put what is slow directly before them."
    return Judged(False, f"{told}\n{why}")

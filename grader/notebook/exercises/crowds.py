"""The client that nobody wants: requests that make a model lose. They are tried out, and what came is told."""

from collections.abc import Sequence

from grader.notebook.comparison.asking import NOTHING, exchange
from grader.notebook.comparison.measuring import Body
from grader.notebook.exercises.paper import Judged

MOST = 200  # requests
MANY = 100  # threads
ECHOES = 3
SHORTEST, LONGEST = 4, 10
SLOW = ("nap_ok", "compute_ok")
COUNTED = "{requests} requests: {threads} threads when they were counted."
NOT_SENT = "Nothing came of it; above it stands why."


def crowds(node: str, bodies: Sequence[Body]) -> Judged:
    """Whether so few requests keep so many of the node's threads busy."""
    if isinstance(bodies, list) and len(bodies) > MOST:
        return Judged(False, f"These are {len(bodies)} requests, and {MOST} must do.")
    came = exchange(node, bodies)
    if came is NOTHING:
        return Judged(False, NOT_SENT)
    threads: str | int = came.threads
    if came.threads > MANY:
        return Judged(True, COUNTED.format(requests=len(bodies), threads=threads))
    if came.waiting < len(bodies) / 2:
        threads = "few"  # how many of those who have answered are still there is chance
        why = "Most requests were answered by then, and who has answered needs no thread any more.\n"
        why += "Which kind of request is still open when all have been begun?"
    else:
        why = "These do keep a thread each, but they are too few."
    told = COUNTED.format(requests=len(bodies), threads=threads)
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
    bodies_of = [reply["body"] for reply in came.replies]
    types = [body["type"] for body in bodies_of]
    told = f"It answered: {', '.join(types)}."
    last = sorted(body["in_reply_to"] for body in bodies_of)[-ECHOES:]
    soonest = min(place for place, body in enumerate(bodies_of) if body["in_reply_to"] in last)
    if any(kind in SLOW for kind in types[:soonest]):
        return Judged(True, f"{told} Three echoes waited for what stood before them.")
    why = "None of them holds the thread: who waits for a peer awaits it, and others go on. Which kinds\n"
    why += "of request wait, or work, without an await?"
    if any(kind in SLOW for kind in types):
        why = "What is slow came after the echoes: put it before them."
    return Judged(False, f"{told}\n{why}")

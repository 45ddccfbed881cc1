"""What a pool does outside of the node's source, as done in the line that gave it the work. Pure functions.

`asyncio.to_thread(print, line)` writes in a thread in which the node has no line at all.
"""

from collections import defaultdict, deque
from dataclasses import replace

from grader.explorer.trace.model import Run, Step

WORK = ("read", "write", "out", "acquire", "release")


def as_given(run: Run) -> Run:
    """The run, with a line and a request for each step that a pool made for somebody."""
    given: dict[int, deque[Step]] = defaultdict(deque)
    doing: dict[str, Step] = {}
    steps = []
    for step in run.steps:
        if step.op == "put":
            given[step.datum].append(step)
        elif step.op == "get" and given[step.datum]:
            doing[step.worker] = given[step.datum].popleft()
        giver = doing.get(step.worker)
        if not step.file and step.op in WORK and giver is not None:
            steps.append(
                replace(step, worker=giver.worker, handler=giver.handler, file=giver.file, line=giver.line)
            )
        else:
            steps.append(step)
    return replace(run, steps=tuple(steps))

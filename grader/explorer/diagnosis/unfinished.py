"""What a run has left undone: requests without an answer, letters in queues, tasks cut off, exceptions that
nobody caught. Pure functions.
"""

from collections.abc import Sequence

from grader.explorer.diagnosis.conflicts import HELD_BACK, Asked, StepTrio, answers, asked, is_about, late_end
from grader.explorer.diagnosis.wording import is_reader, main_task
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Crash, Run, Step


def unanswered(run: Run) -> frozenset[Asked]:
    """The requests that were read and not answered; in time, where that is what is wrong."""
    held_back = bool(run.findings) and run.findings[0].code in HELD_BACK
    end = late_end(run) if held_back else None
    requests: set[Asked] = set()
    for event in run.transcript[:end]:
        if event.kind in ("in", "out") and (request := asked(event.line)):
            if event.kind == "in" and not answers(event.line):
                requests.add(request)
            elif event.kind == "out" and answers(event.line):
                requests.discard(request)
    return frozenset(requests)


def cut_off(run: Run) -> tuple[Step, ...]:
    """Where tasks stood that did not come to their end before their event loop's main task came to its."""
    main = main_task(run)
    end = next((step.n for step in run.steps if step.worker == main and step.op == "end"), len(run.steps))
    found = []
    for worker in dict.fromkeys(step.worker for step in run.steps[:end] if step.task):
        last = next(step for step in reversed(run.steps[:end]) if step.worker == worker)
        after = [step.op for step in run.steps[end:] if step.worker == worker]
        if last.op == "await" and worker != main and after == ["end"]:
            found.append(last)
    return tuple(found)


def left_in_queues(run: Run) -> tuple[Step, ...]:
    """What was put into queues and never fetched, where a request that is not answered got no further."""
    latest: dict[Asked, Step] = {}
    for step in run.steps:
        if step.handler is not None and not is_reader(run, step.worker) and step.op != "end":
            latest[step.handler.src, step.handler.msg_id] = step
    requests = unanswered(run)
    standing = [latest.get(request) for request in requests]
    return tuple(
        step
        for step in lying(run.steps)
        if step.kind is not Resource.POOL
        and not _is_awaited(run, step, requests)
        and (is_about(step, requests) or any(last is None or last.n <= step.n for last in standing))
    )


def _is_awaited(run: Run, put: Step, requests: frozenset[Asked]) -> bool:
    """Whether it lies in the box of one request, whose handler was about to take it: no letter is ever fetched
    from there but this one.
    """
    moved = [step for step in run.steps if step.op in ("put", "get") and step.datum == put.datum]
    serving = [stand.handler for stand in run.stands if stand.state == "ready" and stand.handler is not None]
    return moved == [put] and any((request.src, request.msg_id) in requests for request in serving)


def lying(steps: Sequence[Step]) -> tuple[Step, ...]:
    """What was put into queues and pools and never fetched, but for letters that say: the end."""
    left: dict[int, list[Step]] = {}
    for step in steps:
        if step.op == "put":
            left.setdefault(step.datum, []).append(step)
        elif step.op == "get" and left.get(step.datum):
            left[step.datum].pop(0)
    return tuple(step for put in left.values() for step in put if step.value not in ("None", ""))


def fatal(run: Run) -> tuple[Crash, ...]:
    """The exceptions that ended a handler, and left its request without an answer."""
    answered = {request for event in run.transcript if event.kind == "out" and (request := asked(event.line))}
    return tuple(
        crash
        for crash in run.crashes
        if crash.handler is not None and (crash.handler.src, crash.handler.msg_id) not in answered
    )


def taken_before(run: Run, crash: Crash) -> tuple[Step, Step] | None:
    """Who had taken out what a worker then did not find, and ended; and where it did not find it."""
    if crash.kind != KeyError.__name__:
        return None
    mine = (step for step in reversed(run.steps[: crash.n + 1]) if step.worker == crash.worker)
    missed = next((step for step in mine if step.op in ("read", "write")), None)
    if missed is None or (missed.file, missed.line) != (crash.file, crash.line) or missed.value != "nothing":
        return None
    others = (
        step for step in reversed(run.steps[: missed.n]) if (step.op, step.datum) == ("write", missed.datum)
    )
    last = next((step for step in others if step.value != "nothing"), None)
    if last is None or last.written != "nothing" or last.worker == missed.worker:
        return None
    return last, missed


def let_go_before(run: Run, crash: Crash) -> StepTrio | None:
    """Where a worker that ended had looked at something by a weak reference, who let go of that, the last who
    knew it, and where it was looked for again.
    """
    mine = [
        step for step in run.steps[: crash.n + 1] if (step.worker, step.kind) == (crash.worker, Resource.WEAK)
    ]
    if not mine:
        return None
    again = mine[-1]
    freed = next((step for step in reversed(run.steps[: again.n]) if step.op == "free"), None)
    if freed is None or freed.worker == crash.worker:
        return None
    looks = (step for step in mine if step.n < freed.n and step.handler == again.handler)
    look = next((step for step in looks if step.owner == again.owner), None)
    return (look, freed, again) if look else None

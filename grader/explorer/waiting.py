"""Who waited for whom in a failing run, and what was left undone: locks in a ring, signals nobody heard,
a peer that never answered, queues with something in them, exceptions that nobody caught. Pure functions.
"""

from grader.explorer.clash import asked
from grader.explorer.record import Crash, Run, Stand, Step
from grader.explorer.source import locks_around
from grader.explorer.telling import bare, plain


def cycle(run: Run) -> tuple[Stand, ...]:
    """The workers that wait for one another's locks, each for one that the next one holds."""
    waiting = [stand for stand in run.stands if stand.state == "waits" and stand.waits_for]
    holder = {plain(lock): stand for stand in waiting for lock in stand.held}
    for stand in waiting:
        chain = [stand]
        while (following := holder.get(plain(chain[-1].waits_for))) is not None:
            if following in chain:
                return tuple(chain[chain.index(following) :])
            chain.append(following)
    return ()


def crossing(run: Run) -> tuple[Stand, ...]:
    """Two tasks that each stand before an `async with` inside another, in opposite order."""
    inside: dict[tuple[str, str], Stand] = {}
    for stand in run.stands:
        locks = locks_around(run, stand.file, stand.line)
        before_a_lock = run.text(stand.file, stand.line).startswith("async with ")
        if stand.state == "waits" and len(locks) > 1 and before_a_lock:
            inside[locks[-2], locks[-1]] = stand
    return next(((stand, inside[b, a]) for (a, b), stand in inside.items() if (b, a) in inside), ())


def lost_signal(run: Run) -> tuple[Step, Stand] | None:
    """A signal that came while nobody waited for it, and who waits for it now."""
    for stand in run.stands:
        if stand.state != "waits" or ".wait(" not in run.text(stand.file, stand.line):
            continue
        heard = [
            step
            for step in run.steps
            if step.op in ("wake", "wait") and bare(step.place) == bare(stand.waits_for)
        ]
        following = [*(step.op for step in heard[1:]), "wake"]
        for step, after in zip(heard, following, strict=False):
            if step.op == after == "wake" and step.worker != stand.worker:
                return step, stand
    return None


def waited_in_vain(run: Run) -> Step | None:
    """Where the handler waited for its peer that then gave up, and answered with error 0."""
    said = [
        step for step in run.steps if step.op == "out" and run.findings and step.event in run.findings[0].events
    ]
    for last in reversed(said):
        for step in reversed(run.steps[: last.n]):
            if step.worker == last.worker and step.op in ("fire", "wait", "await"):
                return step
    return None


def is_task(run: Run, worker: str) -> bool:
    """Whether this worker is a task of an event loop's."""
    return worker.startswith("Task-") or any(step.op == "await" and step.worker == worker for step in run.steps)


def kept_out(run: Run, waiter: Step) -> tuple[Step, ...]:
    """Where others stood before a lock of the waiter's while it waited.

    Who waits for a lock is known by the step with which it gets it; nobody says who holds an asyncio.Lock,
    but others stand before it.
    """
    found = []
    for worker in {step.worker for step in run.steps} - {waiter.worker}:
        before = next((step for step in reversed(run.steps[: waiter.n]) if step.worker == worker), None)
        after = next((step for step in run.steps[waiter.n :] if step.worker == worker), None)
        if waiter.op != "await":
            label = (
                after.waits_for if after else next((s.waits_for for s in run.stands if s.worker == worker), "")
            )
            if label and plain(label) in {plain(lock) for lock in waiter.held} and (after or before):
                found.append(after or before)
        elif before and before.op == "await" and run.text(before.file, before.line).startswith("async with "):
            found.append(before)
    return tuple(step for step in found if step is not None)


def left_in_queues(run: Run) -> tuple[Step, ...]:
    """What was put into queues and never fetched, letters that only say that the end has come aside."""
    left: dict[int, list[Step]] = {}
    for step in run.steps:
        if step.op == "put":
            left.setdefault(step.datum, []).append(step)
        elif step.op == "get" and left.get(step.datum):
            left[step.datum].pop(0)
    return tuple(
        step
        for steps in left.values()
        for step in steps
        if step.value not in ("None", "") and not step.place.startswith("the pool")
    )


def fatal(run: Run) -> tuple[Crash, ...]:
    """The exceptions that ended a handler, and left its request without an answer."""
    answered = {request for event in run.transcript if event.kind == "out" and (request := asked(event.line))}
    return tuple(
        crash
        for crash in run.crashes
        if crash.handler is not None and (crash.handler.src, crash.handler.msg_id) not in answered
    )

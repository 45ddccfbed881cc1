"""Who waited for whom in a failing run, and what was left undone: locks in a ring, signals nobody heard,
a peer that never answered, queues with something in them, exceptions that nobody caught. Pure functions.
"""

from collections.abc import Sequence

from grader.explorer.diagnosis.conflicts import HELD_BACK, Asked, Clash, asked, clash, in_time, is_about
from grader.explorer.diagnosis.source_facts import is_a_test, locks_around
from grader.explorer.diagnosis.wording import bare, is_reader, plain
from grader.explorer.trace.model import Crash, Found, Run, Stand, Step
from grader.protocol.messages import NotAMessage, is_reply, parse

IDLE = ("input", "something to do in the event loop")


def stuck(run: Run) -> tuple[Stand, ...]:
    """Who waits for what can't come any more, at the end of a run: handlers at work, or the main thread.

    Where all is answered and the program does not end, everybody who waits.
    """
    open_requests = unanswered(run)
    waiting = [stand for stand in run.stands if stand.state == "waits" and stand.waits_for not in IDLE]
    if run.findings and run.findings[0].code == "hung-after-eof":
        return tuple(waiting)
    at_work = [
        stand
        for stand in waiting
        if (
            (stand.handler is not None and (stand.handler.src, stand.handler.msg_id) in open_requests)
            and not is_idle(run, stand)
        )
        or stand.held
        or (stand.worker == "main" and open_requests)
    ]
    if not at_work and open_requests:  # who waits at an empty queue has nothing to do; who waits for a word has
        at_work = [stand for stand in waiting if stand.waits_for.startswith(("condition ", "event "))]
    return tuple(at_work)


def deadlocked(failing: Run, passing: Run | None) -> tuple[Stand, ...]:
    """Those of the stuck who are to blame: who waits there as well where all goes right has nothing to do.

    Unless it was to be woken: then a signal was lost. Where all is answered and only the end doesn't come,
    somebody must be to blame.
    """
    waiting = stuck(failing)
    if passing is None or lost_signal(failing):
        return waiting
    to_blame = tuple(stand for stand in waiting if not _rests(passing, stand))
    return to_blame or (waiting if failing.findings[0].code == "hung-after-eof" else ())


def _rests(passing: Run, stand: Stand) -> bool:
    """Whether it waited at the same place when all had been said that is said in a run that passes."""
    if stand.handler is not None or stand.held or stand.worker == "main":
        return False
    said = max((step.n for step in passing.steps if step.op == "out"), default=0)
    spot = stand.worker, stand.file, stand.line, stand.waits_for
    waited = [(step.worker, step.file, step.line, step.waits_for) for step in passing.steps[said:]]
    return spot in waited + [
        (other.worker, other.file, other.line, other.waits_for) for other in passing.stands
    ]


def is_idle(run: Run, stand: Stand) -> bool:
    """Whether it waits where it has fetched its work before: what its locals name is done with."""
    queue = plain(stand.waits_for)
    return not waits_for_room(run, stand) and any(
        (s.op, s.worker, s.place) == ("get", stand.worker, queue) for s in run.steps
    )


def unanswered(run: Run) -> frozenset[Asked]:
    """The requests that were read and not answered."""
    requests: set[Asked] = set()
    for event in run.transcript:
        if event.kind in ("in", "out") and (request := asked(event.line)):
            if event.kind == "in" and not _is_reply(event.line):
                requests.add(request)
            elif event.kind == "out" and _is_reply(event.line):
                requests.discard(request)
    return frozenset(requests)


def _is_reply(line: str) -> bool:
    try:
        return is_reply(parse(line))
    except NotAMessage:
        return False


def full(run: Run) -> tuple[Stand, bool] | None:
    """Who waits for room in a queue from which all who fetch wait themselves; True: it alone fetches."""
    waiting = {stand.worker: stand for stand in run.stands if stand.state == "waits"}
    for stand in waiting.values():
        if not waits_for_room(run, stand):
            continue
        fetch = {step.worker for step in run.steps if (step.op, step.place) == ("get", plain(stand.waits_for))}
        if fetch and fetch <= set(waiting):
            return stand, fetch == {stand.worker}
    return None


def waits_for_room(run: Run, stand: Stand) -> bool:
    """Whether it waits to put something into a queue."""
    return stand.waits_for.startswith("queue ") and ".put(" in run.text(stand.file, stand.line)


def starved(run: Run) -> tuple[Stand, ...]:
    """Handlers that wait for what they have given to a pool, where it lies, since all its workers wait."""
    waiting = tuple(
        stand
        for stand in run.stands
        if stand.state == "waits"
        and stand.handler
        and stand.waits_for.startswith(("wait", "future ", "the future"))
    )
    given = {step.worker for step in lying(run.steps)}
    return waiting if waiting and all(stand.worker in given for stand in waiting) else ()


def cut_off(run: Run) -> tuple[Step, ...]:
    """Where tasks stood that did not come to their end before their event loop's main task came to its."""
    main_task = next((step.worker for step in run.steps if step.worker.startswith("Task-")), "")
    end = next((step.n for step in run.steps if step.worker == main_task and step.op == "end"), len(run.steps))
    found = []
    for worker in dict.fromkeys(step.worker for step in run.steps[:end] if step.worker.startswith("Task-")):
        last = next(step for step in reversed(run.steps[:end]) if step.worker == worker)
        after = [step.op for step in run.steps[end:] if step.worker == worker]
        if last.op == "await" and worker != main_task and after == ["end"]:
            found.append(last)
    return tuple(found)


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


def lost_signal(run: Run) -> tuple[Step, Step | None, Stand] | None:
    """The last signal that came while nobody waited for it, where it was cleared (if it was an event's), and
    who waits for it now.
    """
    for stand in run.stands:
        if stand.state != "waits" or ".wait(" not in run.text(stand.file, stand.line):
            continue
        given: list[Step] = []
        cleared = None
        held_back = run.findings and run.findings[0].code in HELD_BACK
        for step in run.steps[: in_time(run) if held_back else None]:
            if cleared and step.op == "read" and step.worker == cleared.worker == stand.worker:
                given = [
                    wake for wake in given if wake.n > cleared.n
                ]  # who looks behind the clearing needs none
            elif bare(step.place) != bare(stand.waits_for):
                continue
            elif step.op == "wake":
                given.append(step)
            elif step.op == "wait":  # an event that was set twice is as one that was set once
                del given[: None if stand.waits_for.startswith("event ") else 1]
            elif step.op == "clear":
                cleared = step
        if given and given[-1].worker != stand.worker:
            return given[-1], cleared, stand
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


def woken_for_nothing(run: Run) -> tuple[Step, Step] | None:
    """The signal that woke the handler that then gave up, and where it had waited: its time was not over."""
    vain = waited_in_vain(run)
    if vain is None or vain.op != "wait" or not vain.waits_for.startswith(("condition ", "event ")):
        return None
    for wake in reversed(run.steps[: vain.n]):
        if (wake.op, wake.datum) == ("wake", vain.datum) and wake.worker != vain.worker:
            return wake, vain
    return None


def looked_too_early(run: Run) -> tuple[Step, Step, Step] | None:
    """Where the handler that gave up had looked for what another then put there and gave a signal for, and
    where it waited for that signal all the same.
    """
    vain = waited_in_vain(run)
    if vain is None or vain.op != "fire":
        return None
    given = [step for step in run.steps[: vain.n] if (step.op, step.datum) == ("wake", vain.datum)]
    for look in reversed(run.steps[: vain.n]):
        if look.op == "read" and look.worker == vain.worker:
            for wake in given:
                for put in run.steps[look.n : wake.n]:
                    if (put.op, put.worker, put.datum) == ("write", wake.worker, look.datum):
                        return look, put, vain
    return None


def waited_too_late(run: Run) -> tuple[Step, Step, Step] | None:
    """The signal that nobody heard, where the handler that gave up then began to wait for it, and gave up.

    Who looked first, with the condition held, waits for another signal than this.
    """
    vain = waited_in_vain(run)
    if vain is None or vain.op != "fire" or not vain.waits_for.startswith("condition "):
        return None
    mine = [step for step in run.steps[: vain.n] if step.worker == vain.worker]
    began = mine[-1] if mine and mine[-1].op == "release" else None
    if began is None or mine[-2].op != "acquire" or mine[-2].datum != began.datum:
        return None
    asked = max((step.n for step in mine if step.op == "out"), default=0)
    for wake in reversed(run.steps[asked : began.n]):
        if (wake.op, wake.datum) == ("wake", vain.datum) and wake.worker != vain.worker:
            return wake, began, vain
    return None


def misled(found: Found) -> Clash | None:
    """The collision over what is asked before somebody waits, or lets others go on: so nobody goes on."""
    run, each = found.failing, clash(found)
    if cycle(run) or crossing(run) or starved(run) or full(run):
        return None
    if each is None or each.second is None or each.kind not in ("stale", "overwritten"):
        return None
    datum, steps = each.second.datum, {step.n for step in each.steps}
    is_asked = any(
        (step.op, step.datum) == ("read", datum) and is_a_test(run, step)
        for step in run.steps[each.between.n :]
    )
    return each if is_asked and any({*pair} <= steps for pair in found.races) else None


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
    """What was put into queues and never fetched, where a request that is not answered got no further."""
    latest: dict[Asked, Step] = {}
    for step in run.steps:
        if step.handler is not None and not is_reader(run, step.worker) and step.op != "end":
            latest[step.handler.src, step.handler.msg_id] = step
    requests = unanswered(run)
    waiting = [latest.get(request) for request in requests]
    return tuple(
        step
        for step in lying(run.steps)
        if not step.place.startswith("the pool")
        and (is_about(step, requests) or any(last is None or last.n <= step.n for last in waiting))
    )


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
    if not crash.error.startswith("KeyError"):
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

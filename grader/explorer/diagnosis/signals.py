"""Signals and waits that were for nothing: nobody heard it, woken too soon, a peer that never answered.
Pure functions.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grader.explorer.diagnosis.conflicts import HELD_BACK, asked, concerned, in_time, is_about
from grader.explorer.diagnosis.waiting import SIGNALS, waits_for, wanted
from grader.explorer.diagnosis.wording import bare
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Run, Stand, Step

EXCLUSIVE = (Resource.LOCK, Resource.SEMAPHORE)


@dataclass(frozen=True, slots=True)
class LostSignal:
    """A signal that came while nobody waited for it, where it was cleared (if it was), and who waits now."""

    signal: Step
    cleared: Step | None
    stand: Stand


def lost_signal(run: Run) -> LostSignal | None:
    """The last signal that came while nobody waited for it, for which somebody waits now."""
    held_back = bool(run.findings) and run.findings[0].code in HELD_BACK
    steps = run.steps[: in_time(run)] if held_back else run.steps
    for stand in run.stands:
        if stand.state != "waits" or not waits_for(stand, *SIGNALS):
            continue
        given: list[Step] = []
        cleared = None
        for step in steps:
            if cleared and step.op == "read" and step.worker == cleared.worker == stand.worker:
                given = [wake for wake in given if wake.n > cleared.n]  # it has looked since
            elif bare(step.place) != bare(wanted(stand)):
                continue
            elif step.op == "wake":
                given.append(step)
            elif step.op == "wait" and not waits_for(stand, Resource.EVENT):
                del given[:1]
            elif step.op == "wait" and step.worker == stand.worker:  # an event is set for all: each hears it
                given.clear()
            elif step.op == "clear":
                cleared = step
        if given and given[-1].worker != stand.worker and not _looked_behind(steps, given[-1], stand):
            return LostSignal(given[-1], cleared, stand)
    return None


def _looked_behind(steps: Sequence[Step], wake: Step, stand: Stand) -> bool:
    """Whether who waits has, behind a condition's signal, looked at what its sender had changed before it."""
    if not waits_for(stand, Resource.CONDITION):
        return False
    changed = {s.datum for s in steps[: wake.n] if (s.op, s.worker) == ("write", wake.worker)}
    since = (step for step in steps[wake.n :] if step.worker == stand.worker)
    return any(step.op == "read" and step.datum in changed for step in since)


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


def taken_back(run: Run, said: Step) -> tuple[Step, Step, Step] | None:
    """Where an event was set and cleared again, and who said this waited for it until time was over."""
    mine = (step for step in reversed(run.steps[: said.n]) if step.worker == said.worker)
    vain = next((step for step in mine if step.op in ("fire", "wait")), None)
    if vain is None or vain.op != "fire" or vain.kind is not Resource.EVENT:
        return None
    changes = [s for s in run.steps[: vain.n] if s.datum == vain.datum and s.op in ("wake", "clear")]
    if [step.op for step in changes[-2:]] != ["wake", "clear"]:
        return None
    return changes[-2], changes[-1], vain


def slept_on(run: Run) -> Step | None:
    """Where the handler of a request waited until its time was over that should have been answered meanwhile:
    not the one who is found to have answered.
    """
    events = {event.n: asked(event.line) for event in run.transcript if event.kind == "out"}
    answered = {events.get(n) for n in run.findings[0].events} if run.findings else set()
    kept = frozenset(request for request in concerned(run) if request not in answered)
    fired = (step for step in run.steps if step.op == "fire" and step.kind in SIGNALS)
    return next((step for step in fired if is_about(step, kept)), None)


def woken_for_nothing(run: Run, vain: Step | None) -> tuple[Step, Step] | None:
    """The signal that woke the handler that then gave up, and where it had waited: its time was not over."""
    if vain is None or vain.op != "wait" or vain.kind not in SIGNALS or vain.waits_for is None:
        return None
    for wake in reversed(run.steps[: vain.n]):
        if (wake.op, wake.datum) == ("wake", vain.datum) and wake.worker != vain.worker:
            return wake, vain
    return None


def looked_too_early(run: Run, vain: Step | None) -> tuple[Step, Step, Step] | None:
    """Where the handler that gave up had looked for what another then put there and gave a signal for, and
    where it waited for that signal all the same.
    """
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


def waited_too_late(run: Run, vain: Step | None) -> tuple[Step, Step, Step] | None:
    """The signal that nobody heard, where the handler that gave up then began to wait for it, and gave up.

    Who looked first, with the condition held, waits for another signal than this.
    """
    if vain is None or vain.op != "fire" or vain.kind is not Resource.CONDITION:
        return None
    mine = [step for step in run.steps[: vain.n] if step.worker == vain.worker]
    began = mine[-1] if len(mine) > 1 and mine[-1].op == "release" else None
    if began is None or mine[-2].op != "acquire" or mine[-2].datum != began.datum:
        return None
    said = max((step.n for step in mine if step.op == "out"), default=0)
    for wake in reversed(run.steps[said : began.n]):
        if (wake.op, wake.datum) == ("wake", vain.datum) and wake.worker != vain.worker:
            return wake, began, vain
    return None


def kept_out(run: Run, waiter: Step) -> tuple[Step, ...]:
    """Where others stood before a lock of the waiter's while it waited.

    Who waits for a lock is known by the step with which it gets it; nobody says who holds an asyncio.Lock,
    but others stand before it.
    """
    found = []
    for worker in dict.fromkeys(step.worker for step in run.steps if step.worker != waiter.worker):
        before = next((step for step in reversed(run.steps[: waiter.n]) if step.worker == worker), None)
        after = next((step for step in run.steps[waiter.n :] if step.worker == worker), None)
        if waiter.op != "await":
            stands = (stand.waits_for for stand in run.stands if stand.worker == worker)
            awaited = after.waits_for if after else next(stands, None)
            if awaited and awaited.kind is Resource.LOCK and awaited.name in waiter.held:
                found.append(after or before)
        elif before and before.op == "await" and before.waits_for and before.waits_for.kind in EXCLUSIVE:
            found.append(before)
    return tuple(step for step in found if step is not None)


def taken(run: Run, step: Step) -> Counter[int]:
    """How often each lock and semaphore was taken, and not yet given back, by who made this step."""
    counts: Counter[int] = Counter()
    for other in run.steps[: step.n]:
        if other.worker == step.worker and other.handler == step.handler and other.op in ("acquire", "release"):
            counts[other.datum] += 1 if other.op == "acquire" else -1
    return counts


def without_permit(run: Run, waiter: Step) -> Step | None:
    """Where another waited for a permit of a semaphore of which the waiter had one while it waited."""
    has = taken(run, waiter)
    return next(
        (
            step
            for step in run.steps[waiter.n :]
            if step.op == "acquire"
            and step.kind is Resource.SEMAPHORE
            and step.waits_for
            and step.worker != waiter.worker
            and has[step.datum] > 0
        ),
        None,
    )

"""Where everybody stands who waits for what can't come any more, in a sentence, and the steps that show it."""

from collections.abc import Sequence
from dataclasses import replace

from grader.explorer.diagnosis.signals import LostSignal
from grader.explorer.diagnosis.source_facts import locks_around, return_behind
from grader.explorer.diagnosis.waiting import is_idle, makes_room, waits_for, wanted
from grader.explorer.diagnosis.wording import at, thing, waits, who
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Run, Stand, Step

CausalSentence = tuple[str, list[Step]]  # a sentence, and the steps that show it


def ring_told(run: Run, ring: Sequence[Stand]) -> CausalSentence:
    """Who holds what and waits for what."""
    if len(ring) == 1:
        stand = ring[0]
        text = f"{name_of(run, stand)} waits for {wanted(stand)} {at(run, stand)}, which it holds itself"
    else:
        parts = []
        for stand, prior in zip(ring, (ring[-1], *ring[:-1]), strict=True):
            parts.append(
                f"{name_of(run, stand)} holds {wanted(prior)} and waits for {wanted(stand)} {at(run, stand)}"
            )
        text = ", ".join(parts)
    return text, [*_took(run, ring), *standing(run, ring)]


def returned_told(run: Run, took: Step, stand: Stand) -> CausalSentence:
    """Who took a lock, was done with its message without letting it go, and waits for it."""
    back = return_behind(run, took)
    left = f"left in line {back} without letting it go" if back else "has not let it go"
    text = f"{who(run, took)} took {took.place} {at(run, took)}, {left}, and waits for it {at(run, stand)}"
    return text, [took, *standing(run, [stand])]


def crossing_told(run: Run, tasks: Sequence[Stand]) -> CausalSentence:
    """Which task stands inside which lock, before which other."""
    parts = []
    for stand in tasks:
        *_, outer, inner = locks_around(run, stand.file, stand.line)
        parts.append(f"{name_of(run, stand)} holds {outer} and waits for {inner} {at(run, stand)}")
    return ", ".join(parts), standing(run, tasks)


def kept_told(run: Run, took: Step, stand: Stand) -> CausalSentence:
    """Who ended with a lock held, and who waits for it."""
    text = f"{who(run, took)} took {took.place} {at(run, took)} and ended without letting it go, and"
    return f"{text} {name_of(run, stand)} waits for it {at(run, stand)}", [took, *standing(run, [stand])]


def not_counted_told(run: Run, stand: Stand) -> CausalSentence:
    """Who waits for what was fetched to be counted as done."""
    text = f"{name_of(run, stand)} waits until all of {wanted(stand)} is done {at(run, stand)}:"
    return f"{text} all was fetched, and not all was counted as done", standing(run, [stand])


def full_told(run: Run, stand: Stand, alone: bool) -> CausalSentence:
    """Who waits for room that nobody makes."""
    text = f"{name_of(run, stand)} {waits(stand.waits_for)} {at(run, stand)}"
    text += ", which only it could make" if alone else ", and all who fetch from it wait, too"
    return text, [*_filled(run, stand), *standing(run, [stand])]


def unheard(run: Run, lost: LostSignal) -> CausalSentence:
    """The signal that came too early, or was cleared, and who waits for it now."""
    gave, waiter, stand = who(run, lost.signal), name_of(run, lost.stand), lost.stand
    if lost.cleared and lost.signal.n < lost.cleared.n:
        is_one = lost.signal.worker == lost.cleared.worker
        cleared = "and cleared it" if is_one else f"before {who(run, lost.cleared)} cleared it"
        text = f"{gave} set {wanted(stand)} {at(run, lost.signal)} {cleared}"
        text += f" {at(run, lost.cleared)}, and {waiter} waits for it now {at(run, stand)}"
        return text, [lost.signal, lost.cleared, *standing(run, [stand])]
    name = thing(stand.waits_for) if stand.waits_for else "it"
    text = f"{gave} gave the signal {at(run, lost.signal)} while nobody waited for {name}"
    return f"{text}, and {waiter} waits for it now {at(run, stand)}", [lost.signal, *standing(run, [stand])]


def stood(run: Run, stands: Sequence[Stand]) -> CausalSentence:
    """Where each of them stands, and for what it waits."""
    served = [stand for stand in stands if stand.line and not waits_for(stand, Resource.INPUT)] or list(stands)
    parts = [
        f"{name_of(run, stand)} {waits(stand.waits_for)} {at(run, stand)}" for stand in served[:3] if stand.line
    ]
    return ", ".join(parts), standing(run, served[:3])


def deadlock_told(run: Run, blamed: Sequence[Stand]) -> CausalSentence:
    """Where those stand who are to blame; of one at an empty queue, who had emptied it."""
    text, steps = stood(run, blamed)
    if len(blamed) == 1 and (last := _fetched(run, blamed[0])):
        return f"{text}, which {who(run, last)} had emptied {at(run, last)}", [last, *steps]
    return text, steps


def _filled(run: Run, stand: Stand) -> list[Step]:
    """What another has put last into the queue."""
    puts = (step for step in reversed(run.steps) if (step.op, step.place) == ("put", wanted(stand)))
    return [step for step in puts if step.worker != stand.worker][:1]


def _fetched(run: Run, stand: Stand) -> Step | None:
    """Where another has fetched what was in the queue last."""
    gets = (step for step in reversed(run.steps) if (step.op, step.place) == ("get", wanted(stand)))
    last = next(gets, None)
    return last if last and last.worker != stand.worker and not makes_room(stand) else None


def name_of(run: Run, stand: Stand) -> str:
    """Who stands there: whose handler, or the worker's name."""
    last = next((step for step in reversed(run.steps) if step.worker == stand.worker), None)
    if last is None:
        return stand.worker
    return stand.worker if is_idle(run, stand) else who(run, replace(last, handler=stand.handler))


def _took(run: Run, ring: Sequence[Stand]) -> list[Step]:
    """Where each took the lock that another waits for."""
    names = {wanted(stand) for stand in ring}
    taken: dict[tuple[str, str], Step] = {}
    for step in run.steps:
        if step.op == "acquire" and step.place in names and any(s.worker == step.worker for s in ring):
            taken[step.worker, step.place] = step
    holds = {(stand.worker, lock) for stand in ring for lock in stand.held}
    return [step for key, step in taken.items() if key in holds]


def standing(run: Run, stands: Sequence[Stand]) -> list[Step]:
    """A step for each who waits, behind the last that was made."""
    return [
        Step(
            len(run.steps) + place,
            stand.worker,
            stand.handler,
            stand.file,
            stand.line,
            "wait",
            wanted(stand),
            held=stand.held,
            waits_for=stand.waits_for,
            task=stand.task,
        )
        for place, stand in enumerate(stands)
    ]

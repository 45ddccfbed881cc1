"""Where everybody stands who waits for what can't come any more, in a sentence, and the steps that show it."""

from collections.abc import Sequence
from dataclasses import replace

from grader.explorer.diagnosis.blocking import (
    crossing,
    cycle,
    deadlocked,
    full,
    is_idle,
    lost_signal,
    starved,
    waits_for_room,
)
from grader.explorer.diagnosis.source_facts import locks_around
from grader.explorer.diagnosis.wording import at, plain, waits, who
from grader.explorer.trace.model import Found, Run, Stand, Step


def deadlock(found: Found) -> tuple[str, list[Step]]:
    run = found.failing
    ring = cycle(run)
    if len(ring) == 1:
        stand = ring[0]
        text = (
            f"{name_of(run, stand)} waits for {plain(stand.waits_for)} {at(run, stand)}, which it holds itself"
        )
        return text, [*_took(run, ring), *standing(run, ring)]
    if ring:
        parts = []
        for stand, prior in zip(ring, (ring[-1], *ring[:-1]), strict=True):
            held, wanted = plain(prior.waits_for), plain(stand.waits_for)
            parts.append(f"{name_of(run, stand)} holds {held} and waits for {wanted} {at(run, stand)}")
        return ", ".join(parts), [*_took(run, ring), *standing(run, ring)]
    if tasks := crossing(run):
        parts = []
        for stand in tasks:
            *_, outer, inner = locks_around(run, stand.file, stand.line)
            parts.append(f"{name_of(run, stand)} holds {outer} and waits for {inner} {at(run, stand)}")
        return ", ".join(parts), standing(run, tasks)
    if no_room := full(run):
        stand, alone = no_room
        text = f"{name_of(run, stand)} {_waits(run, stand)} {at(run, stand)}"
        text += ", which only it could make" if alone else ", and all who fetch from it wait, too"
        return text, [*_filled(run, stand), *standing(run, [stand])]
    if lost := lost_signal(run):
        return unheard(run, *lost)
    waiting = deadlocked(run, found.passing)
    text, steps = stood(run, waiting)
    if len(waiting) == 1 and (last := _fetched(run, waiting[0])):
        return f"{text}, which {who(run, last)} had emptied {at(run, last)}", [last, *steps]
    if starved(run):
        text += ", and what they wait for lies in the pool, which has no worker left"
    return text, steps


def unheard(run: Run, signal: Step, cleared: Step | None, stand: Stand) -> tuple[str, list[Step]]:
    gave, waits = who(run, signal), name_of(run, stand)
    if cleared and signal.n < cleared.n:
        text = f"{gave} set {plain(stand.waits_for)} {at(run, signal)} before {who(run, cleared)} cleared it"
        text += f" {at(run, cleared)}, and {waits} waits for it now {at(run, stand)}"
        return text, [signal, cleared, *standing(run, [stand])]
    text = f"{gave} gave the signal {at(run, signal)} while nobody waited for {stand.waits_for}"
    return f"{text}, and {waits} waits for it now {at(run, stand)}", [signal, *standing(run, [stand])]


def stood(run: Run, stands: Sequence[Stand]) -> tuple[str, list[Step]]:
    served = [stand for stand in stands if stand.line and stand.waits_for != "input"] or list(stands)
    parts = [
        f"{name_of(run, stand)} {_waits(run, stand)} {at(run, stand)}" for stand in served[:3] if stand.line
    ]
    return ", ".join(parts), standing(run, served[:3])


def _filled(run: Run, stand: Stand) -> list[Step]:
    """What another has put last into the queue."""
    puts = (step for step in reversed(run.steps) if (step.op, step.place) == ("put", plain(stand.waits_for)))
    return [step for step in puts if step.worker != stand.worker][:1]


def _fetched(run: Run, stand: Stand) -> Step | None:
    """Where another has fetched what was in the queue last."""
    queue = plain(stand.waits_for)
    last = next((step for step in reversed(run.steps) if (step.op, step.place) == ("get", queue)), None)
    return last if last and last.worker != stand.worker and not waits_for_room(run, stand) else None


def _waits(run: Run, stand: Stand) -> str:
    room = f"room in {plain(stand.waits_for)}"
    return waits(room if waits_for_room(run, stand) else stand.waits_for)


def name_of(run: Run, stand: Stand) -> str:
    last = next((step for step in reversed(run.steps) if step.worker == stand.worker), None)
    if last is None:
        return stand.worker
    return stand.worker if is_idle(run, stand) else who(run, replace(last, handler=stand.handler))


def _took(run: Run, ring: Sequence[Stand]) -> list[Step]:
    """Where each took the lock that another waits for."""
    wanted = {plain(stand.waits_for) for stand in ring}
    taken: dict[tuple[str, str], Step] = {}
    for step in run.steps:
        if step.op == "acquire" and plain(step.place) in wanted and any(s.worker == step.worker for s in ring):
            taken[step.worker, plain(step.place)] = step
    holds = {(stand.worker, plain(lock)) for stand in ring for lock in stand.held}
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
            stand.waits_for,
            held=stand.held,
        )
        for place, stand in enumerate(stands)
    ]

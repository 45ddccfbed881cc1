"""The one sentence that says why: which step of whose came between which, and the steps that show it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.explorer.clash import Clash, clash
from grader.explorer.record import Crash, Found, Run, Stand, Step
from grader.explorer.source import is_a_test, locks_around
from grader.explorer.telling import is_short, plain, waits, who
from grader.explorer.verdicts import stuck
from grader.explorer.waiting import (
    crossing,
    cycle,
    fatal,
    is_task,
    kept_out,
    left_in_queues,
    lost_signal,
    waited_in_vain,
)
from grader.messages import sentence


@dataclass(frozen=True, slots=True)
class Cause:
    """Why it went wrong, in a sentence, and the steps that show it, in the order in which they ran.

    Where somebody waits for ever there is no step any more: then one is made from where it stands, with a
    number behind the last.
    """

    text: str
    steps: tuple[Step, ...]


def cause(found: Found) -> Cause:
    """Why this schedule fails. Where nothing collided, it says where everybody stood."""
    run = found.failing
    outcome = run.findings[0].code if run.findings else ""
    crashes = fatal(run) or (run.crashes if outcome == "crashed" else ())
    if found.code == "deadlock":
        text, steps = _deadlock(run)
    elif crashes:
        text, steps = _crashed(run, crashes[0])
    elif outcome == "blocked":
        text, steps = _blocked(run)
    elif outcome == "not-flushed" and found.passing and (lost := lost_signal(run)):
        text, steps = _unheard(run, *lost)
    elif outcome == "lost-at-eof":
        text, steps = _lost(run)
    elif (each := clash(found)) is not None:
        text, steps = _collided(run, each)
    elif found.races:
        text, steps = _unordered(run, *found.races[0])
    else:
        text, steps = _stood(run, [stand for stand in run.stands if stand.state == "waits"])
    said = [
        step for step in run.steps if step.op == "out" and run.findings and step.event in run.findings[0].events
    ]
    ordered = {step.n: step for step in (*steps, *said) if step.line}  # none: in Python's own code
    return Cause(sentence(text) + "." if text else "", tuple(ordered[n] for n in sorted(ordered)))


def _crashed(run: Run, crash: Crash) -> tuple[str, list[Step]]:
    last = next((step for step in reversed(run.steps[: crash.n + 1]) if step.worker == crash.worker), None)
    if last is None:
        return f"{crash.worker} ended by {crash.error} (line {crash.line})", []
    shown = replace(
        last, file=crash.file, line=crash.line, op="end", written=crash.error, handler=crash.handler
    )
    return f"{who(run, shown)} ended by {crash.error} (line {crash.line})", [shown]


def _collided(run: Run, each: Clash) -> tuple[str, list[Step]]:
    first, between, second = each.first, each.between, each.second
    steps = list(each.steps)
    other = who(run, between)
    if second is None:
        assert first is not None
        return (
            f"{other} wrote {_at(between)} into the line that {who(run, first)} had begun {_at(first)}",
            steps,
        )
    mine = who(run, second)
    if first is None:
        text = f"{other} looked for {second.place} {_at(between)} before {mine} had put it there {_at(second)}"
        return text, steps
    if each.kind == "overwritten":
        text = (
            f"{who(run, first)} put {_value(first.written, 'what it needs')} into {first.place} {_at(first)}, "
        )
        text += f"{other} put {_value(between.written, 'its own')} over it {_at(between)}, "
        return text + f"and {mine} used that {_at(second)}", steps
    steps += _read_before(run, between)
    before = f"before {other} {_wrote(between)} {_at(between)}"
    if each.kind == "reread":
        what = _value(first.value, first.place)
        return f"{mine} used the {what} that it had read {_at(first)} {before}", steps
    wrote = f"{mine} {_wrote(second)} {_at(second)}"
    if is_a_test(run, first):
        return f"{wrote}, since it had looked at {first.place} {_at(first)} {before}", steps
    if is_short(second.written) and is_short(first.value):
        return f"{wrote}, from the {first.value} that it had read {_at(first)} {before}", steps
    return f"{wrote}, from what it had read {_at(first)} {before}", steps


def _unordered(run: Run, earlier: int, later: int) -> tuple[str, list[Step]]:
    """No collision in three steps, but two steps that might as well have come the other way round."""
    first, second = run.steps[earlier], run.steps[later]
    told = [
        f"{who(run, step)} {_wrote(step) if step.op == 'write' else f'read {step.place}'} {_at(step)}"
        for step in (first, second)
    ]
    return f"{told[0]} before {told[1]}, and nothing keeps them in this order", [first, second]


def _read_before(run: Run, written: Step) -> list[Step]:
    """Where the same handler read what it then wrote, if that was in another line."""
    for step in reversed(run.steps[: written.n]):
        if (step.worker, step.handler, step.datum) == (written.worker, written.handler, written.datum):
            return [step] if step.op == "read" and step.line != written.line else []
    return []


def _at(step: Step | Stand) -> str:
    return f"(line {step.line})"


def _value(value: str, otherwise: str) -> str:
    return value if is_short(value) else otherwise


def _wrote(step: Step) -> str:
    return f"wrote {step.written}" if is_short(step.written) else f"changed {step.place}"


def _deadlock(run: Run) -> tuple[str, list[Step]]:
    ring = cycle(run)
    if len(ring) == 1:
        stand = ring[0]
        text = f"{_name(run, stand)} waits for {plain(stand.waits_for)} {_at(stand)}, which it holds itself"
        return text, [*_took(run, ring), *_standing(run, ring)]
    if ring:
        parts = []
        for stand, prior in zip(ring, (ring[-1], *ring[:-1]), strict=True):
            held, wanted = plain(prior.waits_for), plain(stand.waits_for)
            parts.append(f"{_name(run, stand)} holds {held} and waits for {wanted} {_at(stand)}")
        return ", ".join(parts), [*_took(run, ring), *_standing(run, ring)]
    if tasks := crossing(run):
        parts = []
        for stand in tasks:
            *_, outer, inner = locks_around(run, stand.file, stand.line)
            parts.append(f"{_name(run, stand)} holds {outer} and waits for {inner} {_at(stand)}")
        return ", ".join(parts), _standing(run, tasks)
    if lost := lost_signal(run):
        return _unheard(run, *lost)
    return _stood(run, stuck(run))


def _unheard(run: Run, signal: Step, stand: Stand) -> tuple[str, list[Step]]:
    text = f"{who(run, signal)} gave the signal {_at(signal)} while nobody waited for {stand.waits_for}"
    return f"{text}, and {_name(run, stand)} waits for it now {_at(stand)}", [signal, *_standing(run, [stand])]


def _stood(run: Run, stands: Sequence[Stand]) -> tuple[str, list[Step]]:
    served = [stand for stand in stands if stand.line and stand.waits_for != "input"] or list(stands)
    parts = [f"{_name(run, stand)} {waits(stand.waits_for)} {_at(stand)}" for stand in served[:3] if stand.line]
    return ", ".join(parts), _standing(run, served[:3])


def _blocked(run: Run) -> tuple[str, list[Step]]:
    if (waiter := waited_in_vain(run)) is None:
        return _stood(run, [stand for stand in run.stands if stand.state == "waits"])
    asked = next(
        (s for s in reversed(run.steps[: waiter.n]) if s.op == "out" and s.worker == waiter.worker), None
    )
    how = ""
    if waiter.held:
        how = f" with {', '.join(waiter.held)} held"
    elif waiter.op == "fire" and is_task(run, waiter.worker):
        how = ", in the thread of the event loop"
    text = f"{who(run, waiter)} waited for its peer {_at(waiter)}{how}, and others were not served meanwhile"
    return text, [step for step in (asked, waiter, *kept_out(run, waiter)[:1]) if step is not None]


def _lost(run: Run) -> tuple[str, list[Step]]:
    eof = [step for step in run.steps if step.op == "eof"]
    if left := left_in_queues(run):
        text = (
            f"the program ended while something was still in {left[0].place}, put there by {who(run, left[0])}"
        )
        return f"{text} {_at(left[0])}", [*left[:2], *eof]
    at_work = [
        stand for stand in run.stands if stand.state != "ended" and stand.worker != "main" and stand.line
    ]
    where = ", ".join(f"{_name(run, stand)} stood at line {stand.line}" for stand in at_work[:2])
    unborn = [stand.worker for stand in run.stands if stand.state == "ready" and not stand.line]
    if not where and unborn and unborn != ["main"]:
        where = f"{' and '.join([name for name in unborn if name != 'main'][:2])} had not begun"
    text = "the program ended" + (f" while {where}" if where else " before all that was read had been served")
    return text, [*eof, *_standing(run, at_work[:2])]


def _name(run: Run, stand: Stand) -> str:
    last = next((step for step in reversed(run.steps) if step.worker == stand.worker), None)
    if last is None:
        return stand.worker
    return who(run, replace(last, handler=stand.handler))


def _took(run: Run, ring: Sequence[Stand]) -> list[Step]:
    """Where each took the lock that another waits for."""
    wanted = {plain(stand.waits_for) for stand in ring}
    taken: dict[tuple[str, str], Step] = {}
    for step in run.steps:
        if step.op == "acquire" and plain(step.place) in wanted and any(s.worker == step.worker for s in ring):
            taken[step.worker, plain(step.place)] = step
    holds = {(stand.worker, plain(lock)) for stand in ring for lock in stand.held}
    return [step for key, step in taken.items() if key in holds]


def _standing(run: Run, stands: Sequence[Stand]) -> list[Step]:
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

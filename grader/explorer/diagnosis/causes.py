"""The one sentence that says why: which step of whose came between which, and the steps that show it."""

from dataclasses import dataclass, replace

from grader.explorer.diagnosis.blocking import (
    cut_off,
    fatal,
    is_task,
    kept_out,
    left_in_queues,
    looked_too_early,
    lost_signal,
    lying,
    misled,
    stuck,
    taken_before,
    waited_in_vain,
    waited_too_late,
    woken_for_nothing,
)
from grader.explorer.diagnosis.conflicts import EMPTY, Clash, clash, ending, is_confused
from grader.explorer.diagnosis.source_facts import is_a_test, locks_around
from grader.explorer.diagnosis.standing import deadlock, name_of, standing, stood, unheard
from grader.explorer.diagnosis.wording import at, is_short, who
from grader.explorer.trace.model import Crash, Found, Run, Step
from grader.explorer.trace.races import both_inside
from grader.protocol.messages import sentence


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
    each = clash(found)
    if found.code == "deadlock":
        text, steps = deadlock(found)
    elif both_inside(run.steps) in found.races:
        text, steps = _both_inside(run, *found.races[0])
    elif found.races and (early := looked_too_early(run)) and (early[0].n, early[1].n) == found.races[0]:
        text, steps = _looked_too_early(run, *early)
    elif found.races and (late := waited_too_late(run)) and (late[0].n, late[1].n) == found.races[0]:
        text, steps = _waited_too_late(run, *late)
    elif crashes and each and (crash := ending(run, each)):
        text, steps = _collided(run, each)
        text += f", and ended by {crash.error}"
    elif crashes:
        text, steps = _crashed(run, crashes[0])
    elif found.code == outcome and (woken := woken_for_nothing(run)):
        text, steps = _woken_for_nothing(run, *woken)
    elif outcome == "blocked":
        text, steps = _blocked(run)
    elif outcome == "not-flushed" and found.passing and (lost := lost_signal(run)):
        text, steps = unheard(run, *lost)
    elif outcome == "lost-at-eof":
        text, steps = _lost(run)
    elif each is not None:
        text, steps = _collided(run, each)
        waiting = [stand for stand in stuck(run) if stand.line] if misled(found) else []
        if found.code == "data-race" and waiting:
            waits, where = stood(run, waiting[:1])
            text, steps = f"{text}; so {waits}", [*steps, *where]
    elif outcome == "before-init":
        text, steps = _too_early(run)
    elif found.races:
        text, steps = _unordered(run, *found.races[0])
    elif outcome == "no-reply" and (left := left_in_queues(run)):
        text, steps = _never_fetched(run, left[0])
    else:
        text, steps = stood(run, [stand for stand in run.stands if stand.state == "waits"])
    said = [
        step for step in run.steps if step.op == "out" and run.findings and step.event in run.findings[0].events
    ]
    if not text and said and outcome == "duplicate-reply":
        text = ", and ".join(f"{who(run, step, said)} answered it {at(run, step)}" for step in said[:2])
    ordered = {step.n: step for step in (*steps, *said) if step.line}  # none: in Python's own code
    return Cause(sentence(text) + "." if text else "", tuple(ordered[n] for n in sorted(ordered)))


def _crashed(run: Run, crash: Crash) -> tuple[str, list[Step]]:
    last = next((step for step in reversed(run.steps[: crash.n + 1]) if step.worker == crash.worker), None)
    if last is None:
        return f"{crash.worker} ended by {crash.error} {at(run, crash)}", []
    shown = replace(
        last, file=crash.file, line=crash.line, op="end", written=crash.error, handler=crash.handler
    )
    text = f"{who(run, shown)} ended by {crash.error} {at(run, crash)}"
    if taken := taken_before(run, crash):
        took, missed = taken
        text += f", since {who(run, took)} had taken {missed.place} out {at(run, took)}"
        return text, [took, shown]
    stopped = [
        (decision, step)
        for decision in run.decisions[::-1]
        if decision.cost and decision.n <= crash.n and decision.worker != crash.worker
        for step in run.steps[decision.n - 1 : decision.n]
        if step.worker == decision.worker
    ]
    if not stopped:
        return text, [shown]
    decision, step = stopped[0]
    return f"{text} while {who(run, step)} had stopped {at(run, decision, 'before ')}", [step, shown]


def _collided(run: Run, each: Clash) -> tuple[str, list[Step]]:
    first, between, second = each.first, each.between, each.second
    steps = list(each.steps)
    other, came = who(run, between, steps), at(run, between)
    if second is None:
        assert first is not None
        text = f"{other} wrote {came} into the line that {who(run, first, steps)} had begun {at(run, first)}"
        if not first.held:
            return text, steps
        vain = [
            step
            for step in run.steps[: between.n]
            if step.op in ("fire", "try") and step.worker == between.worker
        ]
        text += f" with {', '.join(first.held)} held"
        if vain and vain[-1].place in first.held:
            text += f", for which it had waited in vain {at(run, vain[-1])}"
        return text, [*steps, *vain[-1:]]
    mine, ends = who(run, second, steps), at(run, second)
    if first is None and between.value in EMPTY:
        text = f"{other} found nothing in {second.place} {came} before {mine} had put something there {ends}"
        later = any((step.op, step.datum) == ("read", second.datum) for step in run.steps[second.n :])
        again = " before the end of input" if later else ""
        return f"{text}, and nobody looked again{again}", steps
    if first is None:
        return f"{other} looked for {second.place} {came} before {mine} had put it there {ends}", steps
    began = at(run, first)
    if each.kind == "overwritten":
        used = "used that" if second.op == "out" or not is_short(second.value) else f"read {second.value}"
        if first.worker == between.worker:
            text = f"{other} put {_value(first.written, 'one value')} into {first.place} {began}, and"
            text += f" {_value(between.written, 'another')} over it {came} before {mine} {used} {ends}"
            return text, steps
        text = (
            f"{who(run, first, steps)} put {_value(first.written, 'what it needs')} into {first.place} {began}"
        )
        text += f", {other} put {_value(between.written, 'its own')} over it {came}, "
        return text + f"and {mine} {used} {ends}", steps
    if each.kind == "reread" and is_confused(run):
        text = f"{mine} read its own {first.place} {began}, {other} put {_value(between.written, 'another')}"
        return f"{text} over it {came}, and {mine} read that {ends}", steps
    steps += _read_before(run, between)
    before = f"before {other} {_wrote(between, second.place)} {came}"
    if each.kind == "reread":
        what = _value(first.value, first.place)
        return f"{mine} used the {what} that it had read {began} {before}", steps
    if not (is_short(between.written) and is_short(first.value)) and not is_a_test(run, first):
        text = f"{mine} read {first.place} {began} and changed it {ends}; in between {other} changed it {came}"
        return text, steps
    wrote = f"{mine} {_wrote(second)} {ends}"
    if is_a_test(run, first):
        looked = "it" if first.place == second.place else first.place
        return f"{wrote}, since it had looked at {looked} {began} {before}", steps
    return f"{wrote}, from the {first.value} that it had read {began} {before}", steps


def _unordered(run: Run, earlier: int, later: int) -> tuple[str, list[Step]]:
    """No collision in three steps, but two steps that might as well have come the other way round."""
    first, second = run.steps[earlier], run.steps[later]
    told = [
        f"{who(run, step)} {_wrote(step) if step.op == 'write' else _read(step)} {at(run, step)}"
        for step in (first, second)
    ]
    return f"{told[0]} before {told[1]}", [first, second]


def _both_inside(run: Run, earlier: int, later: int) -> tuple[str, list[Step]]:
    """Python lets nobody into a generator who comes while another worker runs it."""
    first, second = run.steps[earlier], run.steps[later]
    text = f"{who(run, second)} wanted the next of {second.place} {at(run, second)}"
    text += f" while {who(run, first)} was inside {first.place} {at(run, first)}"
    error = "RuntimeError" if is_task(run, second.worker) else "ValueError"
    return f"{text}: a generator lets in one at a time ({error})", [first, second]


def _looked_too_early(run: Run, look: Step, put: Step, vain: Step) -> tuple[str, list[Step]]:
    waiter = who(run, look)
    text = f"{waiter} looked at {look.place} {at(run, look)} before {who(run, put)} {_wrote(put, look.place)}"
    text += f" {at(run, put)}, and then waited {at(run, vain)} for a signal that had come"
    return text, [look, put, vain]


def _waited_too_late(run: Run, wake: Step, began: Step, vain: Step) -> tuple[str, list[Step]]:
    text = f"{who(run, wake)} gave the signal {at(run, wake)} while nobody waited for {wake.place}, and"
    return f"{text} {who(run, began)} then waited for it in vain {at(run, began)}, without a look", [
        wake,
        began,
        vain,
    ]


def _woken_for_nothing(run: Run, wake: Step, woken: Step) -> tuple[str, list[Step]]:
    text = f"{who(run, woken)} waited for {woken.place} {at(run, woken)}, {who(run, wake)} woke it"
    began = [step for step in run.steps[: wake.n] if step.worker == woken.worker][-1:]
    return f"{text} {at(run, wake)}, and it gave up instead of waiting on", [*began, wake, woken]


def _never_fetched(run: Run, put: Step) -> tuple[str, list[Step]]:
    """What lies in a queue, and, if its sender then looked for a lock, that it was taken."""
    text = f"{who(run, put)} put something into {put.place} {at(run, put)} that nobody fetched"
    tried = [step for step in run.steps[put.n :] if step.op == "try" and step.worker == put.worker][:1]
    if not tried:
        return text, [put]
    text += f", since it found {tried[0].place} taken {at(run, tried[0])}"
    took = [step for step in run.steps[: tried[0].n] if (step.op, step.datum) == ("acquire", tried[0].datum)][
        -1:
    ]
    by = f" by {who(run, took[0])} {at(run, took[0])}" if took else ""
    return text + by, [*took, put, *tried]


def _too_early(run: Run) -> tuple[str, list[Step]]:
    """Who spoke before init was answered, and how far init was then."""
    spoke = next(step for step in run.steps if step.op == "out")
    init = [step for step in run.steps[: spoke.n] if step.handler and step.handler.type == "init" and step.line]
    text = f"{who(run, spoke)} spoke {at(run, spoke)}"
    if not init:
        return f"{text} before init was served", [spoke]
    return f"{text} while {who(run, init[-1])} was {at(run, init[-1], 'no further than ')}", [init[-1], spoke]


def _read_before(run: Run, written: Step) -> list[Step]:
    """Where the same handler read what it then wrote, if that was in another line."""
    for step in reversed(run.steps[: written.n]):
        if (step.worker, step.handler, step.datum) == (written.worker, written.handler, written.datum):
            return [step] if step.op == "read" and step.line != written.line else []
    return []


def _value(value: str, otherwise: str) -> str:
    return value if is_short(value) else otherwise


def _read(step: Step) -> str:
    return f"read {step.value} from {step.place}" if is_short(step.value) else f"read {step.place}"


def _wrote(step: Step, known: str = "") -> str:
    """What a write did to its datum, `it` where that is known."""
    place = "it" if step.place == known else step.place
    if step.written == "nothing":
        return f"found nothing at {place}" if step.value == "nothing" else f"took {place} out"
    if not is_short(step.written):
        return f"changed {place}"
    return f"wrote {step.written}" if known else f"wrote {step.written} to {place}"


def _blocked(run: Run) -> tuple[str, list[Step]]:
    if (waiter := waited_in_vain(run)) is None:
        return stood(run, [stand for stand in run.stands if stand.state == "waits"])
    asked = next(
        (s for s in reversed(run.steps[: waiter.n]) if s.op == "out" and s.worker == waiter.worker), None
    )
    out, lying_about = kept_out(run, waiter)[:1], lying(run.steps[: waiter.n])[:1]
    how, others = "", "others were not served meanwhile"
    if waiter.held:
        how = f" with {', '.join(waiter.held)} held"
    elif out and waiter.op == "await":
        how = f" with {locks_around(run, out[0].file, out[0].line)[-1]} held"
    elif waiter.op == "fire" and is_task(run, waiter.worker):
        how = ", in the thread of the event loop"
    elif lying_about:
        put = lying_about[0]
        others = f"what {who(run, put)} had put into {put.place} {at(run, put)} was not served meanwhile"
        out = lying_about
    text = f"{who(run, waiter)} waited for its peer {at(run, waiter)}{how}, and {others}"
    return text, [step for step in (asked, waiter, *out) if step is not None]


def _lost(run: Run) -> tuple[str, list[Step]]:
    eof = [step for step in run.steps if step.op == "eof"]
    if left := left_in_queues(run):
        text = (
            f"the program ended while something was still in {left[0].place}, put there by {who(run, left[0])}"
        )
        return f"{text} {at(run, left[0])}", [*left[:2], *eof]
    at_work = [
        stand for stand in run.stands if stand.state != "ended" and stand.worker != "main" and stand.line
    ]
    awaiting = cut_off(run)
    unfinished = [
        *(f"{name_of(run, stand)} stood at line {stand.line}" for stand in at_work[:2]),
        *(f"{who(run, step)} awaited {at(run, step)}" for step in awaiting[:2]),
    ]
    unborn = [stand.worker for stand in run.stands if stand.state == "ready" and not stand.line]
    if not unfinished and unborn and unborn != ["main"]:
        unfinished = [f"{' and '.join([name for name in unborn if name != 'main'][:2])} had not begun"]
    where = " and ".join(unfinished[:2])
    text = "the program ended" + (f" while {where}" if where else " before all that was read had been served")
    return text, [*eof, *awaiting[:2], *standing(run, at_work[:2])]

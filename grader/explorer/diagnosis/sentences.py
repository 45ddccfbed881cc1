"""The one sentence that says why: whose step came between which, and the steps that show it. Pure functions."""

from collections.abc import Sequence
from dataclasses import replace

from grader.explorer.diagnosis.conflicts import EMPTY, Clash, is_confused
from grader.explorer.diagnosis.evidence import Evidence
from grader.explorer.diagnosis.source_facts import is_a_test, locks_around
from grader.explorer.diagnosis.standing import CausalSentence, name_of, standing, stood
from grader.explorer.diagnosis.wording import at, is_short, who
from grader.explorer.trace.model import Crash, Run, Step


def crashed(run: Run, crash: Crash, taken: tuple[Step, Step] | None) -> CausalSentence:
    """Who was ended by which exception; and what another had to do with it."""
    last = next((step for step in reversed(run.steps[: crash.n + 1]) if step.worker == crash.worker), None)
    if last is None:
        return f"{crash.worker} ended by {crash.error} {_raised_at(run, crash)}".rstrip(), []
    shown = replace(
        last, file=crash.file, line=crash.line, op="end", written=crash.error, handler=crash.handler
    )
    text = f"{who(run, shown)} ended by {crash.error} {_raised_at(run, crash)}".rstrip()
    if taken:
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


def let_go_meanwhile(run: Run, crash: Crash, look: Step, freed: Step, again: Step) -> CausalSentence:
    """Who found by a weak reference what another let go of then, before it was looked for again."""
    shown = replace(again, file=crash.file, line=crash.line, op="end", written=crash.error)
    text = f"{who(run, look)} looked {at(run, look)} for what is held weakly, {who(run, freed)} let go of it,"
    text += f" the last who knew it, and {who(run, again)} ended by {crash.error} {_raised_at(run, crash)}"
    return text.rstrip(), [look, freed, shown]


def used_too_early(run: Run, crash: Crash, shown: Step, look: Step, put: Step) -> CausalSentence:
    """Who let others find an object, who missed something in it, and when that was put there."""
    end = replace(look, file=crash.file, line=crash.line, op="end", written=crash.error)
    mine, other = who(run, put), who(run, look)
    text = f"{mine} put {shown.place} where others find it {at(run, shown)}, {other} missed {look.place} there"
    text += f" and ended by {crash.error} {_raised_at(run, crash)}"
    return f"{text.rstrip()}, and only then {mine} set {put.place} {at(run, put)}", [shown, end, put]


def _raised_at(run: Run, crash: Crash) -> str:
    """Its line; none where a call did not come as far as a line of the node's."""
    return at(run, crash) if crash.line else ""


def collided(run: Run, each: Clash) -> CausalSentence:
    """Whose step came between which two of another's."""
    if each.second is None:
        return _torn(run, each)
    if each.first is None:
        return _early(run, each, each.second)
    if each.kind == "overwritten":
        return _overwritten(run, each.first, each.between, each.second)
    if each.kind == "reread":
        return _reread(run, each.first, each.between, each.second)
    return _stale(run, each.first, each.between, each.second)


def _torn(run: Run, each: Clash) -> CausalSentence:
    first, between, steps = each.first, each.between, list(each.steps)
    assert first is not None
    text = f"{who(run, between, steps)} wrote {at(run, between)} into the line that"
    text += f" {who(run, first, steps)} had begun {at(run, first)}"
    if not first.held:
        return text, steps
    vain = [
        step
        for step in run.steps[: between.n]
        if step.op in ("fire", "try") and step.worker == between.worker and step.place in first.held
    ][-1:]
    text += f" with {', '.join(first.held)} held"
    others = [name for name in between.held if name not in first.held]
    if others and not vain:
        text += f", itself with {', '.join(others)}"
    if vain:
        text += f", for which it had waited in vain {at(run, vain[0])}"
    return text, [*steps, *vain]


def _early(run: Run, each: Clash, second: Step) -> CausalSentence:
    between, steps = each.between, list(each.steps)
    other, came = who(run, between, steps), at(run, between)
    mine, ends = who(run, second, steps), at(run, second)
    if between.value not in EMPTY:
        return f"{other} looked for {second.place} {came} before {mine} had put it there {ends}", steps
    text = f"{other} found nothing in {second.place} {came} before {mine} had put something there {ends}"
    later = any((step.op, step.datum) == ("read", second.datum) for step in run.steps[second.n :])
    again = " before the end of input" if later else ""
    return f"{text}, and nobody looked again{again}", steps


def _overwritten(run: Run, first: Step, between: Step, second: Step) -> CausalSentence:
    steps = [first, between, second]
    other, came, mine = who(run, between, steps), at(run, between), who(run, second, steps)
    used = "used that" if second.op == "out" or not is_short(second.value) else f"read {second.value}"
    if first.worker == between.worker:
        text = f"{other} put {_value(first.written, 'one value')} into {first.place} {at(run, first)}, and"
        text += f" {_value(between.written, 'another')} over it {came} before {mine} {used} {at(run, second)}"
        return text, steps
    text = f"{who(run, first, steps)} put {_value(first.written, 'what it needs')} into {first.place}"
    text += f" {at(run, first)}, {other} put {_value(between.written, 'its own')} over it {came}, "
    return text + f"and {mine} {used} {at(run, second)}", steps


def _reread(run: Run, first: Step, between: Step, second: Step) -> CausalSentence:
    steps = [first, between, second]
    other, came, mine = who(run, between, steps), at(run, between), who(run, second, steps)
    if is_confused(run):
        text = f"{mine} read its own {first.place} {at(run, first)}, {other} put"
        text += f" {_value(between.written, 'another')} over it {came}"
        return f"{text}, and {mine} read that {at(run, second)}", steps
    what = _value(first.value, first.place)
    text = f"{mine} used the {what} that it had read {at(run, first)}"
    return f"{text} before {other} {_wrote(between, second.place)} {came}", [
        *steps,
        *_read_before(run, between),
    ]


def _stale(run: Run, first: Step, between: Step, second: Step) -> CausalSentence:
    steps = [first, between, second, *_read_before(run, between)]
    other, came, mine = who(run, between, steps), at(run, between), who(run, second, steps)
    began, ends = at(run, first), at(run, second)
    before = f"before {other} {_wrote(between, second.place)} {came}"
    if not (is_short(between.written) and is_short(first.value)) and not is_a_test(run, first):
        text = f"{mine} read {first.place} {began} and changed it {ends}; in between {other} changed it {came}"
        return text, steps
    wrote = f"{mine} {_wrote(second)} {ends}"
    if is_a_test(run, first):
        looked = "it" if first.place == second.place else first.place
        return f"{wrote}, since it had looked at {looked} {began} {before}", steps
    return f"{wrote}, from the {first.value} that it had read {began} {before}", steps


def unordered(run: Run, earlier: int, later: int) -> CausalSentence:
    """No collision in three steps, but two steps that might as well have come the other way round."""
    first, second = run.steps[earlier], run.steps[later]
    told = [
        f"{who(run, step)} {_wrote(step) if step.op == 'write' else _read(step)} {at(run, step)}"
        for step in (first, second)
    ]
    return f"{told[0]} before {told[1]}", [first, second]


def both_inside(run: Run, first: Step, second: Step) -> CausalSentence:
    """Python lets nobody into a generator who comes while another worker runs it."""
    text = f"{who(run, second)} wanted the next of {second.place} {at(run, second)}"
    text += f" while {who(run, first)} was inside {first.place} {at(run, first)}"
    error = "RuntimeError" if second.task else "ValueError"
    return f"{text}: a generator lets in one at a time ({error})", [first, second]


def looked_too_early(run: Run, look: Step, put: Step, vain: Step) -> CausalSentence:
    """Who looked for what came only then, and waited for a signal that had been."""
    text = f"{who(run, look)} looked at {look.place} {at(run, look)} before {who(run, put)}"
    text += (
        f" {_wrote(put, look.place)} {at(run, put)}, and then waited {at(run, vain)} for a signal that had come"
    )
    return text, [look, put, vain]


def cleared(run: Run, step: Step) -> str:
    """Who took a signal back."""
    return f"{who(run, step)} had cleared {at(run, step)}"


def taken_back(run: Run, wake: Step, clear: Step, vain: Step) -> CausalSentence:
    """Who gave a signal that was taken back before anybody waited for it."""
    text = f"{who(run, clear)} cleared {wake.place} {at(run, clear)} after {who(run, wake)} had set it"
    waiter = "" if clear.worker == vain.worker else f"{who(run, vain)} "
    text += f" {at(run, wake)}, and then {waiter}waited for it {at(run, vain)} until time was over"
    return text, [wake, clear, vain]


def waited_too_late(run: Run, wake: Step, began: Step, vain: Step) -> CausalSentence:
    """Who gave a signal that nobody heard, and who then waited for it without a look."""
    text = f"{who(run, wake)} gave the signal {at(run, wake)} while nobody waited for {wake.place}, and"
    text += f" {who(run, began)} then waited for it in vain {at(run, began)}, without a look"
    return text, [wake, began, vain]


def woken_for_nothing(run: Run, wake: Step, woken: Step) -> CausalSentence:
    """Who was woken by another's signal, and took it for the end."""
    text = f"{who(run, woken)} waited for {woken.place} {at(run, woken)}, {who(run, wake)} woke it"
    began = [step for step in run.steps[: wake.n] if step.worker == woken.worker][-1:]
    return f"{text} {at(run, wake)}, and it gave up instead of waiting on", [*began, wake, woken]


def told_too_early(run: Run, signal: Step, look: Step, put: Step) -> CausalSentence:
    """Who gave a signal, who looked at once, and who put there only then what it was for."""
    gave = {"release": f"let go of {signal.place}", "put": f"put something into {signal.place}"}
    text = f"{who(run, signal)} {gave.get(signal.op, f'set {signal.place}')} {at(run, signal)} before it"
    text += f" {_wrote(put, '')} {at(run, put)}; {who(run, look)} had waited for that, and"
    return f"{text} {_read(look)} at once {at(run, look)}", [signal, look, put]


def set_for_all(run: Run, first: Step, between: Step, second: Step) -> CausalSentence:
    """Who set a stream for itself, who set it meanwhile, and what the first did with it then."""
    mine, came = who(run, first), who(run, between)
    did = "set it, too," if between.op == "write" else "used it"
    text = f"{mine} set {first.place} {at(run, first)}, and {came} {did} {at(run, between)} before {mine}"
    return f"{text} set it back {at(run, second)}", [first, between, second]


def began_first(run: Run, first: Step, second: Step) -> CausalSentence:
    """Whose thread began first, though its request was read last."""
    text = f"{who(run, first)} began {at(run, first)} before {who(run, second)} {at(run, second)}, whose"
    text += " request had been read first: in which order threads begin is nobody's doing"
    return text, [first, second]


def emptied(run: Run, put: Step, took: Step, missed: Step) -> CausalSentence:
    """Who noted something in a table, who cleared it, and who looked for it then."""
    text = f"{who(run, put)} put something into {put.place} {at(run, put)}, {who(run, took)} took all out of"
    text += f" {took.place} {at(run, took)}, and {who(run, missed)} found nothing at {missed.place}"
    return f"{text} {at(run, missed)}", [put, took, missed]


def let_go_too_early(run: Run, release: Step, first: Step, second: Step) -> CausalSentence:
    """Who let go of the lock and had not yet written, and who took it and wrote."""
    text = f"{who(run, second)} let go of {release.place} {at(run, release)} before it wrote {at(run, second)};"
    return f"{text} {who(run, first)} took it then, and wrote first {at(run, first)}", [release, first, second]


def stopped_loop(run: Run, blocking: Step, vain: Step) -> CausalSentence:
    """Who slept in the thread of the event loop, and who awaited its peer meanwhile."""
    text = f"{who(run, blocking)} slept {at(run, blocking)} in the thread of the event loop, where nothing else"
    text += f" runs meanwhile, while {who(run, vain)} awaited its peer {at(run, vain)}"
    return text, [blocking, vain]


def never_fetched(run: Run, put: Step) -> CausalSentence:
    """What lies in a queue, and, if its sender then looked for a lock, that it was taken."""
    text = f"{who(run, put)} put something into {put.place} {at(run, put)} that nobody fetched"
    tried = [step for step in run.steps[put.n :] if step.op == "try" and step.worker == put.worker][:1]
    if not tried:
        return text, [put]
    text += f", since it found {tried[0].place} taken {at(run, tried[0])}"
    took = [step for step in run.steps[: tried[0].n] if (step.op, step.datum) == ("acquire", tried[0].datum)]
    by = f" by {who(run, took[-1])} {at(run, took[-1])}" if took else ""
    return text + by, [*took[-1:], put, *tried]


def spoke_too_early(run: Run) -> CausalSentence:
    """Who spoke before init was answered, and how far init was then."""
    spoke = next((step for step in run.steps if step.op == "out"), None)
    if spoke is None:
        return "", []
    init = [step for step in run.steps[: spoke.n] if step.handler and step.handler.type == "init" and step.line]
    text = f"{who(run, spoke)} spoke {at(run, spoke)}"
    if not init:
        return f"{text} before init was served", [spoke]
    return f"{text} while {who(run, init[-1])} was {at(run, init[-1], 'no further than ')}", [init[-1], spoke]


def held_up(e: Evidence, waiter: Step) -> CausalSentence:
    """Who waited for its peer, and how it kept the others from being served."""
    run = e.run
    asked = [step for step in run.steps[: waiter.n] if step.op == "out" and step.worker == waiter.worker][-1:]
    out = list(e.kept_out[:1])
    how, others = "", "others were not served meanwhile"
    if waiter.held:
        how = f" with {', '.join(waiter.held)} held"
    elif out and waiter.op == "await":
        how = f" with {_lock_before(run, out[0])} held"
    elif waiter.op == "fire" and waiter.task:
        how = ", in the thread of the event loop"
    elif e.lying:
        put = e.lying[0]
        others = f"what {who(run, put)} had put into {put.place} {at(run, put)} was not served meanwhile"
        out = [put]
    if e.kept_out and e.outcome != "blocked":
        others = f"{who(run, e.kept_out[0])} could not go on meanwhile {at(run, e.kept_out[0])}"
    text = f"{who(run, waiter)} waited for its peer {at(run, waiter)}{how}, and {others}"
    return text, [*asked, waiter, *out]


def no_permit(run: Run, waiter: Step, other: Step) -> CausalSentence:
    """Who waited for its peer with a permit, and who waited for one."""
    text = f"{who(run, waiter)} waited for its peer {at(run, waiter)} with a permit of {other.place}, and"
    return f"{text} {who(run, other)} had to wait for one meanwhile {at(run, other)}", [waiter, other]


def _lock_before(run: Run, step: Step) -> str:
    """What the lock is called before which a task stands."""
    if step.waits_for and step.waits_for.name:
        return step.waits_for.name
    return next(iter(locks_around(run, step.file, step.line)[-1:]), "a lock")


def ended_early(e: Evidence) -> CausalSentence:
    """What was not done yet when the program ended."""
    run = e.run
    eof = [step for step in run.steps if step.op == "eof"]
    if left := e.left:
        text = f"the program ended while something was still in {left[0].place}, put there by"
        return f"{text} {who(run, left[0])} {at(run, left[0])}", [*left[:2], *eof]
    at_work = [
        stand for stand in run.stands if stand.state != "ended" and stand.worker != "main" and stand.line
    ]
    unfinished = [
        *(f"{name_of(run, stand)} stood at line {stand.line}" for stand in at_work[:2]),
        *(f"{who(run, step)} awaited {at(run, step)}" for step in e.cut[:2]),
    ]
    unborn = [stand.worker for stand in run.stands if stand.state == "ready" and not stand.line]
    if not unfinished and unborn and unborn != ["main"]:
        unfinished = [f"{' and '.join([name for name in unborn if name != 'main'][:2])} had not begun"]
    where = " and ".join(unfinished[:2])
    text = "the program ended" + (f" while {where}" if where else " before all that was read had been served")
    return text, [*eof, *e.cut[:2], *standing(run, at_work[:2])]


def set_to_itself(run: Run, step: Step) -> CausalSentence:
    """Who gave a number the value that it had."""
    return f"{who(run, step)} gave {step.place} the value that it had, {step.value} {at(run, step)}", [step]


def everybody(run: Run) -> CausalSentence:
    """Where all stand who wait; the last that can be said."""
    return stood(run, [stand for stand in run.stands if stand.state == "waits"])


def answered_twice(run: Run, said: Sequence[Step]) -> str:
    """Who gave the two answers."""
    return ", and ".join(f"{who(run, step, said)} answered it {at(run, step)}" for step in said[:2])


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

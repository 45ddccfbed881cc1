"""The patterns of a collision: what its steps, and the locks held in them, say about what was believed."""

from collections.abc import Sequence
from dataclasses import replace

from grader.explorer.diagnosis import sentences
from grader.explorer.diagnosis.conflicts import EMPTY, StepTrio, answers, is_built_on, is_confused
from grader.explorer.diagnosis.diagnosis import CausePattern, Diagnosis, told
from grader.explorer.diagnosis.evidence import Evidence
from grader.explorer.diagnosis.signals import EXCLUSIVE, taken
from grader.explorer.diagnosis.source_facts import is_a_test, is_made_while
from grader.explorer.diagnosis.standing import stood
from grader.explorer.diagnosis.waiting import SIGNALS, stuck
from grader.explorer.diagnosis.wording import at, bare, who
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Run, Step

WHEN_WOKEN = "Look when you have been woken: read it after the wait, not before."


def collision(e: Evidence, name: str = "", fix: str = "") -> Diagnosis | None:
    """What collided, by its name if it has one, and what came of it."""
    if e.clash is None:
        return None
    text, steps = sentences.collided(e.run, e.clash)
    if e.ended:
        text += f", and ended by {e.ended.error}"
    waiting = [stand for stand in stuck(e.run) if stand.line] if e.misled else []
    if waiting:
        waits, where = stood(e.run, waiting[:1])
        text, steps = f"{text}; so {waits}", [*steps, *where]
    code = "data-race" if e.is_race else e.outcome
    return told(e, code, (text, steps), name, fix=fix or _advice(e), crash=e.ended)


def _advice(e: Evidence) -> str:
    """The fix where no misconception is shown: one that the locks held do not belie. Empty: the code's own."""
    each = e.clash
    assert each is not None
    held = [set(step.held) for step in each.steps]
    if all(held) and set.intersection(*held):
        return (
            "The lock keeps each step whole, not their order: let the later one wait until the first is done, "
            "or do both in one thread."
        )
    if each.kind == "torn" and any(held):
        name = sorted(set.union(*held))[0]
        return f"Hold {name} wherever a line is written, and wait for it however long it takes."
    if each.kind == "early" and each.between.value in EMPTY:
        return "Look, and decide to stop, in one step with those who put something there: under one lock."
    return ""


def went_in_without_the_lock(e: Evidence) -> Diagnosis | None:
    """A lock or a permit that another has was asked for, not had, and the worker went on all the same."""
    each = e.clash
    given_up = _given_up(e.run, each.steps) if each else None
    diagnosis = collision(e) if given_up else None
    if each is None or given_up is None or diagnosis is None or each.kind == "torn":
        return None
    name = given_up.place
    fix = f"Go in only if acquire said True, or wait for {name} however long it takes: False means, not had."
    sentence = f"{diagnosis.sentence[:-1]}; {who(e.run, given_up)} had not got {name} {at(e.run, given_up)}."
    return replace(diagnosis, sentence=sentence, fix=fix)


def semaphore_lets_in_several(e: Evidence) -> Diagnosis | None:
    """Both had a permit of the same semaphore."""
    each = e.clash
    if each is None or each.kind == "torn" or any(step.held for step in each.steps):
        return None
    common = set.intersection(*({n for n, count in taken(e.run, s).items() if count > 0} for s in each.steps))
    names = [s.place for s in e.run.steps if s.datum in common and s.kind is Resource.SEMAPHORE]
    if not names:
        return None
    fix = f"A semaphore lets in as many as it counts: for one, let {names[0]} be a Lock, or a Semaphore(1)."
    return collision(e, fix=fix)


def _given_up(run: Run, steps: Sequence[Step]) -> Step | None:
    """Where one of them had asked in vain, before its step, for what another of them had by its own."""
    for step in steps:
        asked = (
            other
            for other in reversed(run.steps[: step.n])
            if (other.worker, other.handler) == (step.worker, step.handler)
            and other.op in ("fire", "try", "acquire")
            and other.kind in EXCLUSIVE
        )
        last = next(asked, None)
        if last is None or last.op == "acquire":
            continue
        if any(taken(run, other)[last.datum] > 0 for other in steps if other.worker != step.worker):
            return last
    return None


def message_in_pieces(e: Evidence) -> Diagnosis | None:
    """A line was written in several parts, with no lock."""
    each = e.clash
    if each is None or each.kind != "torn" or each.first is None or each.first.held or each.between.held:
        return None
    return collision(e, "message-in-pieces")


def reply_in_a_shared_variable(e: Evidence) -> Diagnosis | None:
    """What belongs to one request was put where another puts its own."""
    each = e.clash
    if each is None or each.kind not in ("overwritten", "reread"):
        return None
    is_flag = each.second is not None and is_a_test(e.run, each.second)  # asked, not said
    fits = is_confused(e.run) if each.kind == "reread" else not is_flag and not is_built_on(e.run, each)
    return collision(e, "reply-in-a-shared-variable") if fits else None


def sent_before_noted(e: Evidence) -> Diagnosis | None:
    """Who waits was noted only once its message had been sent."""
    each = e.clash
    if each is None or each.kind != "early" or each.second is None or each.between.value in EMPTY:
        return None
    return collision(e, "sent-before-noted") if _asked(e.run, each.second) else None


def looked_before_it_waited(e: Evidence) -> Diagnosis | None:
    """Who asked a peer looked for the reply first, and waited for it then."""
    each = e.clash
    if each is None or each.kind != "early" or each.between.worker not in _asked(e.run, each.between):
        return None
    later = (step for step in e.run.steps[each.between.n :] if step.worker == each.between.worker)
    waits = any(step.op in ("wait", "fire") and step.kind in SIGNALS for step in later)
    return collision(e, fix=WHEN_WOKEN) if waits else None


def _asked(run: Run, until: Step) -> set[str]:
    """The workers that have sent a request of the node's own until then."""
    requests = {event.n for event in run.transcript if event.kind == "out" and not answers(event.line)}
    return {step.worker for step in run.steps[: until.n] if step.op == "out" and step.event in requests}


def await_between_read_and_write(e: Evidence) -> Diagnosis | None:
    """A task gave way between reading and writing."""
    if (trio := _trio(e)) is None:
        return None
    first, _, second = trio
    gave_way = any(
        step.op == "await" and step.worker == first.worker for step in e.run.steps[first.n + 1 : second.n]
    )
    return collision(e, "await-between-read-and-write") if gave_way else None


def read_outside_the_lock(e: Evidence) -> Diagnosis | None:
    """Writing took the lock, reading did not; or the value was read again once the lock had been let go."""
    if (trio := _trio(e)) is None:
        return None
    first, between, second = trio
    if first.op == "write":
        fits = not second.held and bool(set(first.held) & set(between.held))
    else:
        fits = not first.held and bool(set(between.held) & set(second.held))
    return collision(e, "read-outside-the-lock") if fits else None


def lock_let_go_between(e: Evidence) -> Diagnosis | None:
    """Each access took the lock, which was let go between them."""
    if (trio := _trio(e)) is None:
        return None
    first, between, second = trio
    common = set(first.held) & set(between.held) & set(second.held)
    let_go = any(
        step.op == "release" and step.worker == first.worker and step.place in common
        for step in e.run.steps[first.n : second.n]
    )
    return collision(e, "lock-let-go-between") if let_go else None


def a_lock_a_request(e: Evidence) -> Diagnosis | None:
    """Both held a lock of the same name, made anew for each request."""
    locks = _two_locks(e)
    return collision(e, "a-lock-a-request") if locks and _is_made_anew(e.run, *locks) else None


def two_locks_for_one_datum(e: Evidence) -> Diagnosis | None:
    """Both held a lock, but not the same."""
    return collision(e, "two-locks-for-one-datum") if _two_locks(e) else None


def check_then_act(e: Evidence) -> Diagnosis | None:
    """What had been looked at was no longer so."""
    trio = _trio(e)
    fits = trio is not None and not _guarded(e.run, trio) and is_a_test(e.run, trio[0])
    return collision(e, "check-then-act") if fits else None


def nobody_comes_between(e: Evidence) -> Diagnosis | None:
    """Reading and writing without any lock."""
    trio = _trio(e)
    fits = trio is not None and not _guarded(e.run, trio) and not is_a_test(e.run, trio[0])
    return collision(e, "nobody-comes-between") if fits else None


def _trio(e: Evidence) -> StepTrio | None:
    """Three steps of which the first one's value, or what was made from it, is old when the last is made."""
    each = e.clash
    if each is None or each.kind in ("early", "torn") or each.first is None or each.second is None:
        return None
    return each.first, each.between, each.second


def _guarded(run: Run, steps: Sequence[Step]) -> bool:
    """Whether one of them was made with a lock held, or with a semaphore's permit."""
    return any(step.held or _permits(run, step) for step in steps)


def _permits(run: Run, step: Step) -> bool:
    return any(count > 0 for count in taken(run, step).values())


def _two_locks(e: Evidence) -> tuple[set[str], set[str]] | None:
    """The locks that the two workers held, where both held some and none in common."""
    each = e.clash
    if each is not None and each.kind == "torn" and each.first is not None:
        mine, others = set(each.first.held), set(each.between.held)
    elif trio := _trio(e):
        mine, others = set(trio[0].held) & set(trio[2].held), set(trio[1].held)
    else:
        return None
    return (mine, others) if mine and others and not mine & others else None


def _is_made_anew(run: Run, mine: set[str], others: set[str]) -> bool:
    """Whether a lock that both held, by its name, is made where a request is served."""
    common = {bare(name) for name in mine} & {bare(name) for name in others}
    came = next((step.n for step in run.steps if step.op == "in"), 0)
    return any(is_made_while(run, name, run.steps[came:]) for name in common)


COLLISIONS: tuple[CausePattern, ...] = (
    went_in_without_the_lock,
    semaphore_lets_in_several,
    message_in_pieces,
    reply_in_a_shared_variable,
    looked_before_it_waited,
    sent_before_noted,
    await_between_read_and_write,
    read_outside_the_lock,
    lock_let_go_between,
    a_lock_a_request,
    two_locks_for_one_datum,
    check_then_act,
    nobody_comes_between,
)

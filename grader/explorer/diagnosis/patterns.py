"""What a failing run shows: one ordered table of patterns, of which the first that matches gives the diagnosis.

A pattern is a function from the evidence to a diagnosis, or None. It names a misconception only where the
evidence shows it: no name is better than a wrong one. Everything that is said of a find is made from what
comes out here.
"""

from grader.explorer.diagnosis import sentences, standing
from grader.explorer.diagnosis.collisions import COLLISIONS, collision
from grader.explorer.diagnosis.conflicts import is_about
from grader.explorer.diagnosis.crashes import CRASHES
from grader.explorer.diagnosis.diagnosis import CausePattern, Diagnosis, named, told
from grader.explorer.diagnosis.evidence import Evidence, gather
from grader.explorer.diagnosis.shared_by_all import GAVE_UP, OF_ITS_OWN, changed_in_a_queue, set_for_another
from grader.explorer.diagnosis.signals import taken_back
from grader.explorer.diagnosis.start_and_end import ENDS, init_beside_the_rest, spoke_before_init
from grader.explorer.diagnosis.tried import as_tried
from grader.explorer.diagnosis.unfinished import unanswered
from grader.explorer.diagnosis.waiting import kept_since, waits_for, wanted
from grader.explorer.diagnosis.wording import who
from grader.explorer.diagnosis.writes import is_set_for_each_message, set_to_itself
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Found, Run, Step

NOTHING_THERE = (
    "Who was woken found nothing: is the reply put there, before the signal, where it is looked for?"
)
CLEAR_FIRST = (
    "Clear it before you ask, or never: make a new event for each request. A clear takes back what was set."
)
OF_ITS_REQUEST = "It belongs to one request, and the next message takes its place: hand it on as an argument."
STUCK = ("no-reply", "hung-after-eof", "lost-at-eof", "blocked", "wrong-type")


def diagnose(found: Found) -> Diagnosis:
    """What went wrong in this find. The last pattern matches everything."""
    evidence = gather(found)
    diagnosis = next(diagnosis for pattern in PATTERNS if (diagnosis := pattern(evidence)))
    return as_tried(diagnosis, found, evidence)


def came_by_the_clock(e: Evidence) -> Diagnosis | None:
    """The answer was there, and came only because time ran out."""
    late = next((finding for finding in e.run.findings[:1] if finding.by_clock), None)
    said = [step for step in e.run.steps if late and step.op == "out" and step.event == late.at]
    if not said:
        return None
    if took_back := taken_back(e.run, said[0]):
        why = sentences.taken_back(e.run, *took_back)
        return told(e, "data-race" if e.passing is not None else "no-reply", why, fix=CLEAR_FIRST, lesson="03")
    text = f"{who(e.run, said[0])} went on because its time was over, not because the reply was there"
    return told(e, "no-reply", (f"{text}: nobody had woken it", said))


# Generators and signals.


def generator_entered_twice(e: Evidence) -> Diagnosis | None:
    """A worker wanted the next value while another was inside."""
    if e.inside is None:
        return None
    fix = "Take each next value under one lock (in asyncio: an asyncio.Lock), or number with itertools.count."
    return told(e, "data-race", sentences.both_inside(e.run, *e.inside), fix=fix)


def looked_before_the_signal(e: Evidence) -> Diagnosis | None:
    """Who waits had looked before the signal, and did not look again."""
    if e.looked is None or not e.races_first(e.looked):
        return None
    return named(e, "signal-nobody-heard", sentences.looked_too_early(e.run, *e.looked), code="data-race")


def stream_set_for_all(e: Evidence) -> Diagnosis | None:
    """A worker set `sys.stdout`, or had it set, and another used it before it was set back."""
    if e.stream is None:
        return None
    place = e.stream[1].place
    fix = f"{place} is one for all threads: leave it as it is, and say where to print: print(…, file=…)."
    return told(e, "data-race", sentences.set_for_all(e.run, *e.stream), fix=fix, lesson="03")


def waited_behind_the_signal(e: Evidence) -> Diagnosis | None:
    """Who waits began to wait when the signal had been."""
    if e.late is None or not e.races_first(e.late):
        return None
    return named(e, "signal-nobody-heard", sentences.waited_too_late(e.run, *e.late), code="data-race")


# Everybody waits.


def _is_stuck(e: Evidence) -> bool:
    """Whether to look for who waits for whom; where a collision is why they wait, that says more."""
    return not e.misled and (e.is_deadlock or (bool(e.run.stuck) and e.outcome in STUCK))


def lock_taken_twice(e: Evidence) -> Diagnosis | None:
    """Who waits for a lock that it holds itself."""
    if not _is_stuck(e) or len(e.ring) != 1:
        return None
    return named(e, "lock-taken-twice", standing.ring_told(e.run, e.ring), code="deadlock")


def lock_kept_by_a_return(e: Evidence) -> Diagnosis | None:
    """Who waits for a lock that it took itself, for a message with which it is done."""
    if not _is_stuck(e) or len(e.ring) != 1 or (took := kept_since(e.run, e.ring[0])) is None:
        return None
    fix = f"Take {took.place} by `with`: then each way out lets it go, an early return and an exception."
    return told(e, "deadlock", standing.returned_told(e.run, took, e.ring[0]), fix=fix)


def opposite_lock_order(e: Evidence) -> Diagnosis | None:
    """Threads that each hold what the next one wants."""
    if not _is_stuck(e) or len(e.ring) < 2:
        return None
    return named(e, "opposite-lock-order", standing.ring_told(e.run, e.ring), code="deadlock")


def opposite_lock_order_of_tasks(e: Evidence) -> Diagnosis | None:
    """Tasks that each stand in what the other wants."""
    if not _is_stuck(e) or not e.crossing:
        return None
    return named(e, "opposite-lock-order", standing.crossing_told(e.run, e.crossing), code="deadlock")


def lock_never_let_go(e: Evidence) -> Diagnosis | None:
    """Who held the lock has ended."""
    if e.kept is None or e.outcome not in STUCK or e.misled:
        return None
    fix = f"Take {e.kept[0].place} by `with`: then each way out lets it go, an early return and an exception."
    code = "deadlock" if e.is_deadlock else e.outcome
    return told(e, code, standing.kept_told(e.run, *e.kept), fix=fix)


def not_counted_as_done(e: Evidence) -> Diagnosis | None:
    """A queue's join that never ends, though all was fetched."""
    if e.uncounted is None or e.outcome not in STUCK:
        return None
    fix = "Call task_done once for each item that was fetched, on every path: in a finally."
    code = "deadlock" if e.is_deadlock else e.outcome
    return told(e, code, standing.not_counted_told(e.run, e.uncounted), fix=fix)


def nobody_left_to_make_room(e: Evidence) -> Diagnosis | None:
    """A full queue, from which nobody can fetch any more."""
    if not _is_stuck(e) or e.full is None:
        return None
    return named(e, "nobody-left-to-make-room", standing.full_told(e.run, *e.full), code="deadlock")


def pool_that_waits_for_itself(e: Evidence) -> Diagnosis | None:
    """All workers of a pool wait for what lies in it."""
    if not _is_stuck(e) or not e.starved:
        return None
    text, steps = standing.stood(e.run, e.blamed or e.starved)
    text += ", and what they wait for lies in the pool, which has no worker left"
    return named(e, "pool-that-waits-for-itself", (text, steps), code="deadlock")


def signal_nobody_heard(e: Evidence) -> Diagnosis | None:
    """A signal that came while nobody waited, and for which somebody waits now."""
    held_back = e.outcome == "not-flushed" and e.passing is not None
    if e.lost is None or not (held_back or _is_stuck(e)):
        return None
    code = "deadlock" if e.is_deadlock else e.outcome
    return named(e, "signal-nobody-heard", standing.unheard(e.run, e.lost), code=code)


def everybody_waits(e: Evidence) -> Diagnosis | None:
    """Somebody waits for ever, for a reason that has no name."""
    if not e.is_deadlock or e.misled:
        return None
    held = {lock for stand in e.blamed for lock in stand.held}
    if any(waits_for(stand, Resource.LOCK) and wanted(stand) in held for stand in e.run.stands):
        fix = "Hold no lock while you wait."
    elif all(waits_for(stand, Resource.QUEUE) for stand in e.blamed) and e.outcome == "hung-after-eof":
        fix = "Fetch what another may have fetched with get_nowait, and catch Empty: a look before is soon old."
    else:
        fix = "Ask of each who waits: who was to make it go on, and can that one still come to it?"
    # Where each stands is a cause where another order goes on; where none does, it only shows what came of it.
    told_of = standing.deadlock_told(e.run, e.blamed)
    return told(e, "deadlock", told_of, fix=fix, is_known=e.passing is not None)


# One handler holds up the others.


def slept_through_the_signal(e: Evidence) -> Diagnosis | None:
    """Who was not answered in time was not held up: it had missed its signal, and slept until time was over."""
    if e.slept is None:
        return None
    first, middle, vain = e.slept
    if first.op == "wake":
        why = sentences.waited_too_late(e.run, *e.slept)
    else:
        text, steps = why = sentences.looked_too_early(e.run, *e.slept)
        cleared = next((step for step in e.run.steps[middle.n : vain.n] if _cleared_for(step, vain)), None)
        if cleared:
            why = f"{text}, and that {sentences.cleared(e.run, cleared)}", [*steps, cleared]
            fix = f"Several wait for {vain.place}: {OF_ITS_OWN}"
            return told(e, "data-race", why, fix=fix, lesson="03")
    return named(e, "signal-nobody-heard", why, code="data-race")


def _cleared_for(step: Step, vain: Step) -> bool:
    """Whether somebody else took back the signal that this one waited for."""
    return (step.op, step.datum) == ("clear", vain.datum) and step.worker != vain.worker


def woken_is_served(e: Evidence) -> Diagnosis | None:
    """Who was woken by another's signal took it for its own, or for the end of its time."""
    if e.woken is None or e.outcome not in GAVE_UP or e.races:
        return None
    wake, woken = e.woken
    name = "woken-is-served" if woken.kind is Resource.CONDITION else ""
    workers = {step.worker for step in e.run.steps if step.datum == woken.datum}
    is_shared = woken.kind is Resource.EVENT and bool(workers - {wake.worker, woken.worker})
    fix = f"Several wait for {woken.place}: {OF_ITS_OWN}" if is_shared else ""
    fix = fix or (NOTHING_THERE if woken.kind is Resource.EVENT else "")
    return told(e, e.outcome, sentences.woken_for_nothing(e.run, wake, woken), name, fix=fix)


def blocking_call_in_the_loop(e: Evidence) -> Diagnosis | None:
    """A task waited in a way that stops its whole loop."""
    if e.vain is None or e.outcome not in GAVE_UP or e.vain.op == "await" or not e.vain.task:
        return None
    return named(e, "blocking-call-in-the-loop", sentences.held_up(e, e.vain), code=e.outcome)


def lock_held_while_waiting(e: Evidence) -> Diagnosis | None:
    """A handler waited for its peer with a lock held before which others stood."""
    if e.vain is None or e.outcome not in GAVE_UP or not e.kept_out:
        return None
    return named(e, "lock-held-while-waiting", sentences.held_up(e, e.vain), code=e.outcome)


def sleep_in_the_loop(e: Evidence) -> Diagnosis | None:
    """A task slept in a way that stops its whole loop, while another's reply lay there."""
    if e.vain is None or e.blocking is None or e.outcome not in GAVE_UP:
        return None
    return named(
        e, "blocking-call-in-the-loop", sentences.stopped_loop(e.run, e.blocking, e.vain), code=e.outcome
    )


def permit_held_while_waiting(e: Evidence) -> Diagnosis | None:
    """A handler waited for its peer with a permit of a semaphore that others needed, too."""
    if e.vain is None or e.no_permit is None or e.outcome not in GAVE_UP:
        return None
    fix = f"Give back the permit of {e.no_permit.place} before you wait, or have one for each who may wait."
    return told(e, e.outcome, sentences.no_permit(e.run, e.vain, e.no_permit), fix=fix)


def others_not_served(e: Evidence) -> Diagnosis | None:
    """A handler waited for its peer, and others were not served, for a reason that has no name."""
    if e.outcome != "blocked":
        return None
    text = sentences.held_up(e, e.vain) if e.vain else sentences.everybody(e.run)
    fix = ""
    if e.vain and e.lying and _fetches_alone(e.run, e.vain.worker, e.lying[0]):
        fix = f"All in {e.lying[0].place} waits for one worker: give what may wait a thread of its own."
    return told(e, e.outcome, text, fix=fix, is_known=bool(fix))


def _fetches_alone(run: Run, worker: str, put: Step) -> bool:
    """Whether nobody else has ever fetched from where this was put."""
    return {step.worker for step in run.steps if (step.op, step.datum) == ("get", put.datum)} == {worker}


# What was handed on in the wrong order.


def told_before_it_was_there(e: Evidence) -> Diagnosis | None:
    """Who gave the signal had not yet put there what the signal was for."""
    if e.told_early is None or e.passing is None:
        return None
    fix = "First put there what the other waits for, then give the signal: who is woken looks at once."
    return told(e, "data-race", sentences.told_too_early(e.run, *e.told_early), fix=fix)


def entry_cleared_by_another(e: Evidence) -> Diagnosis | None:
    """Who cleared a table cleared what another had noted there and still needed."""
    if e.emptied is None or e.passing is None:
        return None
    fix = "A table that handlers share holds entries of others: take out your own by its key, and never all."
    return told(e, "data-race" if e.is_race else e.outcome, sentences.emptied(e.run, *e.emptied), fix=fix)


def threads_in_any_order(e: Evidence) -> Diagnosis | None:
    """Whose thread began first was answered first: nobody has made the order."""
    if e.began is None:
        return None
    return told(e, e.outcome, sentences.began_first(e.run, *e.began))


def lock_let_go_before_the_line(e: Evidence) -> Diagnosis | None:
    """The order was made under a lock, and the lines were written behind it."""
    if e.outcome != "wrong-order" or e.let_go is None or e.passing is None:
        return None
    fix = f"Write while you still hold {e.let_go[0].place}, under which the order is made, or in one thread."
    return told(e, e.outcome, sentences.let_go_too_early(e.run, *e.let_go), fix=fix)


# What is left.


def number_stands_still(e: Evidence) -> Diagnosis | None:
    """A number was given twice since what it comes from did not grow, and nobody was between."""
    if e.outcome != "duplicate-msg-id" or e.passing is not None or (step := set_to_itself(e.run)) is None:
        return None
    fix = "Let it grow: += 1 adds one, =+ 1 makes it 1 each time."
    return told(e, e.outcome, sentences.set_to_itself(e.run, step), fix=fix, lesson="00")


def unordered_accesses(e: Evidence) -> Diagnosis | None:
    """Two accesses that nothing keeps in order, and no more: of who was not answered, if there are such."""
    if not e.races or e.passing is None:
        return None
    left = unanswered(e.run)
    concerns = (pair for pair in e.races if any(is_about(e.run.steps[n], left) for n in pair))
    pair = next(concerns, e.races[0])
    fix = OF_ITS_REQUEST if is_set_for_each_message(e.run, e.run.steps[pair[0]].datum) else ""
    return told(e, "data-race", sentences.unordered(e.run, *pair), fix=fix)


def never_fetched(e: Evidence) -> Diagnosis | None:
    """Something was put into a queue, and nobody came for it."""
    if e.outcome != "no-reply" or not e.left:
        return None
    text, steps = sentences.never_fetched(e.run, e.left[0])
    tried = [step for step in steps if step.op == "try"]
    fix = f"Wait for {tried[0].place}, or let who holds it look once more when it has let go." if tried else ""
    return told(e, e.outcome, (text, steps), fix=fix)


def nothing_known(e: Evidence) -> Diagnosis | None:
    """Where everybody stands; of two answers, who gave them."""
    text, steps = sentences.everybody(e.run)
    if not text and e.said and e.outcome == "duplicate-reply":
        text = sentences.answered_twice(e.run, e.said)
    return told(e, e.outcome or "no-reply", (text, steps), is_known=False)


PATTERNS: tuple[CausePattern, ...] = (
    came_by_the_clock,
    generator_entered_twice,
    stream_set_for_all,
    looked_before_the_signal,
    waited_behind_the_signal,
    *CRASHES,
    lock_kept_by_a_return,
    lock_taken_twice,
    opposite_lock_order,
    opposite_lock_order_of_tasks,
    lock_never_let_go,
    not_counted_as_done,
    nobody_left_to_make_room,
    pool_that_waits_for_itself,
    signal_nobody_heard,
    everybody_waits,
    slept_through_the_signal,
    set_for_another,
    woken_is_served,
    blocking_call_in_the_loop,
    lock_held_while_waiting,
    sleep_in_the_loop,
    permit_held_while_waiting,
    others_not_served,
    changed_in_a_queue,
    *ENDS,
    init_beside_the_rest,
    told_before_it_was_there,
    entry_cleared_by_another,
    threads_in_any_order,
    lock_let_go_before_the_line,
    *COLLISIONS,
    collision,
    spoke_before_init,
    number_stands_still,
    unordered_accesses,
    never_fetched,
    nothing_known,
)

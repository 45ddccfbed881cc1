"""Who waits for whom at the end of a run: locks in a ring, full queues, starved pools. Pure functions."""

from grader.explorer.diagnosis.conflicts import Clash
from grader.explorer.diagnosis.source_facts import is_a_test, is_call_of, locks_around
from grader.explorer.diagnosis.unfinished import lying, unanswered
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Run, Stand, Step
from grader.explorer.trace.races import Pair

IDLE = (Resource.INPUT, Resource.LOOP)
SIGNALS = (Resource.CONDITION, Resource.EVENT)


def waiting(run: Run) -> tuple[Stand, ...]:
    """Everybody who waits at the end, but for those who wait for input."""
    return tuple(stand for stand in run.stands if stand.state == "waits" and not (waits_for(stand, *IDLE)))


def waits_for(stand: Stand, *kinds: Resource) -> bool:
    """Whether it waits for a thing of one of these kinds."""
    return stand.waits_for is not None and stand.waits_for.kind in kinds


def has_timeout(stand: Stand) -> bool:
    """Whether it waits for so long and no longer."""
    return stand.waits_for is not None and stand.waits_for.timeout is not None


def wanted(stand: Stand) -> str:
    """The name of what it waits for."""
    return stand.waits_for.name if stand.waits_for else ""


def makes_room(stand: Stand) -> bool:
    """Whether it waits to put something into a queue."""
    return stand.waits_for is not None and stand.waits_for.put


def stuck(run: Run) -> tuple[Stand, ...]:
    """Who waits for what can't come any more, at the end of a run: handlers at work, or the main thread.

    Where all is answered and the program does not end, everybody who waits.
    """
    open_requests = unanswered(run)
    everybody = waiting(run)
    if run.findings and run.findings[0].code == "hung-after-eof":
        return everybody
    at_work = tuple(
        stand
        for stand in everybody
        if (
            (stand.handler is not None and (stand.handler.src, stand.handler.msg_id) in open_requests)
            and not is_idle(run, stand)
        )
        or stand.held
        or (stand.worker == "main" and open_requests)
    )
    if not at_work and open_requests:  # who waits at an empty queue has nothing to do; who waits for a word has
        return tuple(stand for stand in everybody if waits_for(stand, *SIGNALS) and not stand.task)
    return at_work


def is_idle(run: Run, stand: Stand) -> bool:
    """Whether it waits where it has fetched its work before: what its locals name is done with."""
    return not makes_room(stand) and any(
        (s.op, s.worker, s.place) == ("get", stand.worker, wanted(stand)) for s in run.steps
    )


def rests(passing: Run, stand: Stand) -> bool:
    """Whether it waited at the same place when all had been said that is said in a run that passes."""
    if stand.handler is not None or stand.held or stand.worker == "main":
        return False
    said = max((step.n for step in passing.steps if step.op == "out"), default=0)
    spot = stand.worker, stand.file, stand.line, stand.waits_for
    waited = [(step.worker, step.file, step.line, step.waits_for) for step in passing.steps[said:]]
    return spot in waited + [
        (other.worker, other.file, other.line, other.waits_for) for other in passing.stands
    ]


def ring(run: Run) -> tuple[Stand, ...]:
    """The workers that wait for one another's locks, each for one that the next one holds."""
    locked_out = [stand for stand in run.stands if stand.state == "waits" and waits_for(stand, Resource.LOCK)]
    holder = {lock: stand for stand in locked_out for lock in stand.held}
    for stand in locked_out:
        chain = [stand]
        while (following := holder.get(wanted(chain[-1]))) is not None:
            if following in chain:
                return tuple(chain[chain.index(following) :])
            chain.append(following)
    return ()


def kept_since(run: Run, stand: Stand) -> Step | None:
    """Where a worker took what it waits for, if it has gone on to another message since: no call holds it."""
    took = next(
        (
            step
            for step in reversed(run.steps)
            if (step.op, step.worker, step.place) == ("acquire", stand.worker, wanted(stand))
        ),
        None,
    )
    if took is None or took.line == 0 or took.place in locks_around(run, took.file, took.line):
        return None
    reads_on = any(step.op == "in" and step.worker == stand.worker for step in run.steps[took.n + 1 :])
    serves_another = None not in (took.handler, stand.handler) and took.handler != stand.handler
    return took if reads_on or serves_another else None


def never_let_go(run: Run) -> tuple[Step, Stand] | None:
    """Where a worker took a lock that it had not let go when it ended, and who waits for that lock now."""
    for ended in (stand for stand in run.stands if stand.state == "ended"):
        for stand in run.stands:
            if stand.state != "waits" or not waits_for(stand, Resource.LOCK) or wanted(stand) not in ended.held:
                continue
            for step in reversed(run.steps):
                if (step.op, step.worker, step.place) == ("acquire", ended.worker, wanted(stand)):
                    return step, stand
    return None


def not_counted(run: Run) -> Stand | None:
    """Who waits until all that was in a queue is done, though all has been fetched, and nobody is at work."""
    left = {step.place for step in lying(run.steps)}
    for stand in run.stands:
        name = wanted(stand)
        is_join = waits_for(stand, Resource.QUEUE) and is_call_of(run, stand.file, stand.line, f"{name}.join")
        others = (other for other in run.stands if other.state != "ended")
        all_there = all(waits_for(other, Resource.QUEUE) and wanted(other) == name for other in others)
        if is_join and name not in left and all_there:
            return stand
    return None


def crossing(run: Run) -> tuple[Stand, ...]:
    """Two tasks that each stand before an `async with` inside another, in opposite order."""
    inside: dict[tuple[str, str], Stand] = {}
    for stand in run.stands:
        locks = locks_around(run, stand.file, stand.line)
        if stand.task and stand.state == "waits" and waits_for(stand, Resource.LOCK) and len(locks) > 1:
            inside[locks[-2], locks[-1]] = stand
    return next(((stand, inside[b, a]) for (a, b), stand in inside.items() if (b, a) in inside), ())


def full(run: Run) -> tuple[Stand, bool] | None:
    """Who waits for room in a queue from which all who fetch wait themselves; True: it alone fetches."""
    standing = {stand.worker: stand for stand in run.stands if stand.state == "waits"}
    for stand in standing.values():
        if not makes_room(stand):
            continue
        fetch = {step.worker for step in run.steps if (step.op, step.place) == ("get", wanted(stand))}
        if fetch and fetch <= set(standing):
            return stand, fetch == {stand.worker}
    return None


def starved(run: Run) -> tuple[Stand, ...]:
    """Handlers that wait for what they have given to a pool, where it lies, since all its workers wait."""
    standing = tuple(
        stand
        for stand in run.stands
        if stand.state == "waits" and stand.handler and waits_for(stand, Resource.FUTURE, Resource.FUTURES)
    )
    given = {step.worker for step in lying(run.steps)}
    return standing if standing and all(stand.worker in given for stand in standing) else ()


def misled(run: Run, races: tuple[Pair, ...], each: Clash | None) -> bool:
    """Whether the collision is over what is asked before somebody waits, or lets others go on."""
    if ring(run) or crossing(run) or starved(run) or full(run):
        return False
    if each is None or each.second is None or each.kind not in ("stale", "overwritten"):
        return False
    datum, steps = each.second.datum, {step.n for step in each.steps}
    is_asked = any(
        (step.op, step.datum) == ("read", datum) and is_a_test(run, step)
        for step in run.steps[each.between.n :]
    )
    return is_asked and any({*pair} <= steps for pair in races)

"""What somebody who writes such a race believes: the catalogue, and which of its entries a failing run shows.

Each entry has a condition on the record of the run, and is named only where that holds: no name is better
than a wrong one. Pure functions, but for the catalogue itself, which is read once.
"""

import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.checks.findings import CODES
from grader.explorer.diagnosis.blocking import (
    crossing,
    cut_off,
    cycle,
    deadlocked,
    fatal,
    full,
    is_task,
    kept_out,
    left_in_queues,
    looked_too_early,
    lost_signal,
    misled,
    starved,
    unanswered,
    waited_in_vain,
    waited_too_late,
    woken_for_nothing,
)
from grader.explorer.diagnosis.conflicts import EMPTY, Clash, clash, ending, is_built_on, is_confused
from grader.explorer.diagnosis.source_facts import is_a_test, is_made_while
from grader.explorer.diagnosis.wording import bare
from grader.explorer.trace.model import Found, Run, Stand, Step
from grader.explorer.trace.races import both_inside

UNFINISHED = ("no-reply", "hung-after-eof", "lost-at-eof", "blocked", "wrong-type")


@dataclass(frozen=True, slots=True)
class Misconception:
    """What one believes, what happens, the fix in a sentence and its shape, the lesson that teaches it."""

    name: str
    believes: str
    happens: str
    fix: str
    shape: str
    lesson: str


@cache
def catalogue() -> dict[str, Misconception]:
    """All of them, by name."""
    with (Path(__file__).with_name("misconceptions.toml")).open("rb") as file:
        entries = tomllib.load(file)
    return {
        name: Misconception(name, **{key: value.strip("\n") for key, value in entry.items()})
        for name, entry in entries.items()
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """A found schedule, and what collided in it."""

    found: Found
    clash: Clash | None

    @property
    def run(self) -> Run:
        return self.found.failing

    @property
    def outcome(self) -> str:
        return self.run.findings[0].code if self.run.findings else ""


def misconception(found: Found) -> Misconception | None:
    """The entry that this schedule shows; None where none fits."""
    shown = Shown(found, clash(found))
    name = next((name for name, fits in RULES.items() if fits(shown)), None)
    if both_inside(found.failing.steps) in found.races and name != "exception-dies-in-its-thread":
        return None
    return catalogue()[name] if name else None


def advice(found: Found) -> str:
    """The fix where no entry fits: that of the code, but of locks only where locks are why."""
    run = found.failing
    if found.code != "deadlock" or cycle(run) or crossing(run):
        return CODES[found.code].hint
    waiting = deadlocked(run, found.passing)
    if any(stand.held for stand in waiting):
        return "Hold no lock while you wait."
    if (
        all(stand.waits_for.startswith("queue ") for stand in waiting)
        and run.findings[0].code == "hung-after-eof"
    ):
        return (
            "Fetch what another may have fetched with get_nowait, and catch Empty: a look before is soon old."
        )
    return "Ask of each who waits: who was to make it go on, and can that one still come to it?"


# Deadlocks.


def _lock_taken_twice(shown: Shown) -> bool:
    return _is_stuck(shown) and len(cycle(shown.run)) == 1


def _opposite_lock_order(shown: Shown) -> bool:
    return _is_stuck(shown) and (len(cycle(shown.run)) > 1 or bool(crossing(shown.run)))


def _pool_that_waits_for_itself(shown: Shown) -> bool:
    if not _is_stuck(shown) or cycle(shown.run):
        return False
    return bool(starved(shown.run))


def _nobody_left_to_make_room(shown: Shown) -> bool:
    return _is_stuck(shown) and not cycle(shown.run) and full(shown.run) is not None


def _signal_nobody_heard(shown: Shown) -> bool:
    early, late = looked_too_early(shown.run), waited_too_late(shown.run)
    if any(each and (each[0].n, each[1].n) in shown.found.races[:1] for each in (early, late)):
        return True
    held_back = shown.outcome == "not-flushed" and shown.found.passing is not None
    return (held_back or _is_stuck(shown)) and not cycle(shown.run) and lost_signal(shown.run) is not None


def _is_stuck(shown: Shown) -> bool:
    if shown.found.code == "data-race" and misled(shown.found):
        return False  # what collided says more
    return shown.found.code == "deadlock" or (bool(shown.run.stuck) and shown.outcome in UNFINISHED)


# One handler holds up the others.


def _waiter(shown: Shown) -> Step | None:
    return waited_in_vain(shown.run) if shown.outcome == "blocked" else None


def _blocking_call_in_the_loop(shown: Shown) -> bool:
    waiter = _waiter(shown)
    return waiter is not None and waiter.op != "await" and is_task(shown.run, waiter.worker)


def _lock_held_while_waiting(shown: Shown) -> bool:
    waiter = _waiter(shown)
    return waiter is not None and bool(kept_out(shown.run, waiter))


def _woken_is_served(shown: Shown) -> bool:
    woken = woken_for_nothing(shown.run) if shown.found.code == shown.outcome else None
    return woken is not None and woken[1].waits_for.startswith("condition ")


# At the end of input.


def _lost(shown: Shown) -> bool:
    return shown.outcome == "lost-at-eof" and not shown.run.crashes


def _queue_never_drained(shown: Shown) -> bool:
    return _lost(shown) and bool(left_in_queues(shown.run) or (_fetching(shown.run) and not _tasks(shown.run)))


def _fetching(run: Run) -> list[str]:
    """Tasks that fetch from an asyncio.Queue, and were cancelled."""
    cut = {step.worker for step in cut_off(run)}
    return [
        step.worker
        for step in run.steps
        if step.worker in cut and step.op == "await" and ".get()" in run.text(step.file, step.line)
    ]


def _tasks(run: Run) -> list[str]:
    """Tasks that serve, and were cancelled."""
    return [step.worker for step in cut_off(run) if step.worker not in _fetching(run)]


def _task_nobody_awaits(shown: Shown) -> bool:
    return _lost(shown) and bool(_tasks(shown.run))


def _nobody_waits_for_the_threads(shown: Shown) -> bool:
    return _lost(shown) and any(
        stand.worker != "main"
        and (stand.state == "ready" or (stand.state == "waits" and _serves(shown, stand)))
        for stand in shown.run.stands
    )


def _serves(shown: Shown, stand: Stand) -> bool:
    handler = stand.handler
    return handler is not None and (handler.src, handler.msg_id) in unanswered(shown.run)


# The rest.


def _exception_dies_in_its_thread(shown: Shown) -> bool:
    if ending(shown.run, shown.clash):
        return False  # what collided says more
    return shown.outcome in ("no-reply", "lost-at-eof", "blocked") and bool(fatal(shown.run))


def _init_beside_the_rest(shown: Shown) -> bool:
    return shown.outcome == "before-init" and shown.found.passing is not None


def _message_in_pieces(shown: Shown) -> bool:
    each = shown.clash
    if each is None or each.kind != "torn" or each.first is None:
        return False
    return not each.first.held and not each.between.held


def _sent_before_noted(shown: Shown) -> bool:
    return shown.clash is not None and shown.clash.kind == "early" and shown.clash.between.value not in EMPTY


def _reply_in_a_shared_variable(shown: Shown) -> bool:
    each = shown.clash
    if each is None or each.kind not in ("overwritten", "reread"):
        return False
    return is_confused(shown.run) if each.kind == "reread" else not is_built_on(shown.run, each)


def _stale(shown: Shown) -> tuple[Step, Step, Step] | None:
    """Three steps of which the first one's value, or what was made from it, is old when the last is made."""
    each = shown.clash
    if each is None or each.kind in ("early", "torn") or each.first is None or each.second is None:
        return None
    return each.first, each.between, each.second


def _await_between_read_and_write(shown: Shown) -> bool:
    if (stale := _stale(shown)) is None:
        return False
    first, _, second = stale
    return any(
        step.op == "await" and step.worker == first.worker for step in shown.run.steps[first.n + 1 : second.n]
    )


def _check_then_act(shown: Shown) -> bool:
    stale = _stale(shown)
    return stale is not None and not _guarded(shown.run, stale) and is_a_test(shown.run, stale[0])


def _nobody_comes_between(shown: Shown) -> bool:
    stale = _stale(shown)
    return stale is not None and not _guarded(shown.run, stale) and not is_a_test(shown.run, stale[0])


def _guarded(run: Run, steps: Sequence[Step]) -> bool:
    """Whether one of them was made with a lock held, or with a semaphore's permit."""
    return any(step.held or _permits(run, step) for step in steps)


def _permits(run: Run, step: Step) -> bool:
    taken: Counter[int] = Counter()
    for other in run.steps[: step.n]:
        if other.worker == step.worker and other.handler == step.handler and other.op in ("acquire", "release"):
            taken[other.datum] += 1 if other.op == "acquire" else -1
    return any(count > 0 for count in taken.values())


def _read_outside_the_lock(shown: Shown) -> bool:
    if (stale := _stale(shown)) is None:
        return False
    first, between, second = stale
    if first.op == "write":
        return not second.held and bool(set(first.held) & set(between.held))
    return not first.held and bool(set(between.held) & set(second.held))


def _lock_let_go_between(shown: Shown) -> bool:
    if (stale := _stale(shown)) is None:
        return False
    first, between, second = stale
    common = set(first.held) & set(between.held) & set(second.held)
    return any(
        step.op == "release" and step.worker == first.worker and step.place in common
        for step in shown.run.steps[first.n : second.n]
    )


def _a_lock_a_request(shown: Shown) -> bool:
    locks = _two_locks(shown)
    if locks is None:
        return False
    common = {bare(name) for name in locks[0]} & {bare(name) for name in locks[1]}
    came = next((step.n for step in shown.run.steps if step.op == "in"), 0)
    return any(is_made_while(shown.run, name, shown.run.steps[came:]) for name in common)


def _two_locks_for_one_datum(shown: Shown) -> bool:
    return _two_locks(shown) is not None and not _a_lock_a_request(shown)


def _two_locks(shown: Shown) -> tuple[set[str], set[str]] | None:
    """The locks that the two workers held, where both held some and none in common."""
    each = shown.clash
    if each is not None and each.kind == "torn" and each.first is not None:
        mine, others = set(each.first.held), set(each.between.held)
    elif stale := _stale(shown):
        mine, others = set(stale[0].held) & set(stale[2].held), set(stale[1].held)
    else:
        return None
    return (mine, others) if mine and others and not mine & others else None


RULES: dict[str, Callable[[Shown], bool]] = {
    "lock-taken-twice": _lock_taken_twice,
    "opposite-lock-order": _opposite_lock_order,
    "pool-that-waits-for-itself": _pool_that_waits_for_itself,
    "nobody-left-to-make-room": _nobody_left_to_make_room,
    "signal-nobody-heard": _signal_nobody_heard,
    "blocking-call-in-the-loop": _blocking_call_in_the_loop,
    "lock-held-while-waiting": _lock_held_while_waiting,
    "woken-is-served": _woken_is_served,
    "exception-dies-in-its-thread": _exception_dies_in_its_thread,
    "queue-never-drained": _queue_never_drained,
    "task-nobody-awaits": _task_nobody_awaits,
    "nobody-waits-for-the-threads": _nobody_waits_for_the_threads,
    "init-beside-the-rest": _init_beside_the_rest,
    "message-in-pieces": _message_in_pieces,
    "reply-in-a-shared-variable": _reply_in_a_shared_variable,
    "sent-before-noted": _sent_before_noted,
    "await-between-read-and-write": _await_between_read_and_write,
    "read-outside-the-lock": _read_outside_the_lock,
    "lock-let-go-between": _lock_let_go_between,
    "a-lock-a-request": _a_lock_a_request,
    "two-locks-for-one-datum": _two_locks_for_one_datum,
    "check-then-act": _check_then_act,
    "nobody-comes-between": _nobody_comes_between,
}

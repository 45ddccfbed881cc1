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

from grader.explorer.clash import Clash, asked, clash
from grader.explorer.record import Crash, Found, Run, Stand, Step
from grader.explorer.source import is_a_test, locks_around
from grader.explorer.telling import bare, is_reader, plain

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
    return catalogue()[name] if name else None


# Deadlocks.


def cycle(run: Run) -> tuple[Stand, ...]:
    """The workers that wait for one another's locks, each for one that the next one holds."""
    waiting = [stand for stand in run.stands if stand.state == "waits" and stand.waits_for]
    holder = {plain(lock): stand for stand in waiting for lock in stand.held}
    for stand in waiting:
        chain = [stand]
        while (following := holder.get(plain(chain[-1].waits_for))) is not None:
            if following in chain:
                return tuple(chain[chain.index(following) :])
            chain.append(following)
    return ()


def _lock_taken_twice(shown: Shown) -> bool:
    return _is_stuck(shown) and len(cycle(shown.run)) == 1


def _opposite_lock_order(shown: Shown) -> bool:
    return _is_stuck(shown) and (len(cycle(shown.run)) > 1 or bool(crossing(shown.run)))


def crossing(run: Run) -> tuple[Stand, ...]:
    """Two tasks that each stand before an `async with` inside another, in opposite order."""
    inside: dict[tuple[str, str], Stand] = {}
    for stand in run.stands:
        locks = locks_around(run, stand.file, stand.line)
        before_a_lock = run.text(stand.file, stand.line).startswith("async with ")
        if stand.state == "waits" and len(locks) > 1 and before_a_lock:
            inside[locks[-2], locks[-1]] = stand
    return next(((stand, inside[b, a]) for (a, b), stand in inside.items() if (b, a) in inside), ())


def _pool_that_waits_for_itself(shown: Shown) -> bool:
    if not _is_stuck(shown) or cycle(shown.run):
        return False
    waiting = [
        stand
        for stand in shown.run.stands
        if stand.state == "waits" and stand.handler and "Pool" in stand.worker
    ]
    return bool(waiting) and all(
        "result" in shown.run.text(stand.file, stand.line) or "wait(" in shown.run.text(stand.file, stand.line)
        for stand in waiting
    )


def lost_signal(run: Run) -> tuple[Step, Stand] | None:
    """A signal that came while nobody waited for it, and who waits for it now."""
    for stand in run.stands:
        if stand.state != "waits" or ".wait(" not in run.text(stand.file, stand.line):
            continue
        heard = [
            step
            for step in run.steps
            if step.op in ("wake", "wait") and bare(step.place) == bare(stand.waits_for)
        ]
        following = [*(step.op for step in heard[1:]), "wake"]
        for step, after in zip(heard, following, strict=False):
            if step.op == after == "wake" and step.worker != stand.worker:
                return step, stand
    return None


def _signal_nobody_heard(shown: Shown) -> bool:
    held_back = shown.outcome == "not-flushed" and shown.found.passing is not None
    return (held_back or _is_stuck(shown)) and not cycle(shown.run) and lost_signal(shown.run) is not None


def _is_stuck(shown: Shown) -> bool:
    return shown.found.code == "deadlock" or (bool(shown.run.stuck) and shown.outcome in UNFINISHED)


# One handler holds up the others.


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


def is_task(run: Run, worker: str) -> bool:
    """Whether this worker is a task of an event loop's."""
    return worker.startswith("Task-") or any(step.op == "await" and step.worker == worker for step in run.steps)


def _waiter(shown: Shown) -> Step | None:
    return waited_in_vain(shown.run) if shown.outcome == "blocked" else None


def _blocking_call_in_the_loop(shown: Shown) -> bool:
    waiter = _waiter(shown)
    return waiter is not None and waiter.op != "await" and is_task(shown.run, waiter.worker)


def _lock_held_while_waiting(shown: Shown) -> bool:
    waiter = _waiter(shown)
    return waiter is not None and bool(kept_out(shown.run, waiter))


def kept_out(run: Run, waiter: Step) -> tuple[Step, ...]:
    """Where others stood before a lock of the waiter's while it waited.

    Who waits for a lock is known by the step with which it gets it; nobody says who holds an asyncio.Lock,
    but others stand before it.
    """
    found = []
    for worker in {step.worker for step in run.steps} - {waiter.worker}:
        before = next((step for step in reversed(run.steps[: waiter.n]) if step.worker == worker), None)
        after = next((step for step in run.steps[waiter.n :] if step.worker == worker), None)
        if waiter.op != "await":
            label = (
                after.waits_for if after else next((s.waits_for for s in run.stands if s.worker == worker), "")
            )
            if label and plain(label) in {plain(lock) for lock in waiter.held} and (after or before):
                found.append(after or before)
        elif before and before.op == "await" and run.text(before.file, before.line).startswith("async with "):
            found.append(before)
    return tuple(step for step in found if step is not None)


# At the end of input.


def _lost(shown: Shown) -> bool:
    return shown.outcome == "lost-at-eof" and not shown.run.crashes


def left_in_queues(run: Run) -> tuple[Step, ...]:
    """What was put into queues and never fetched, letters that only say that the end has come aside."""
    left: dict[int, list[Step]] = {}
    for step in run.steps:
        if step.op == "put":
            left.setdefault(step.datum, []).append(step)
        elif step.op == "get" and left.get(step.datum):
            left[step.datum].pop(0)
    return tuple(
        step
        for steps in left.values()
        for step in steps
        if step.value not in ("None", "") and not step.place.startswith("the pool")
    )


def _queue_never_drained(shown: Shown) -> bool:
    return _lost(shown) and bool(left_in_queues(shown.run) or _fetching_tasks(shown.run))


def _fetching_tasks(run: Run) -> list[str]:
    """Tasks that fetch from an asyncio.Queue, and were cancelled at it."""
    return [
        step.worker
        for step in run.steps
        if step.op == "await" and ".get()" in run.text(step.file, step.line) and not is_reader(run, step.worker)
    ]


def _task_nobody_awaits(shown: Shown) -> bool:
    return _lost(shown) and any(is_task(shown.run, step.worker) for step in shown.run.steps)


def _nobody_waits_for_the_threads(shown: Shown) -> bool:
    return _lost(shown) and any(stand.state != "ended" and stand.worker != "main" for stand in shown.run.stands)


# The rest.


def fatal(run: Run) -> tuple[Crash, ...]:
    """The exceptions that ended a handler, and left its request without an answer."""
    answered = {request for event in run.transcript if event.kind == "out" and (request := asked(event.line))}
    return tuple(
        crash
        for crash in run.crashes
        if crash.handler is not None and (crash.handler.src, crash.handler.msg_id) not in answered
    )


def _exception_dies_in_its_thread(shown: Shown) -> bool:
    return shown.outcome in ("no-reply", "lost-at-eof", "blocked") and bool(fatal(shown.run))


def _init_beside_the_rest(shown: Shown) -> bool:
    return shown.outcome == "before-init" and shown.found.passing is not None


def _message_in_pieces(shown: Shown) -> bool:
    return shown.clash is not None and shown.clash.kind == "torn"


def _sent_before_noted(shown: Shown) -> bool:
    return shown.clash is not None and shown.clash.kind == "early"


def _reply_in_a_shared_variable(shown: Shown) -> bool:
    return shown.clash is not None and shown.clash.kind == "overwritten"


def _stale(shown: Shown) -> tuple[Step, Step, Step] | None:
    each = shown.clash
    if each is None or each.kind not in ("stale", "reread") or each.first is None or each.second is None:
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
    return locks is not None and bool({bare(name) for name in locks[0]} & {bare(name) for name in locks[1]})


def _two_locks_for_one_datum(shown: Shown) -> bool:
    locks = _two_locks(shown)
    return locks is not None and not {bare(name) for name in locks[0]} & {bare(name) for name in locks[1]}


def _two_locks(shown: Shown) -> tuple[set[str], set[str]] | None:
    """The locks that the two workers held, where both held some and none in common."""
    if (stale := _stale(shown)) is None:
        return None
    first, between, second = stale
    mine, others = set(first.held) & set(second.held), set(between.held)
    return (mine, others) if mine and others and not mine & others else None


RULES: dict[str, Callable[[Shown], bool]] = {
    "lock-taken-twice": _lock_taken_twice,
    "opposite-lock-order": _opposite_lock_order,
    "pool-that-waits-for-itself": _pool_that_waits_for_itself,
    "signal-nobody-heard": _signal_nobody_heard,
    "blocking-call-in-the-loop": _blocking_call_in_the_loop,
    "lock-held-while-waiting": _lock_held_while_waiting,
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

"""Where two workers collided in a failing run: three accesses to one datum that no serial order could give.

`first` and `second` are one worker's, `between` is another's. Pure functions over the record of a run; which of
them explains the outcome, `relevance` says.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile
from typing import Literal

from grader.explorer.diagnosis.source_facts import grows, is_a_test
from grader.explorer.diagnosis.wording import serving
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Crash, Run, Step
from grader.protocol.messages import NotAMessage, is_reply, parse

NOTHING = ("nothing", "None")
EMPTY = ("[]", "{}", "()", "set()", "deque([])")
TORN = ("torn-line", "not-json")
# Outcomes in which a reply carries, or misses, what belongs to another.
CONFUSED = (
    "cross-talk",
    "wrong-address",
    "wrong-in-reply-to",
    "wrong-payload",
    "duplicate-reply",
    "missing-error",
    "unasked-message",
)

STUCK = ("no-reply", "hung-after-eof")
HELD_BACK = ("no-reply", "not-flushed")  # what is said after the end of input comes too late
MISSED = ("wrong-type", "no-reply", "lost-at-eof", "blocked")  # an answer that did not find who waits for it

StepTrio = tuple[Step, Step, Step]
Asked = tuple[str, object]  # who asked, and the msg_id


@dataclass(frozen=True, slots=True)
class Clash:
    """How two workers collided.

    stale: `second` writes, from what `first` read before `between` wrote. reread: `second` reads, and finds
    another value than `first` did, which is in use. overwritten: `second` reads what `between` put over what
    `first` had put there. early: `between` looked for what only `second` puts there (no `first`). torn:
    `first` wrote part of a line, and `between` wrote before it had its end (no `second`).
    """

    kind: Literal["stale", "reread", "overwritten", "early", "torn"]
    first: Step | None
    between: Step
    second: Step | None

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for step in (self.first, self.between, self.second) if step is not None)

    @property
    def start(self) -> int:
        return min(step.n for step in self.steps)

    @property
    def end(self) -> int:
        return max(step.n for step in self.steps)


def is_built_on(run: Run, each: Clash) -> bool:
    """Whether what was put over the first value was made from it: a count that two have taken part in."""
    first, between = each.first, each.between
    return first is not None and any(
        step.worker == between.worker
        and (step.op, step.datum, step.value) == ("read", first.datum, first.written)
        for step in run.steps[first.n : between.n]
    )


def is_confused(run: Run) -> bool:
    """Whether a reply carries, or misses, what belongs to another."""
    return bool(run.findings) and run.findings[0].code in CONFUSED


def in_time(run: Run) -> int:
    """The step before which everything was done in time: the end of input, if it was held back until then.

    Where the input ends at once, behind its last line, all that matters may come after.
    """
    end = len(run.steps)
    return next((step.n for step in run.steps if step.op == "eof"), end) if late_end(run) else end


def late_end(run: Run) -> int | None:
    """The number of the event with which the input ended, if it was held back: time was up by then."""
    end = next((event for event in run.transcript if event.kind == "eof"), None)
    if end is None:
        return None
    came = max((event.t_ms for event in run.transcript[: end.n] if event.kind == "in"), default=0)
    return end.n if end.t_ms > came else None


def ending(run: Run, each: Clash | None) -> Crash | None:
    """The exception by which the last step of a collision ended its worker."""
    last = each.second if each else None
    return next(
        (crash for crash in run.crashes if last and (crash.worker, crash.n) == (last.worker, last.n)), None
    )


def concerned(run: Run) -> frozenset[Asked]:
    """The requests that the leading finding is about."""
    found: set[Asked] = set()
    events = {event.n: event for event in run.transcript}
    for n in run.findings[0].events if run.findings else ():
        if n in events and (request := asked(events[n].line)):
            found.add(request)
    for step in run.steps:
        if run.findings and step.op == "out" and step.event in run.findings[0].events and step.handler:
            found.add((step.handler.src, step.handler.msg_id))
    return frozenset(found)


def is_about(step: Step, requests: frozenset[Asked]) -> bool:
    """Whether the worker served one of these requests then."""
    return step.handler is not None and (step.handler.src, step.handler.msg_id) in requests


def asked(line: str) -> Asked | None:
    """The request that a message is, or answers; None if it can be no request's."""
    try:
        message = parse(line)
    except NotAMessage:
        return None
    body = message["body"]
    who, number = (
        (message["dest"], body["in_reply_to"]) if is_reply(message) else (message["src"], body.get("msg_id"))
    )
    return (who, number) if isinstance(who, str) and isinstance(number, Hashable) else None


def answers(line: str) -> bool:
    """Whether a line is a message that answers a request."""
    try:
        return is_reply(parse(line))
    except NotAMessage:
        return False


def candidates(run: Run) -> Iterator[Clash]:
    """All collisions of a run: which of them explains the outcome is for `relevance` to say."""
    by_datum: dict[int, list[Step]] = defaultdict(list)
    for step in run.steps:
        if step.op in ("read", "write") and step.datum >= 0:
            by_datum[step.datum].append(replace(step, op="read") if _only_looked(run, step) else step)
    for accesses in by_datum.values():
        is_atomic = all(step.atomic for step in accesses)
        if len({step.worker for step in accesses}) > 1 and not is_atomic:
            if accesses[0].kind is Resource.STDOUT:
                yield from _torn(accesses)
            else:
                yield from _collisions(run, accesses)
                yield from _sent(run, accesses)
                yield from _left(run, accesses)
                yield from _read_with_others(run, accesses)


def _only_looked(run: Run, step: Step) -> bool:
    """Whether a call was a look, though it might have changed something: it is a test, and changed nothing."""
    is_unchanged = step.whole and step.value == step.written and "…" not in step.value
    return step.op == "write" and is_unchanged and is_a_test(run, step)


def _collisions(run: Run, accesses: Sequence[Step]) -> Iterator[Clash]:
    serves = serving(run)
    for place, second in enumerate(accesses):
        first_place = next((p for p in range(place - 1, -1, -1) if accesses[p].worker == second.worker), None)
        if first_place is None:
            yield from _early(accesses, place)
            yield from _replaced(run, accesses, place)
            continue
        first = accesses[first_place]
        # Who was begun for one request may look before it is seen which it serves.
        is_one = second.handler in (first.handler, serves(first))
        if not is_one or _begins_anew(run, first, second):
            yield from _replaced(run, accesses, place)
            continue
        if _counts(run, accesses, first_place, place):
            continue  # each time it takes the next number, whoever came between
        for between in accesses[first_place + 1 : place]:
            if between.op != "write":
                continue
            if first.op == "read":
                yield Clash("stale" if second.op == "write" else "reread", first, between, second)
            elif second.op == "read" and not set(first.held) & set(between.held) & set(second.held):
                if grows(run, between) or first.written in NOTHING:
                    continue
                yield Clash("overwritten", first, between, second)


def _counts(run: Run, accesses: Sequence[Step], first: int, second: int) -> bool:
    """Whether a task has written what it made of what it read just before, and now begins that anew: with no
    await between, nobody comes in between.
    """
    before, made, begun = accesses[max(first - 1, 0)], accesses[first], accesses[second]
    goes_on = takewhile(lambda step: step.worker == begun.worker, accesses[second + 1 :])
    ends = next((step for step in goes_on if step.op == "write"), None)
    has_made = made.op == "write" and (before.op, before.worker) == ("read", begun.worker)
    if not (has_made and begun.task and begun.op == "read" and ends is not None):
        return False
    return all(
        step.switch is None for step in run.steps if before.n <= step.n < made.n or begun.n <= step.n < ends.n
    )


def _begins_anew(run: Run, first: Step, second: Step) -> bool:
    """Whether the worker has read or fetched something in between: between two messages anybody may come."""
    return first.handler is None and any(
        step.op in ("in", "get") and step.worker == first.worker for step in run.steps[first.n : second.n]
    )


def _early(accesses: Sequence[Step], place: int) -> Iterator[Clash]:
    """Somebody looked for it, and found nothing, before this worker put it there; or before init did."""
    second = accesses[place]
    if second.op != "write" or second.written in NOTHING:
        return
    is_init = second.handler is not None and second.handler.type == "init"
    for between in reversed(accesses[:place]):
        found_nothing = between.value in NOTHING and between.written in ("", "nothing")  # read, or taken out
        if (found_nothing and second.value in NOTHING) or (is_init and between.op == "read"):
            yield Clash("early", None, between, second)
            return


def _left(run: Run, accesses: Sequence[Step]) -> Iterator[Clash]:
    """What was put there last is there still: who looked before found nothing, and did not look again, or
    only when the input had ended, and it was too late.
    """
    if run.findings and run.findings[0].code in HELD_BACK:
        accesses = [step for step in accesses if step.n < in_time(run)]
    if len(accesses) < 2:
        return
    between, last = accesses[-2:]
    is_filled = last.op == "write" and last.value in EMPTY and last.written not in EMPTY
    if (
        is_filled
        and between.worker != last.worker
        and between.value in EMPTY
        and between.written in ("", *EMPTY)
    ):
        yield Clash("early", None, between, last)


def _replaced(run: Run, accesses: Sequence[Step], place: int) -> Iterator[Clash]:
    """One worker put two values there for two others, and the second came before the first was fetched."""
    second = accesses[place]
    writes = [step for step in accesses[:place] if step.op == "write"]
    if second.op != "read" or len(writes) < 2 or second.held:
        return
    first, between = writes[-2:]
    if grows(run, between):
        return
    fetched = accesses[accesses.index(first) + 1 : accesses.index(between)]
    if first.worker == between.worker != second.worker and first.value != "nothing" and not fetched:
        yield Clash("overwritten", first, between, second)


def _sent(run: Run, accesses: Sequence[Step]) -> Iterator[Clash]:
    """What one has put there is overwritten before it says something, made from the whole of it."""
    for first, between in pairwise(accesses):
        if first.op == between.op == "write" and first.worker != between.worker and not grows(run, between):
            mine = (step for step in run.steps[between.n :] if step.worker == first.worker)
            said = next((step for step in mine if step.op == "out" or step.datum == first.datum), None)
            if said is not None and said.op == "out" and said.handler == first.handler:
                yield Clash("overwritten", first, between, said)


def _read_with_others(run: Run, accesses: Sequence[Step]) -> Iterator[Clash]:
    """What one has put there is overwritten before it reads all that the container holds."""
    for place, first in enumerate(accesses):
        if first.op != "write" or first.whole:
            continue
        between = next((step for step in accesses[place + 1 :] if step.op == "write"), first)
        if between.worker == first.worker or grows(run, between):
            continue
        mine = (step for step in run.steps[between.n :] if step.worker == first.worker)
        second = next((step for step in mine if step.whole and step.owner == first.owner), None)
        if second is None or second.op != "read" or second.handler != first.handler:
            continue
        if not set(first.held) & set(between.held) & set(second.held):
            yield Clash("overwritten", first, between, second)


def _torn(accesses: Sequence[Step]) -> Iterator[Clash]:
    for first, between in pairwise(accesses):
        if first.worker != between.worker and not first.written.endswith("\\n'"):
            yield Clash("torn", first, between, None)

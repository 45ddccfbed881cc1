"""Which of a run's collisions explains the outcome: by the finding's handlers and values. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass

from grader.explorer.diagnosis.conflicts import (
    CONFUSED,
    EMPTY,
    MISSED,
    STUCK,
    TORN,
    Asked,
    Clash,
    asked,
    candidates,
    concerned,
    is_about,
)
from grader.explorer.diagnosis.source_facts import is_a_test
from grader.explorer.trace.model import Run, Step
from grader.explorer.trace.races import Pair
from grader.protocol.messages import NotAMessage, parse

WORTH = 6  # the least score that explains anything


def clash(run: Run, races: Sequence[Pair]) -> Clash | None:
    """The collision that explains the outcome best; None if no two workers collided."""
    outcome = _outcome(run, races)
    scored = [(_score(each, outcome), -each.end, each) for each in candidates(run)]
    if not scored:
        return None
    best, _, chosen = max(scored, key=lambda entry: entry[:2])
    if best < WORTH:
        return None
    return _cause(run, chosen, [each for score, _, each in scored if score >= WORTH - 2])


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a collision has to explain: the finding's code, its requests, the msg_id used twice, the races."""

    code: str
    about: frozenset[Asked]
    number: str
    races: frozenset[Pair]
    first_race: Pair | None  # the one that matters most
    run: Run
    end: int  # the step with which it was said; behind all where something was not said


def _outcome(run: Run, races: Sequence[Pair]) -> _Outcome:
    code = run.findings[0].code if run.findings else ""
    number = _number(run) if code == "duplicate-msg-id" else ""
    return _Outcome(code, concerned(run), number, frozenset(races), next(iter(races), None), run, _end(run))


def _end(run: Run) -> int:
    clear = run.findings[0].at if run.findings else -1
    return next((step.n for step in run.steps if step.op == "out" and step.event == clear), len(run.steps))


def _score(each: Clash, outcome: _Outcome) -> int:
    """How well a collision explains the outcome."""
    if each.kind == "torn":
        return 2 * WORTH if outcome.code in TORN else 0
    first, between, second = each.first, each.between, each.second
    assert second is not None
    if second.op == "out" and (first is None or not _says_what_belongs_to_another(each, outcome)):
        return 0
    points = {"stale": 3, "reread": 2, "overwritten": 1, "early": 2}[each.kind]
    if first is None:
        points += _if_early(between, second, outcome)
    elif each.kind == "overwritten":
        points += _if_overwritten(first, between, second, outcome)
    points += 3 * any({*pair} <= {step.n for step in each.steps} for pair in outcome.races)
    points += 2 * _is_old_look(each, outcome)
    points += is_about(second, outcome.about) + is_about(between, outcome.about)
    if outcome.number and outcome.number in {
        value for step in each.steps for value in (step.value, step.written)
    }:
        points += 2
    if each.kind == "reread" and first is not None and set(first.held) & set(between.held):
        points -= 1  # looked at again under the lock, as a rule
    if second.op == "read" and second.n > outcome.end:
        points -= WORTH  # what went wrong had been said
    return points


def _is_old_look(each: Clash, outcome: _Outcome) -> bool:
    """Whether the first race is by a write that was made on a look that was old: else it had not been made."""
    first, second = each.first, each.second
    if each.kind != "stale" or first is None or second is None or not outcome.first_race:
        return False
    return outcome.first_race[0] == second.n and is_a_test(outcome.run, first)


def _if_early(between: Step, second: Step, outcome: _Outcome) -> int:
    """What speaks for it that somebody looked too early."""
    points = 0
    if outcome.code in MISSED:
        looked_up = "in_reply_to" in outcome.run.text(between.file, between.line)
        points += 3 * (between.op == "write" or looked_up or between.value in EMPTY)
    if outcome.code == "before-init":
        points += 3
    if set(between.held) & set(second.held):
        points -= 2 * _is_read_behind(outcome.run, second)  # it was looked for under the lock, and is again
    return points


def _if_overwritten(first: Step, between: Step, second: Step, outcome: _Outcome) -> int:
    """What speaks for it that somebody's value was overwritten before it was used."""
    points = 4 * (outcome.code in CONFUSED)
    if first.written == between.written:
        points -= 1  # another pair of theirs may differ
    if not is_a_test(outcome.run, second):
        return points
    if outcome.code in STUCK and second.value == between.written:
        points += 2  # by which it doesn't do what others wait for
    if set(first.held) & set(between.held) - set(second.held):
        points += 4  # asked outside the lock under which it is set
    return points


def _is_read_behind(run: Run, written: Step) -> bool:
    return any((step.op, step.datum) == ("read", written.datum) for step in run.steps[written.n + 1 :])


def _says_what_belongs_to_another(each: Clash, outcome: _Outcome) -> bool:
    first, between, second = each.first, each.between, each.second
    assert first is not None
    assert second is not None
    if (first.n, between.n) in outcome.races:
        return True
    line = next((event.line for event in outcome.run.transcript if event.n == second.event), "")
    handler = second.handler
    return handler is not None and asked(line) not in (None, (handler.src, handler.msg_id))


def _number(run: Run) -> str:
    """The msg_id that was used twice, as repr writes it."""
    for event in run.transcript:
        if event.kind == "out" and event.n in run.findings[0].events:
            try:
                return repr(parse(event.line)["body"].get("msg_id"))
            except NotAMessage:
                pass
    return ""


def _cause(run: Run, chosen: Clash, others: Sequence[Clash]) -> Clash:
    """A test that both workers passed, and that was to keep them apart, is the cause of the chosen one."""
    if chosen.second is None or chosen.kind == "early":
        return chosen
    pair = {step.worker for step in chosen.steps}
    around = [
        each
        for each in others
        if each.kind == "stale"
        and each.first is not None
        and each.start < chosen.start < each.end
        and {step.worker for step in each.steps} == pair
        and is_a_test(run, each.first)
    ]
    return min(around, key=lambda each: each.start, default=chosen)

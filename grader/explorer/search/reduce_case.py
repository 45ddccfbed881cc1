"""Fewer messages: a case without some of its requests and without all that belongs to them. Pure functions."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from grader.cases.model import Case, CaseStep, Expect, Send
from grader.cases.numbering import counted_anew, counts_up, without_ids
from grader.explorer.trace.model import Replayable
from grader.protocol.messages import Message

BoundNames = frozenset[str]


def requests(case: Case) -> tuple[int, ...]:
    """The numbers, among all messages that the case sends, of the requests that it might do without."""
    if not counts_up(case):
        return ()  # nobody knows which ids it would list then
    return tuple(
        n
        for n, message in enumerate(_sent(case))
        if "in_reply_to" not in message["body"] and message["body"].get("type") != "init"
    )


def as_found(case: Case, schedule: Replayable) -> Case:
    """The case as far as this schedule needs it, and with the ids that it was asked with."""
    return without(without_ids(case) if schedule.by_order else case, schedule.dropped)


def without(case: Case, dropped: Collection[int]) -> Case:
    """The case without these requests, their answers, and what passes between the node and a peer for them."""
    if not dropped:
        return case
    sent = list(_sent(case))
    names: BoundNames = frozenset()
    for n in sorted(dropped):
        names |= _names(case, sent[n])
    steps: list[CaseStep] = []
    count = 0
    for step in case.steps:
        if isinstance(step, Send):
            numbers = range(count, count + len(step.messages))
            count += len(step.messages)
            kept = tuple(sent[n] for n in numbers if n not in dropped and not _uses(sent[n], names))
            if kept:
                steps.append(Send(kept))
        elif isinstance(step, Expect):
            patterns = tuple(
                pattern
                for pattern in step.patterns
                if not any(_answers(pattern, sent[n]) for n in dropped)
                and not _binds(pattern) & names
                and not _uses(pattern, names)
            )
            if patterns:
                steps.append(replace(step, patterns=patterns))
        else:
            steps.append(step)
    return counted_anew(replace(case, steps=tuple(steps)))


def _sent(case: Case) -> Iterator[Message]:
    for step in case.steps:
        if isinstance(step, Send):
            yield from step.messages


def _expected(case: Case) -> Iterator[Message]:
    for step in case.steps:
        if isinstance(step, Expect):
            yield from step.patterns


def _answers(pattern: Message, request: Message) -> bool:
    named = pattern.get("dest"), pattern["body"].get("in_reply_to")
    return named == (request["src"], request["body"].get("msg_id"))


def _names(case: Case, request: Message) -> BoundNames:
    """The names that are bound to ids of what the node sends to a peer for this request."""
    body = request["body"]
    asks = [
        _binds(pattern)
        for pattern in _expected(case)
        if pattern.get("dest") == body.get("target")
        and {key: value for key, value in pattern["body"].items() if key != "msg_id"} == body.get("inner")
    ]
    answers = [pattern for pattern in _expected(case) if _answers(pattern, request)]
    # Of two that ask the peer for the same, each is known by its answer.
    mine = [names for names in asks if any(_uses(answer, names) for answer in answers)]
    return next(iter(mine or asks), frozenset())


def _binds(pattern: Any) -> BoundNames:
    return frozenset(
        value["$bind"] for value in _values(pattern) if isinstance(value, dict) and "$bind" in value
    )


def _uses(message: Any, names: BoundNames) -> bool:
    return any(isinstance(value, str) and value[:1] == "$" and value[1:] in names for value in _values(message))


def _values(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, dict):
        for item in value.values():
            yield from _values(item)
    elif isinstance(value, list):
        for item in value:
            yield from _values(item)

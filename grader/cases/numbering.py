"""The ids that a case expects of a node's own messages: whether it lists them, and cases with other ones."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

from grader.cases.model import Case, Expect
from grader.protocol.json_values import is_integer


def lists_ids(case: Case) -> bool:
    """Whether it says by which numbers the node is to number its messages."""
    return next(_listed(case), None) is not None


def counts_up(case: Case) -> bool:
    """Whether the ids that it lists are 0, 1, 2, … as they stand, so that with fewer messages they are, too."""
    return all(number == place for place, number in enumerate(_listed(case)))


def counted_anew(case: Case) -> Case:
    """The case with the listed ids as 0, 1, 2, …: some of its messages have been left out."""
    numbers = count()
    return _with_ids(case, lambda: {"msg_id": next(numbers)})


def without_ids(case: Case) -> Case:
    """The case without the ids that it lists: what is left of them is that none comes twice."""
    return _with_ids(case, dict)


def _listed(case: Case) -> Iterator[int]:
    for step in case.steps:
        for pattern in step.patterns if isinstance(step, Expect) else ():
            if is_integer(number := pattern["body"].get("msg_id")):
                yield number


def _with_ids(case: Case, ids: Callable[[], dict[str, int]]) -> Case:
    def renewed(pattern: dict[str, Any]) -> dict[str, Any]:
        body = pattern["body"]
        if not is_integer(body.get("msg_id")):
            return pattern
        return {**pattern, "body": {**{k: v for k, v in body.items() if k != "msg_id"}, **ids()}}

    steps = tuple(
        replace(step, patterns=tuple(map(renewed, step.patterns))) if isinstance(step, Expect) else step
        for step in case.steps
    )
    return replace(case, steps=steps)

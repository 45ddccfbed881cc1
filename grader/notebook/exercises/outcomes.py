"""What a node comes to in a suite, or in all schedules of a workload: caught, and by which code; or not.

A suite is given as one writes it: `rpc`, `mine.jsonl`, or with some of its cases, `rpc:two-peers,proxy`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.grading.results import Grade, Result

BUDGET = 3.0  # CPU seconds for the schedules of one workload
SURVIVES = "survives"


class NotPlayed(Exception):
    """A node or suite with which nothing can be tried; the text says why."""


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one node in one suite: the code that leads, if it was caught; and a word on it."""

    code: str
    note: str = ""
    failed: "tuple[Result, ...]" = field(default=(), repr=False)  # the cases that caught it

    def __str__(self) -> str:
        return self.code or SURVIVES


def in_cases(node: str, suite: str) -> Played:
    """Hold the conversations of this suite with this node, each once. Raises NotPlayed."""
    from grader.cases.parser import CaseFileError
    from grader.cases.select import NoSuchCase
    from grader.conversation.submission import NotGradable
    from grader.grading.submitting import submit

    name, ids = _parted(suite)
    try:
        grade = submit(node, [name], ids)
    except (CaseFileError, NoSuchCase, NotGradable) as refusal:
        raise NotPlayed(str(refusal)) from refusal
    missed = any(result.status == "not-attempted" for result in grade.results)
    return _played(grade, "not all attempted" if missed else "")


def in_schedules(node: str, workload: str, budget: float = BUDGET) -> Played:
    """Run the cases of this workload with this node in all schedules, as far as the budget goes.

    Raises NotPlayed, for a node too that the explorer can't run.
    """
    from grader.cases.parser import CaseFileError
    from grader.cases.select import NoSuchCase, select
    from grader.conversation.submission import NotGradable, from_file
    from grader.grading.exploration import race

    name, ids = _parted(workload)
    try:
        cases = select([name], ids)
        grade = race(from_file(node), cases, budget=budget, asked_for=[case.id for case in cases])
    except (CaseFileError, NoSuchCase, NotGradable) as refusal:
        raise NotPlayed(str(refusal)) from refusal
    for result in grade.results:
        if result.status == "not-attempted":
            raise NotPlayed(f"{node}: {result.note}")
    return _played(grade, "; ".join(result.note for result in grade.results))


def _parted(suite: str) -> tuple[str, Sequence[str]]:
    name, mark, ids = suite.rpartition(":")
    return (name, ids.split(",")) if mark else (suite, ())


def _played(grade: "Grade", note: str) -> Played:
    failed = tuple(result for result in grade.results if result.status == "failed")
    return Played(failed[0].findings[0].code if failed else "", note, failed)

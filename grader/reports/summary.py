"""What a report says of all results together: what was left out, and what was explored. Pure functions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from grader.cases.select import INTERLEAVING
from grader.checks.causes.exceptions import first
from grader.explorer.coverage import INTERRUPT, UNDECIDED, preemptions
from grader.grading.results import Result
from grader.protocol.json_values import shorten

NAMED = 3  # of the cases that were not attempted
SAID = 160  # characters of an exception

NOT_SHOWN = {
    "rpc": "So this run does not show that the node is concurrent.",
    INTERLEAVING: "So this run does not show that the node's concurrency is right in every schedule.",
}

MORE = ". Below 1 preemption a missing lock may not show: a larger --budget goes on"


def left_out(results: Iterable[Result]) -> list[str]:
    """A sentence for each suite of which something was not attempted, and what therefore is not shown."""
    told, unshown = [], []
    for suite, group in groupby(results, key=lambda result: result.case.suite):
        of_suite = list(group)
        left = [result for result in of_suite if result.status == "not-attempted"]
        if not left:
            continue
        reason, *others = dict.fromkeys(result.note for result in left)
        reasons = "; ".join((reason, *(other.removeprefix(UNDECIDED) for other in others)))
        if len(left) == len(of_suite):
            told.append(f"{suite} was not attempted: {reasons}.")
        else:
            were = "was" if len(left) == 1 else "were"
            names = ", ".join(result.case.id for result in left[:NAMED])
            more = f" and {len(left) - NAMED} more" if len(left) > NAMED else ""
            told.append(
                f"Of {suite} {len(left)} of {len(of_suite)} {were} not attempted ({names}{more}): {reasons}."
            )
        unshown += [NOT_SHOWN[suite]] if suite in NOT_SHOWN else []
    return told + unshown[:1]


def murmured(results: Iterable[Result]) -> str:
    """What stderr tells of an exception or a warning in cases that passed all the same; empty if nothing."""
    told = [
        (result, raised)
        for result in results
        if result.status == "passed" and result.explored is None
        if (raised := first([event for event in result.transcript if event.kind == "err"], None)) is not None
    ]
    if not told:
        return ""
    result, raised = told[0]
    where = f" (line {raised.line} of {raised.file})" if raised.line is not None else ""
    cases = f"{result.case.id} and {len(told) - 1} more" if len(told) > 1 else result.case.id
    return f"{cases} passed, but stderr says: {shorten(raised.text, SAID)}{where}"


def ended(results: Sequence[Result]) -> int:
    """How many have come to their end; a workload whose exploration was interrupted has not."""
    return sum(result.explored is None or result.explored.stopped != INTERRUPT for result in results)


def covered(results: Sequence[Result]) -> str:
    """How far the passed workloads were explored, the furthest first; empty if none was."""
    explored = [r.explored for r in results if r.explored is not None and r.status == "passed"]
    if not explored:
        return ""
    reached = Counter(one.complete_to for one in explored)
    parts = [
        f"{reached[level]} complete to {preemptions(level)}"
        for level in sorted(reached, reverse=True)
        if level >= 0
    ]
    if reached[-1]:
        parts.append(f"{reached[-1]} cut short")
    schedules = sum(one.schedules for one in explored)
    more = MORE if any(one.is_shallow for one in explored) else ""
    return f"{schedules:,} schedule{'s' * (schedules != 1)}; of the workloads {', '.join(parts)}{more}"

"""What a report says of all results together."""

from dataclasses import replace

from grader.cases.select import select
from grader.conversation.transcript import Event
from grader.explorer.coverage import Explored
from grader.grading.results import Result
from grader.reports.summary import covered, left_out, murmured

PLAIN, PROXY = (Result(case, "passed") for case in select(["async-handler", "rpc"], ["echo", "proxy"]))
ECHOES, THREE = (Result(case, "passed") for case in select(["interleaving"], ["two-echoes", "three-at-once"]))


def not_attempted(result: Result) -> Result:
    return replace(result, status="not-attempted", note="it can't be")


def explored(result: Result, complete_to: int, schedules: int) -> Result:
    return replace(result, explored=Explored(complete_to, schedules=schedules))


def test_nothing_is_said_where_all_was_attempted() -> None:
    assert left_out([PLAIN, PROXY, ECHOES, THREE]) == []


def test_a_suite_that_was_left_out_is_told_with_what_is_not_shown() -> None:
    first, second = left_out([PLAIN, not_attempted(PROXY)])
    assert first == "rpc was not attempted: it can't be."
    assert "does not show that the node is concurrent" in second


def test_of_two_suites_that_were_left_out_the_first_says_what_is_not_shown() -> None:
    told = left_out([PLAIN, not_attempted(PROXY), not_attempted(ECHOES), not_attempted(THREE)])
    assert told[:2] == ["rpc was not attempted: it can't be.", "interleaving was not attempted: it can't be."]
    assert len(told) == 3


def test_of_a_suite_a_part_may_be_left_out() -> None:
    first, second = left_out([ECHOES, not_attempted(THREE)])
    assert first == "Of interleaving 1 of 2 was not attempted (three-at-once): it can't be."
    assert "right in every schedule" in second


def test_what_a_node_says_though_it_passes_is_told() -> None:
    lines = ["Exception in thread Thread-1:", "Traceback (most recent call last):", "KeyError: 'x'"]
    failing = tuple(Event(n, 0.0, "err", line) for n, line in enumerate(lines))
    said = replace(PLAIN, transcript=failing)
    assert murmured([PLAIN, PROXY]) == ""
    assert murmured([said, PLAIN]) == "echo passed, but stderr says: KeyError: 'x'"
    assert murmured([replace(said, status="failed")]) == ""


def test_what_was_covered_is_told_by_how_far() -> None:
    results = [explored(ECHOES, 2, 1200), explored(THREE, 1, 34), explored(THREE, -1, 0)]
    assert covered(results) == (
        "1,234 schedules; of the workloads 1 complete to 2 preemptions, 1 complete to 1 preemption, 1 cut short"
    )
    assert covered([PLAIN, replace(explored(ECHOES, 2, 1), status="failed")]) == ""

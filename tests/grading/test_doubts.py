"""What is in doubt: who is run again, and what counts without it: the node has shown the same elsewhere."""

from pathlib import Path

import pytest

from grader.cases.select import select
from grader.checks.findings import Cause, Finding
from grader.conversation.submission import from_file
from grader.grading.doubts import CUT, OFTEN, Doubts
from grader.grading.results import Result
from grader.grading.runner import grade
from tests.slips.table import SLIPS

RUNS = 3  # on a busy machine a node may say too late where it stands
(CASE,) = select(ids=["proxy"])
linux = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="a node is asked where it stands on Linux only"
)


def failed(line: int | None = 3, code: str = "blocked", *, cut_short: bool = False) -> Result:
    cause = Cause("wait", "it waits", "node.py", line) if line is not None else None
    return Result(CASE, "failed", (Finding(code, "…", 1, cause=cause),), cut_short=cut_short)


def test_the_same_failure_is_not_shown_again() -> None:
    doubts = Doubts()
    doubts.add(1, failed(), "late")
    doubts.add(2, failed(line=4), "late")
    assert not doubts.settled()
    doubts.show(failed())
    assert [place for place, _ in doubts.settled()] == [1]
    assert doubts.next() == 2


def test_what_was_cut_short_says_so_where_it_counts() -> None:
    doubts = Doubts()
    doubts.add(1, failed(cut_short=True), "hurried")
    doubts.show(failed())
    ((_, result),) = doubts.settled()
    assert result.note == CUT


def test_a_failure_of_unknown_cause_is_recognised_only_if_it_is_that_one_held_up_others() -> None:
    doubts = Doubts()
    doubts.add(1, failed(line=None), "late")
    doubts.add(2, failed(line=None, code="no-reply"), "hurried")
    doubts.show(failed(line=None, code="no-reply"))
    assert not doubts.settled()
    doubts.show(failed())
    assert [place for place, _ in doubts.settled()] == [1]


def test_who_may_not_run_beside_others_is_run_again_first_whatever_was_shown() -> None:
    doubts = Doubts()
    doubts.add(1, failed(cut_short=True), "hurried")
    doubts.add(2, failed(line=5), "late")
    doubts.add(3, failed(line=9, code="crashed"), "shared")
    doubts.show(failed(line=9, code="crashed"))
    assert doubts.settled() == []
    assert [doubts.next(), doubts.shared()] == [3, [3]]
    del doubts.of[3]
    assert doubts.next() == 2


def test_the_same_cause_is_known_by_whatever_it_is_found() -> None:
    doubts = Doubts()
    doubts.add(1, failed(code="blocked"), "late")
    doubts.show(failed(code="no-reply"))
    assert [place for place, _ in doubts.settled()] == [1]


def test_of_those_that_are_late_in_one_way_one_is_run_again_soon() -> None:
    doubts = Doubts()
    for place in range(OFTEN):
        assert doubts.often_late() is None
        doubts.see(place, failed())
        doubts.add(place, failed(), "late")
    assert doubts.often_late() == 0
    doubts.see(9, failed(line=9))
    doubts.add(9, failed(line=9), "late")
    doubts.show(failed())
    doubts.settled()
    assert doubts.often_late() is None


def test_others_hurry_once_it_was_seen_often() -> None:
    doubts = Doubts()
    assert [doubts.see(place, failed()) for place in range(OFTEN)] == [False] * (OFTEN - 1) + [True]
    assert not doubts.see(OFTEN, failed(line=9))
    assert not doubts.see(OFTEN, failed(line=9))  # the same case once more
    passed = Result(CASE, "passed")
    assert not any(doubts.see(place, passed) for place in range(9))


@linux
def test_a_burst_is_cut_short_where_the_node_stands_as_it_stood_in_other_cases(tmp_path: Path) -> None:
    slip = next(slip for slip in SLIPS if slip.id == "threads-target-is-called")
    (tmp_path / "node.py").write_text(slip.source, "utf-8")
    wanted = ["proxy", "peer-error", "peer-asks", "proxied-once", "thousand-pending"]
    for _ in range(RUNS):
        outcome = grade(from_file(str(tmp_path / "node.py")), select(ids=wanted))
        (burst,) = (result for result in outcome.results if result.case.id == "thousand-pending")
        assert burst.findings[0].code == "blocked"
        if burst.cut_short:
            break
    assert burst.note == CUT

"""Which finding of a report leads: the one that says most, not the first."""

import itertools
from dataclasses import replace

from grader.cases.select import select
from grader.checks.findings import Cause, CauseKind, Finding
from grader.explorer.coverage import Explored
from grader.grading.lead import lead
from grader.grading.results import Result

FIRST, SECOND = select(["async-handler"], ["init", "echo"])
ORDER: list[tuple[CauseKind, ...]] = [
    ("exception",),
    ("spelling", "shape", "newline"),
    ("schedule",),
    ("lock", "wait", "reading"),
]


def finding(kind: CauseKind | None = None, at: int = 0) -> Finding:
    return Finding("no-reply", "…", at, cause=Cause(kind, "…") if kind else None)


def test_nothing_leads_where_nothing_failed() -> None:
    assert lead([Result(FIRST, "passed")]) is None


def test_what_says_more_leads_wherever_it_stands() -> None:
    for more, less in itertools.combinations(ORDER, 2):
        for a, b in itertools.product(more, less):
            results = [
                Result(FIRST, "failed", (finding(b),)),
                Result(SECOND, "failed", (finding(), finding(a))),
            ]
            leading = lead(results)
            assert leading is not None
            assert (leading.result.case.id, leading.place) == (SECOND.id, 1), (a, b)


def test_a_schedule_leads_only_where_another_passes() -> None:
    """Where none passes, a real run fails alike: where it stood says more; and more than what has no cause."""
    schedule = Finding("deadlock", "…", 0, cause=Cause("schedule", "…", in_every_schedule=True))
    for kind in ("lock", "wait", "reading"):
        leading = lead([Result(FIRST, "failed", (schedule,)), Result(SECOND, "failed", (finding(kind),))])
        assert leading is not None
        assert leading.result.case.id == SECOND.id
    leading = lead([Result(FIRST, "failed", (finding(),)), Result(SECOND, "failed", (schedule,))])
    assert leading is not None
    assert leading.finding is schedule


def test_the_end_of_input_leads_only_where_nothing_else_fails() -> None:
    """What is missing then may be missing before, too; with a cause, it is as good as any other."""
    lost = Finding("lost-at-eof", "…", 0)
    first = Result(FIRST, "failed", (lost,))
    for results, place in (
        ([first, Result(SECOND, "failed", (finding(),))], SECOND),
        ([first], FIRST),
        ([first, Result(SECOND, "failed", (Finding("hung-after-eof", "…", 0),))], FIRST),
    ):
        leading = lead(results)
        assert leading is not None
        assert leading.result.case.id == place.id
    leading = lead([first, Result(SECOND, "failed", (replace(lost, cause=Cause("wait", "…")),))])
    assert leading is not None
    assert leading.result.case.id == SECOND.id


def test_what_fails_with_one_request_alone_is_no_race() -> None:
    """A node that answers everything twice has a schedule that passes, where it gives up: that is no cause."""
    race = Finding("data-race", "…", 0, cause=Cause("schedule", "…"))
    raced = Result(SECOND, "failed", (race, Finding("duplicate-reply", "…", 0, follows=True)))
    alone = Result(FIRST, "failed", (Finding("duplicate-reply", "…", 0),))
    (many,) = select(["async-handler"], ["three-echoes"])
    for other, leads in ((alone, FIRST), (replace(alone, case=many), SECOND)):
        leading = lead([other, raced])
        assert leading is not None
        assert leading.result.case.id == leads.id
    explored = replace(alone, explored=Explored())  # the race itself, in a workload of one request
    leading = lead([explored, raced])
    assert leading is not None
    assert leading.finding is race
    stuck = replace(race, code="deadlock")  # it may be one in every order, and the explorer knows whose
    leading = lead([alone, replace(raced, findings=(stuck, *raced.findings[1:]))])
    assert leading is not None
    assert leading.finding is stuck


def test_of_equals_the_earliest_case_leads() -> None:
    for kind in itertools.chain(*ORDER, [None]):
        results = [
            Result(FIRST, "failed", (finding(kind), finding(kind))),
            Result(SECOND, "failed", (finding(kind),)),
        ]
        leading = lead(results)
        assert leading is not None
        assert (leading.result.case.id, leading.place) == (FIRST.id, 0)


def test_a_race_leads_over_the_torn_line_that_came_of_it() -> None:
    torn = Finding("torn-line", "…", 0, cause=Cause("newline", "…"))
    race = Finding("data-race", "…", 0, cause=Cause("schedule", "…"))
    torn_first = Result(FIRST, "failed", (torn,)), Result(SECOND, "failed", (race,))
    leading, alone = lead(torn_first), lead(torn_first[:1])
    assert leading is not None
    assert alone is not None
    assert (leading.finding.code, alone.finding.code) == ("data-race", "torn-line")

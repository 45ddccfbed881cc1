"""Each slip of the table, in the cases that show it: its code, its cause, and the words that lead."""

from pathlib import Path

import pytest

from grader.cases.select import select
from grader.conversation.submission import from_file
from grader.grading.lead import lead
from grader.grading.runner import grade
from grader.reports.finding_text import as_text, explain
from tests.slips.table import FOLDER, SLIPS, Slip

RUNS = 3  # a node that spins may starve who looks at it: on a busy machine the look can come too late
linux = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="a node is asked where it stands on Linux only"
)


@linux
@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.id)
def test_what_leads_is_the_slip(slip: Slip, tmp_path: Path) -> None:
    node = tmp_path / "node.py"
    node.write_text(slip.source, "utf-8")
    for _ in range(RUNS):
        outcome = grade(from_file(str(node)), select(ids=slip.cases))
        leading = lead(outcome.results)
        cause = leading.finding.cause if leading else None
        if (cause.kind if cause else "") == slip.cause:
            break
    assert outcome.faults == ()
    if not slip.code:
        assert leading is None
        return
    assert leading is not None
    finding = leading.finding
    said = as_text(explain(leading.result, finding, "grader submit node.py"))
    assert (finding.code, finding.cause.kind if finding.cause else "") == (slip.code, slip.cause), said
    assert [word for word in slip.expected() if word not in said] == [], said
    assert [word for word in slip.never if word in said] == [], said


@pytest.mark.parametrize("name", ["threads", "asyncio", "writer", "condition", "actor", "timers"])
def test_the_right_node_passes(name: str) -> None:
    wanted = sorted({case for slip in SLIPS for case in slip.cases})
    outcome = grade(from_file(str(FOLDER / f"right_{name}.py")), select(ids=wanted))
    assert [(r.case.id, r.findings) for r in outcome.results if r.status != "passed"] == []


def test_there_are_sixty_and_each_has_its_name() -> None:
    assert len({slip.id for slip in SLIPS}) == len(SLIPS) >= 60

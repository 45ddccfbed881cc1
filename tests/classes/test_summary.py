"""A class's table and summary: harmless in a spreadsheet, grouped by what leads."""

from pathlib import Path
from typing import Any

from grader.classes.job import JobResult
from grader.classes.ledger import GradeRow, file_name, row_of, table
from grader.classes.roster import Student
from grader.classes.submissions import HandedIn
from grader.classes.summary import cases, groups, in_brief, near_equal, render, unshown
from grader.explorer.coverage import Explored


def report(lead: str = "", hint: str = "Let go.", line: int | None = 7) -> dict[str, Any]:
    finding = {
        "code": lead, "message": "it waited", "hint": hint, "lesson": "01",
        "cause": {"kind": "lock", "text": f"held at {line}", "file": "node.py", "line": line},
    }  # fmt: skip
    case = {
        "suite": "rpc", "case": "held", "title": "A <case>", "status": "failed" if lead else "passed",
        "points": 0.0 if lead else 1.0, "findings": [finding] if lead else [], "note": "",
    }  # fmt: skip
    return {
        "lead": {"case": "held", "finding": 0} if lead else None,
        "cases": [case], "points": case["points"], "max_points": 1.0, "passed": not lead,
    }  # fmt: skip


def handed_in(id_: str) -> HandedIn:
    return HandedIn(Student(f"{id_}.py", id_, f"<{id_}>"), Path(f"{id_}.py"), f"{id_}.py")


REPORTS = {
    "a": report("blocked"),
    "b": report("blocked", line=9),
    "c": report("no-reply", "Wake it."),
    "d": report(),
}
ROWS = [row_of(handed_in(id_), JobResult("graded", one, seconds=1.0)) for id_, one in REPORTS.items()]


def test_the_lead_and_its_cause_stand_in_the_table() -> None:
    header, first, *_, last = table(ROWS).splitlines()
    assert header == "id,name,points,max_points,rpc,passed,lead,cause,seconds,status"
    assert first == "a,<a>,0,1,0,false,blocked,held at 7,1.0,graded"
    assert last == "d,<d>,1,1,1,true,,,1.0,graded"


def test_what_a_spreadsheet_would_compute_is_text() -> None:
    row = GradeRow("=1+1", "+cmd", -1.5, 0.0, cause="@x\nand\tmore", status="broken")
    assert table([row]).splitlines()[1] == "'=1+1,'+cmd,-1.5,0,false,,'@x and more,0.0,broken"


def test_what_to_teach_again_comes_by_the_number_of_those_who_need_it() -> None:
    first, second = groups(ROWS, REPORTS)
    assert (first.code, [(member.row.id, member.where) for member in first.members]) == (
        "blocked",
        [("a", "node.py:7"), ("b", "node.py:9")],
    )
    assert (second.code, second.hint) == ("no-reply", "Wake it.")


def test_what_leads_most_often_comes_first_and_its_boxes_stand_together() -> None:
    hints = {"a": ("blocked", "1"), "b": ("blocked", "2"), "c": ("crashed", "3"), "d": ("crashed", "3"),
             "e": ("crashed", "4")}  # fmt: skip
    reports = {id_: report(*one) for id_, one in hints.items()}
    rows = [row_of(handed_in(id_), JobResult("graded", one)) for id_, one in reports.items()]
    assert [(one.code, len(one.members)) for one in groups(rows, reports)] == [
        ("crashed", 2), ("crashed", 1), ("blocked", 1), ("blocked", 1),
    ]  # fmt: skip


def test_each_case_is_counted() -> None:
    [one] = cases(REPORTS.values())
    assert (one.case, one.passed, one.attempted) == ("held", 1, 4)


def test_near_equal_is_whatever_the_names_and_remarks() -> None:
    one = "\n".join(f"value_{n} = compute(value_{n - 1}, {n})  # mine" for n in range(40))
    other = one.replace("value_", "w").replace("# mine", "")
    different = "\n".join(f"def f{n}(x):\n    return [x] * {n}" for n in range(40))
    assert near_equal({"ada": one, "ben": other, "eve": different}) == [["ada", "ben"]]


def test_the_page_escapes_names() -> None:
    absent = GradeRow("e", "Eve", 0.0, 0.0, cause="nothing was handed in", status="not-handed-in")
    text = render("class <1>", [*ROWS, absent], REPORTS, [["a", "b"]], left=2)
    assert "4 handed in, 1 not; 4 graded to the end, 1 passed. <strong>2 are still open" in text
    assert "<a>" not in text
    assert "&lt;a&gt;" in text
    assert "A &lt;case&gt;" in text
    assert "http" not in text


def test_an_id_is_a_harmless_file_name() -> None:
    assert file_name("../../etc/x") == "%..%2f..%2fetc%2fx"
    assert file_name("ada@x.org") == "ada@x.org"
    assert len({file_name(id_) for id_ in ("a/b", "a%2fb", "a b")}) == 3


def test_who_has_all_points_and_has_not_passed_is_told_why() -> None:
    left = {
        **report()["cases"][0], "suite": "interleaving", "case": "alone", "status": "not-attempted",
        "points": 0.0, "note": "inconclusive: a process",
    }  # fmt: skip
    told = report() | {"passed": False}
    told["cases"] = [*told["cases"], left]
    row = row_of(handed_in("a"), JobResult("graded", told, seconds=1.0))
    assert (row.points, row.max_points, row.passed, row.lead) == (1.0, 1.0, False, "not-attempted")
    assert row.cause == "interleaving (all 1): inconclusive: a process"
    [(why, rows)] = unshown([row], {"a": told})
    assert (why, rows) == (row.cause, [row])
    assert why in render("class", [row], {"a": told})


def test_who_was_not_looked_at_far_enough_is_told() -> None:
    told = report()
    told["cases"][0]["note"] = Explored(0, 1, 9, 9, "budget").note
    page = render("class", [row_of(handed_in("a"), JobResult("graded", told))], {"a": in_brief(told)})
    assert "Not looked at far enough" in page
    assert "Not looked at far enough" not in render("class", ROWS, REPORTS)

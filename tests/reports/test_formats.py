"""One grade in the formats that others read: read back, by a reader that isn't ours where there is one."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped

from grader.cases.model import Case
from grader.checks.findings import Cause, Finding
from grader.commands.report_files import FORMATS
from grader.conversation.submission import Submission
from grader.conversation.transcript import Event
from grader.grading.conversations import OWN_FAULT
from grader.grading.results import Grade, Result
from grader.reports import classroom, gradescope, junit
from grader.reports.formats import render
from grader.reports.github_actions import annotations, summary

HOSTILE = "::error file=x::owned\x1b[2J \u202e ]]> <b>&amp; | `code`\n::add-mask::a%0Ab"
NODE = Submission("ada's node.py", ("python", "node.py"), Path("/work/ada"))


def case(name: str, title: str = "A case", points: float = 1.0) -> Case:
    return Case(name, "rpc", title, (), points=points, file="rpc")


def failed(name: str, *, cause: bool = True) -> Result:
    why = Cause("lock", f"The lock is held: {HOSTILE}", "node.py", 12) if cause else None
    finding = Finding(
        "blocked", f"c1 was not served: {HOSTILE}", 1, (0, 1), HOSTILE, HOSTILE, HOSTILE, "01", cause=why
    )
    transcript = Event(0, 0.0, "in", HOSTILE), Event(1, 2.0, "out", HOSTILE), Event(2, 3.0, "err", HOSTILE)
    return Result(case(name, points=2.5), "failed", (finding,), transcript, 0.25)


GRADE = Grade(
    NODE.name,
    (
        Result(case("good", HOSTILE), "passed", duration_s=0.125),
        failed("held"),
        failed("held-again"),
        failed("unknown", cause=False),
        Result(case("left-out"), "not-attempted", note="the node answers proxy with error 10"),
        Result(case("broken"), "not-attempted", note=f"{OWN_FAULT} (OSError: no)"),
    ),
    10.5,
    1.5,
    faults=("Traceback …\nOSError: no",),
)


def test_junit_is_read_back() -> None:
    [suite] = JUnitXml.fromstring(junit.render(GRADE).encode())
    assert (suite.name, suite.tests, suite.failures, suite.skipped, suite.errors) == ("rpc", 6, 3, 1, 1)
    kinds = [type(one.result[0]) if one.result else None for one in suite]
    assert kinds == [None, Failure, Failure, Failure, Skipped, Error]
    held = list(suite)[1]
    assert held.result[0].type == "blocked"
    assert held.result[0].message.startswith("The lock is held")
    assert "again" in held.result[0].text
    assert held.time == 0.25
    assert "owned" in held.system_err


# What Jenkins' schema junit-10 allows, and what it demands (with *), of what is written here.
JENKINS = {
    "testsuites": "name time tests failures errors",
    "testsuite": "name* tests* failures* errors* skipped time timestamp hostname",
    "testcase": "name* classname time",
    "failure": "type message",
    "error": "type message",
    "skipped": "type message",
    "system-out": "",
    "system-err": "",
}


def test_jenkins_takes_the_elements_and_their_attributes() -> None:
    root = ElementTree.fromstring(junit.render(GRADE))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("6", "3", "1")
    for element in root.iter():
        allowed = JENKINS[element.tag].split()
        assert set(element.attrib) <= {name.rstrip("*") for name in allowed}, element.tag
        assert {name.rstrip("*") for name in allowed if "*" in name} <= set(element.attrib)
        if "time" in element.attrib:
            assert re.fullmatch(r"\d+(\.\d+)?", element.attrib["time"])


def test_junit_has_no_control_characters() -> None:
    assert (
        re.findall(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\u202e|\x7f", junit.render(GRADE))
        == []
    )


def test_gradescope_has_its_fields() -> None:
    made = json.loads(render("gradescope", GRADE, NODE))
    assert made["score"] == 1.0
    assert made["output"].startswith("First: blocked in held: The lock is held")
    tests = {test["extra_data"]["case"]: test for test in made["tests"]}
    assert (tests["held"]["status"], tests["held"]["score"], tests["held"]["max_score"]) == ("failed", 0.0, 2.5)
    assert tests["good"]["status"] == "passed"
    assert "status" not in tests["left-out"]
    assert tests["left-out"]["max_score"] == 0.0
    assert {test["visibility"] for test in made["tests"]} == {"visible"}
    assert all(isinstance(test["number"], str) for test in made["tests"])
    assert "\x1b" not in json.dumps(gradescope.render(GRADE), ensure_ascii=False)


def test_gradescope_s_score_is_out_of_the_same_for_everybody() -> None:
    """Not of the fewer points that a node in another language can have."""
    schedule = Case("two-echoes", "interleaving", "A case", (), points=4.0, file="interleaving")
    left_out = Result(schedule, "not-attempted", note="not a Python node")
    made = gradescope.render(replace(GRADE, results=(Result(case("good"), "passed"), left_out), max_points=2.0))
    assert made["score"] == 3.0
    assert made["output"].startswith("Points: 1 of the 2 that it can have, so 3 of 6.")


def test_a_suite_that_was_named_must_be_attempted_and_not_all_of_its_cases() -> None:
    good, left = Result(case("good"), "passed"), Result(case("other"), "not-attempted", note="budget")
    asked = replace(GRADE, asked_for=("rpc",), faults=())
    assert replace(asked, results=(good, left)).passed
    elsewhere = Result(Case("echo", "mine", "A case", (), file="mine"), "passed")
    assert not replace(asked, results=(elsewhere, left)).passed
    assert replace(asked, results=(elsewhere, left), asked_for=("mine",)).passed


def test_classroom_has_its_fields() -> None:
    now = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
    made = classroom.render(GRADE, {"CLASSROOM": "ds", "SUBMISSION_TAG": "v3", "COMMIT_URL": "c"}, now)
    assert made["schema"] == "classroom50/result/v1"
    assert (made["classroom"], made["submission"], made["commit"], made["review"]) == ("ds", "v3", "c", "")
    assert made["datetime"] == "2026-11-29T12:00:00+00:00"
    assert (made["score"], made["max-score"]) == (1, 11)
    assert made["tests"][1] == {
        "test-name": "rpc/held",
        "passed": False,
        "score": 0,
        "max-score": 3,
        "title": "A case",
        "code": "blocked",
        "message": made["tests"][1]["message"],
    }
    assert [type(test["score"]) for test in made["tests"]] == [int] * 6


def test_each_cause_is_annotated_once_at_its_line() -> None:
    lines = list(annotations(GRADE, "/work/ada", "/work"))
    assert [line.split("::")[1] for line in lines] == [
        "error file=ada/node.py,line=12,title=blocked in held",
        "error title=blocked in unknown",
    ]
    assert all("\n" not in line and "\x1b" not in line and "\u202e" not in line for line in lines)
    assert "%0A" in lines[0]
    assert "%250A" in lines[0]


def test_a_file_outside_the_repository_is_not_named() -> None:
    [line, _] = annotations(GRADE, "/elsewhere", "/work")
    assert line.startswith("::error title=blocked in held::")


def test_the_summary_has_no_line_that_a_node_begins() -> None:
    text = summary(GRADE)
    assert not any(line.startswith("::") for line in text.split("\n"))
    assert "<b>" not in text
    rows = [line for line in text.split("\n") if line.startswith(("| ✓", "| ✗", "| –"))]
    assert len(rows) == 6
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)


def test_a_long_summary_stays_below_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.reports.github_actions.LARGEST", 300)
    assert len(summary(GRADE).encode()) <= 300


@pytest.mark.parametrize("option", FORMATS)
def test_what_hides_is_shown_in_every_format(option: str) -> None:
    text = render(option, GRADE, NODE)
    assert option == "json" or "\u202e" not in text
    assert "\x1b" not in text

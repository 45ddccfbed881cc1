"""The report as CI systems read it: JUnit's XML, a `testsuite` a suite and a `testcase` a case. Pure."""

import socket
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from grader.grading.results import Grade, Result
from grader.reports.finding_text import again, as_text, explain
from grader.reports.visible import visible

if TYPE_CHECKING:
    from junitparser import TestCase


def render(grade: Grade, *, is_command: bool = False) -> str:
    """The whole file. A case that was not attempted is `skipped`; where the grader failed it is an `error`."""
    from junitparser import JUnitXml, TestSuite

    report, suites = JUnitXml("grader"), []
    for name, results in groupby(grade.results, key=lambda result: result.case.suite):
        suite = TestSuite(visible(name))
        suite.hostname = socket.gethostname()
        suite.timestamp = datetime.now(UTC).isoformat(timespec="seconds")
        for result in results:
            suite.add_testcase(_case(grade, result, is_command))
        report.add_testsuite(suite)
        suites.append(suite)
    # Not by update_statistics, which counts those skipped, too: at this place Jenkins' schema refuses that.
    report.tests = sum(suite.tests for suite in suites)
    report.failures = sum(suite.failures for suite in suites)
    report.errors = sum(suite.errors for suite in suites)
    report.time = round(sum(suite.time for suite in suites), 3)
    text: bytes = report.tostring()  # type: ignore[no-untyped-call]
    return text.decode("utf-8") + "\n"


def _case(grade: Grade, result: Result, is_command: bool) -> "TestCase":
    from junitparser import Error, Failure, Skipped, TestCase

    case = TestCase(
        result.case.id, f"{visible(grade.submission)}.{visible(result.case.suite)}", round(result.duration_s, 3)
    )
    if result.status == "failed":
        finding = result.findings[0]
        failure = Failure(visible(finding.cause.text if finding.cause else finding.message), finding.code)
        failure.text = as_text(explain(result, finding, again(grade.submission, result, is_command)))
        case.result = [failure]
    elif result.status == "not-attempted":
        case.result = [(Error if result.is_our_fault else Skipped)(visible(result.note), "not-attempted")]
    said = [visible(event.line) for event in result.transcript if event.kind == "err"]
    if said:
        case.system_err = "\n".join(said)
    return case

"""The report as Classroom 50 reads it, the successor of GitHub Classroom: `result.json`, version 1. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from grader.grading.results import Grade, Result
from grader.reports.visible import visible

SCHEMA = "classroom50/result/v1"
FROM_ENVIRONMENT = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}


def render(grade: Grade, environment: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """The whole report. Points are whole numbers there, so each is rounded, half a point up."""
    return {
        "schema": SCHEMA,
        **{key: environment.get(name, "") for key, name in FROM_ENVIRONMENT.items()},
        "datetime": now.isoformat(timespec="seconds"),
        "score": _whole(grade.points),
        "max-score": _whole(grade.max_points),
        "tests": [_test(result) for result in grade.results],
    }


def _test(result: Result) -> dict[str, Any]:
    finding = result.findings[0] if result.findings else None
    return {
        "test-name": visible(f"{result.case.suite}/{result.case.id}"),
        "passed": result.status == "passed",
        "score": _whole(result.points),
        "max-score": _whole(result.case.points) if result.status != "not-attempted" else 0,
        "title": visible(result.case.title),
        "code": finding.code if finding else "",
        "message": visible(
            (finding.cause.text if finding.cause else finding.message) if finding else result.note
        ),
    }


def _whole(points: float) -> int:
    return int(points + 0.5)

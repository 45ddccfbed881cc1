"""The report for programs: a grade as JSON, version 1, a contract: keys may come, none goes. Pure functions."""

from typing import Any

from grader.checks.findings import Cause, Finding
from grader.conversation.transcript import SHOWN_LINE, Event, cut
from grader.explorer.coverage import Explored
from grader.grading.lead import lead
from grader.grading.results import Grade, Result
from grader.protocol.json_values import shorten


def report(grade: Grade) -> dict[str, Any]:
    """The whole report."""
    leading = lead(grade.results)
    return {
        "version": 1,
        "submission": grade.submission,
        "passed": grade.passed,
        "points": grade.points,
        "max_points": grade.max_points,
        "duration_s": round(grade.duration_s, 3),
        "seed": grade.seed,
        "interrupted": grade.interrupted,
        "lead": {"case": leading.result.case.id, "finding": leading.place} if leading else None,
        "sandbox": grade.sandbox,
        "cases": [case(result) for result in grade.results],
    }


def case(result: Result) -> dict[str, Any]:
    """What one case has shown. Of a long transcript, what a finding names is never cut."""
    keep = {n for one in result.findings for n in one.events}
    shown = {
        "suite": result.case.suite,
        "case": result.case.id,
        "title": result.case.title,
        "status": result.status,
        "points": result.points,
        "max_points": result.case.points,
        "duration_s": round(result.duration_s, 3),
        "note": result.note,
        "findings": [finding(one) for one in result.findings],
        "transcript": [
            {"kind": "cut", "events": one} if isinstance(one, int) else event(one)
            for one in cut(result.transcript, keep)
        ],
    }
    if result.used is not None:
        shown["used"] = {"memory_bytes": result.used.memory, "cpu_s": round(result.used.cpu_s, 3)}
    if result.explored is not None:
        shown["explored"] = explored(result.explored)
    return shown


def finding(one: Finding) -> dict[str, Any]:
    """One finding; where threads stood belongs to its message."""
    stands = "".join(f"\n{line}" for line in one.stands)
    return {
        "code": one.code,
        "message": one.message + stands,
        "expected": one.expected,
        "actual": one.actual,
        "hint": one.hint,
        "lesson": one.lesson,
        "events": list(one.events),
        "follows": one.follows,
        "cause": cause(one.cause) if one.cause else None,
        "schedule": one.schedule,
    }


def cause(one: Cause) -> dict[str, Any]:
    """A cause; its file and line are null where they are not known."""
    return {"kind": one.kind, "text": one.text, "file": one.file or None, "line": one.line}


def explored(one: Explored) -> dict[str, Any]:
    """What was covered of a workload; `complete_to` is null if not even level 0 was."""
    return {
        "complete_to": one.complete_to if one.complete_to >= 0 else None,
        "open_at": one.open_at,
        "schedules": one.schedules,
        "distinct": one.distinct,
        "stopped": one.stopped,
        "escaped": list(one.escaped),
    }


def event(one: Event) -> dict[str, Any]:
    """An event of the transcript, with a long line cut."""
    shown: dict[str, Any] = {"n": one.n, "t_ms": round(one.t_ms, 3), "kind": one.kind}
    if one.kind in ("in", "out", "err", "limit"):
        shown["line"] = shorten(one.line, SHOWN_LINE)
    if one.kind == "exit":
        shown["status"] = one.status
    if one.left:
        shown["left"] = list(one.left)
    return shown

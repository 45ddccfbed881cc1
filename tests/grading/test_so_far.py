"""Whoever waits long is told what leads so far, before its case's turn has come, and once."""

import io
import threading
from collections.abc import Sequence

import pytest
from rich.console import Console

from grader.cases.select import select
from grader.checks.findings import Cause, Finding
from grader.conversation.submission import from_file
from grader.grading import so_far
from grader.grading.results import Result
from grader.grading.runner import grade
from grader.grading.so_far import SoFar
from grader.reports.terminal import TerminalReport
from tests.corpus_nodes import CORPUS

CASES = select(ids=["three-echoes", "echo", "proxy"])
TYPO = Finding("no-reply", "nothing came", at=0, cause=Cause("exception", "NameError: name 'boby'", line=7))
LATE = Finding("no-reply", "nothing came", at=0, hint="look at the loop", late=True)


def test_nothing_is_told_before_somebody_has_waited() -> None:
    told: list[Sequence[Result]] = []
    so_far = SoFar(told.append)
    so_far.news([Result(CASES[0], "passed")])
    so_far.end()
    assert told == []


def test_who_grades_is_woken_and_tells_what_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(so_far, "PATIENCE_S", 0)
    told: list[Sequence[Result]] = []
    woken = threading.Event()
    waiting = SoFar(told.append, woken.set)
    assert woken.wait(60)
    result = Result(CASES[1], "failed", (TYPO,))
    waiting.news([result])
    waiting.end()
    assert told == [[result]]


def test_a_grading_tells_all_that_stands_to_who_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(so_far, "PATIENCE_S", 0)
    told: list[Sequence[Result]] = []
    graded = grade(from_file(str(CORPUS / "wrong/falsy_is_null.py")), CASES, on_waiting=told.append)
    assert tuple(told[-1]) == graded.results


def report() -> tuple[TerminalReport, io.StringIO]:
    text = io.StringIO()
    console = Console(file=text, width=80, no_color=True, highlight=False, soft_wrap=True)
    return TerminalReport(console, "node.py", len(CASES)), text


def test_what_leads_is_told_once() -> None:
    screen, text = report()
    failed = Result(CASES[2], "failed", (TYPO,))
    screen.so_far([failed])
    screen.so_far([failed, Result(CASES[1], "failed", (TYPO,))])
    assert text.getvalue().count("So far: no-reply in proxy: NameError: name 'boby'") == 1
    screen.result(Result(CASES[0], "failed", (LATE,)))
    screen.so_far([Result(CASES[0], "failed", (LATE,)), failed])
    assert text.getvalue().count("So far:") == 1


def test_what_leads_by_more_is_told_too() -> None:
    screen, text = report()
    late = Result(CASES[1], "failed", (LATE,))
    screen.so_far([late])
    screen.so_far([late, Result(CASES[2], "failed", (TYPO,))])
    assert [line for line in text.getvalue().splitlines() if line] == [
        "So far: no-reply in echo: nothing came",
        "        look at the loop",
        "So far: no-reply in proxy: NameError: name 'boby'",
    ]


def test_what_stands_on_the_screen_is_not_told_again() -> None:
    screen, text = report()
    failed = Result(CASES[0], "failed", (TYPO,))
    screen.result(failed)
    screen.so_far([failed])
    assert "So far:" not in text.getvalue()


def test_of_a_right_node_nothing_is_told() -> None:
    screen, text = report()
    screen.so_far([Result(CASES[1], "passed")])
    assert text.getvalue() == ""

"""Of each find everybody says the same: `submit`, `race`, the JSON, the notebook; all from one diagnosis.

The finds are recorded ones (see recordings), one for each wrong node of the corpus: nothing is explored here.
"""

import html
import io
import re
from collections.abc import Callable

import pytest
from rich.console import Console

from grader.cases.select import select
from grader.explorer.coverage import Explored
from grader.explorer.diagnosis.patterns import diagnose
from grader.explorer.search.engine import Searched
from grader.grading.exploration import result_of
from grader.grading.results import Grade, Result
from grader.reports.html import render
from grader.reports.json_report import report
from grader.reports.race_terminal import Screen
from grader.reports.terminal import TerminalReport
from tests.explorer.races import nodes
from tests.explorer.recordings import RECORDED, load

NAMES = sorted(path.name.removesuffix(".json.gz") for path in RECORDED.glob("*.json.gz"))
WIDE = 4000  # columns: nothing is wrapped


def graded(name: str) -> Grade:
    """What grading the workload of this find gives, had it been explored just now."""
    found = load(name)
    case = select(["interleaving"], [found.failing.case])[0]
    result = result_of(Searched(case, Explored(stopped="found"), found, found.failing.transcript, 0.0))
    return Grade("node.py", (result,), 1.0, 0.0)


def _console(text: io.StringIO) -> Console:
    return Console(file=text, width=WIDE, no_color=True, highlight=False, soft_wrap=True)


def submitted(grade: Grade) -> str:
    text = io.StringIO()
    terminal = TerminalReport(_console(text), grade.submission, 1, full=True)
    terminal.result(grade.results[0])
    terminal.grade(grade)
    return text.getvalue()


def raced(grade: Grade) -> str:
    text = io.StringIO()
    Screen(_console(text), full=True).tell(grade.results[0])
    return text.getvalue()


def in_a_notebook(grade: Grade) -> str:
    return html.unescape(re.sub(r"<[^>]*>", " ", render(grade)))


def _plain(text: str) -> str:
    """Without line breaks and what draws lines up."""
    return " ".join(text.split())


SAYERS: dict[str, Callable[[Grade], str]] = {"submit": submitted, "race": raced, "notebook": in_a_notebook}


@pytest.mark.parametrize("name", NAMES)
def test_all_say_the_same_code_sentence_fix_and_lesson(name: str) -> None:
    diagnosis, grade = diagnose(load(name)), graded(name)
    for sayer, say in SAYERS.items():
        text = _plain(say(grade))
        for part in (diagnosis.code, diagnosis.sentence, diagnosis.fix, f"lesson {diagnosis.lesson}"):
            assert _plain(part) in text, f"{sayer} does not say: {part}"
    lead, *others = report(grade)["cases"][0]["findings"]
    assert (lead["code"], lead["hint"], lead["lesson"]) == (diagnosis.code, diagnosis.fix, diagnosis.lesson)
    assert diagnosis.sentence in lead["message"]
    file, line = diagnosis.spot
    kind = "exception" if diagnosis.crash else "schedule"
    cause = {"kind": kind, "text": diagnosis.sentence, "file": file, "line": line}
    assert lead["cause"] == (cause if diagnosis.is_known else None)
    assert lead["schedule"]
    assert not lead["follows"]
    assert all(finding["follows"] for finding in others)


def test_each_wrong_node_has_a_recorded_find() -> None:
    assert sorted(node.id for node in nodes("wrong")) == NAMES


def _columns(result: Result) -> list[str]:
    assert result.explanation is not None
    return [column.title for column in result.explanation.columns]


@pytest.mark.parametrize("say", [submitted, in_a_notebook])
def test_a_failed_workload_shows_the_columns_of_race(say: Callable[[Grade], str]) -> None:
    grade = graded("plus_equals")
    text = say(grade)
    titles = _columns(grade.results[0])
    assert len(titles) == 2
    assert re.search(rf"{re.escape(titles[0])} +{re.escape(titles[1])}", text)
    assert "loses its turn" in text
    assert "23 self.next_id += 1" in text

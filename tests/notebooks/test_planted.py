"""Offices with a mistake each: they pass the cases of the lesson, and one with a silent bank catches all."""

from pathlib import Path

import pytest

from grader.notebook import catches, grade, planted
from tests.notebooks.cells import lesson_cell

CASES = ["sold-out", "refused", "at-once", "serves-while-waiting", "two-peers"]


@pytest.fixture(autouse=True)
def offices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    for id in ("job-cases", "ex-08-4"):
        cell = lesson_cell("08", id)
        assert cell.writes is not None
        Path(cell.writes[0]).write_text(cell.solved.partition("\n")[2] + "\n", "utf-8")
    return planted("08.4")


def silence(text: str) -> str:
    Path("silence.jsonl").write_text(text.partition("\n")[2] + "\n", "utf-8")
    return "silence.jsonl"


def test_each_passes_the_cases_that_the_lesson_has(offices: list[str]) -> None:
    assert len(offices) == 3
    for office in offices:
        shown = grade(office, suites=["office.jsonl", "rpc"], cases=CASES)
        assert shown.ok, shown.text


def test_the_model_case_catches_all_and_accuses_no_office_that_is_right(offices: list[str]) -> None:
    judged = catches(silence(lesson_cell("08", "ex-08-4-case").solved), *offices, ex="08.4")
    assert judged.ok, judged.why
    assert judged.why.splitlines()[-1] == "another office, which is right: not accused"
    assert str(Path.cwd()) not in judged.why


def test_a_case_that_looks_at_less_lets_some_of_them_go(offices: list[str]) -> None:
    given = lesson_cell("08", "ex-08-4-case").given
    assert catches(silence(given), *offices, ex="08.4").why.count("survives") == 3
    solved = lesson_cell("08", "ex-08-4-case").solved.splitlines()
    asks_for_error_0 = "\n".join(solved[: next(n for n, line in enumerate(solved) if '"code": 0' in line) + 1])
    came = catches(silence(asks_for_error_0), *offices, ex="08.4").why
    assert came.count("survives") == 2
    assert "office_2.py: survives" not in came


def test_a_case_that_says_which_seat_is_sold_first_accuses_an_office_that_is_right(offices: list[str]) -> None:
    """Which seat comes first nobody has promised: one of the two that are right begins with the other."""
    solved = lesson_cell("08", "ex-08-4-case").solved
    begin, end = solved.index('{"send": [{"src": "n2"'), solved.rindex('{"expect"')
    one_by_one = "".join(
        f'{{"send": {{"src": "n2", "dest": "n1", "body": {{"type": "charge_ok", "in_reply_to": "${box}"}}}}}}\n'
        '{"expect": {"src": "n1", "dest": "$any", "body": '
        f'{{"type": "buy_ok", "in_reply_to": 1, "seat": {seat}}}}}}}\n'
        for box, seat in (("a", 0), ("b", 1))
    )
    assert begin < end
    judged = catches(silence(solved[:begin] + one_by_one), *offices, ex="08.4")
    assert not judged.ok
    assert "A right node is accused." in judged.why

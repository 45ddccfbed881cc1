"""The terminal report, whole, for a set of nodes: golden files, reviewed as text.

Record them again with `pytest tests/reports/test_terminal.py --record`.
"""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from grader.cases.model import Case
from grader.cases.parser import load
from grader.conversation.submission import from_file
from grader.grading.results import Grade, Result
from grader.grading.runner import grade
from grader.reports.terminal import TerminalReport
from tests.corpus_nodes import CORPUS

GOLDEN = Path(__file__).parents[1] / "golden"
CASES = ["three-echoes", "echo", "payloads", "bad-lines", "serves-while-waiting", "peer-error"]


def cases() -> list[Case]:
    known = [case for name in ("async-handler", "rpc") for case in load(name).cases]
    return [case for case in known if case.id in CASES]


def report(outcome: Grade, **options: bool) -> str:
    """What is printed at 80 columns without colour, with times and pids made alike."""
    outcome = replace(outcome, submission="node.py")
    text = io.StringIO()
    console = Console(file=text, width=80, no_color=True, highlight=False, soft_wrap=True)
    terminal = TerminalReport(console, "node.py", len(outcome.results), **options)
    for result in outcome.results:
        terminal.result(result)
    terminal.grade(outcome)
    timeless = re.sub(r"\d+\.\d+ s|[\d.]+ s$", "0.00 s", text.getvalue(), flags=re.M)
    # How much could be sent to a node that ends at once depends on who was faster.
    return re.sub(r"#\d+ *(?=the node ended)", lambda n: f"{'#9':<{len(n[0])}}", timeless)


def check(name: str, text: str, record: bool) -> None:
    path = GOLDEN / f"{name}.txt"
    if record:
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize(
    "node",
    [
        "right/thread_per_message.py",
        "wrong/debug_print.py",
        "wrong/python_repr.py",
        "wrong/falsy_is_null.py",
        "wrong/dies_of_bad_json.py",
        "wrong/sync_proxy.py",
        "wrong/starts_at_one.py",
        "wrong/missing_import.py",
    ],
)
def test_reports_are_the_recorded_ones(node: str, record: bool) -> None:
    outcome = grade(from_file(str(CORPUS / node)), cases(), jobs=1)
    check(Path(node).stem, report(outcome), record)


def test_in_full_with_hints(record: bool) -> None:
    outcome = grade(from_file(str(CORPUS / "wrong/falsy_is_null.py")), cases(), jobs=1)
    check("falsy_is_null-full", report(outcome, full=True, hints=True), record)


def test_no_explanation_is_longer_than_eight_lines(record: bool) -> None:
    if record:
        pytest.skip("recording")
    for path in GOLDEN.glob("*.txt"):
        if path.stem.endswith("-full"):
            continue
        rows = 0
        for line in path.read_text("utf-8").splitlines():
            rows = rows + 1 if line.startswith("    ") else 0
            assert rows <= 8, f"{path.name}: {line}"


def test_colour_only_on_a_terminal() -> None:
    case = cases()[0]
    outcome = Grade("node.py", (Result(case, "passed"),), 1.0, 0.1)
    text = io.StringIO()
    TerminalReport(Console(file=text), "node.py", 1).grade(outcome)
    assert "\x1b" not in text.getvalue()
    text = io.StringIO()
    TerminalReport(Console(file=text, force_terminal=True, color_system="standard"), "node.py", 1).grade(
        outcome
    )
    assert "\x1b[" in text.getvalue()


def test_an_interrupted_run_says_so() -> None:
    text = io.StringIO()
    outcome = Grade("node.py", (Result(cases()[0], "passed"),), 5.0, 0.1, interrupted=True)
    TerminalReport(Console(file=text), "node.py", 5).grade(outcome)
    assert text.getvalue().strip().startswith("interrupted  node.py")
    assert "Interrupted: 1 of 5 cases had ended." in text.getvalue()

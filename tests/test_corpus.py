"""The corpus in short: each mutant in the case that shows it, each right node in the cases that matter most.

`python -m tests.wall` runs all of it; CI has not the time.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from grader.cases.select import select
from grader.checks.findings import CODES
from grader.grading.runner import grade
from tests.corpus_nodes import Node, nodes, submission
from tests.wall import RECORD

ALL = list(nodes())
WALL: dict[str, dict[str, dict[str, str]]] = json.loads(RECORD.read_text("utf-8"))
ESSENTIAL = ["three-echoes", "in-order", "bad-lines", "no-input", "end-with-work"]
ESSENTIAL += ["serves-while-waiting", "hundred-pending"]
RUNS = 3  # of one that survives: what is wrong in a few may, on a busy machine, not happen in every run
SHORT = 0.5  # of every time limit: these nodes will not answer however long we wait


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("build")


@pytest.mark.parametrize("node", [node for node in ALL if not node.is_right], ids=lambda node: node.id)
def test_a_mutant_is_found_and_named(node: Node, build: Path) -> None:
    start = submission(node, build)
    if start is None:
        pytest.skip(f"no language for {node.path.suffix} here")
    for suite, shown in WALL[node.id].items():
        for _ in range(RUNS):
            outcome = grade(start, select([suite], [shown["case"]]), slow=SHORT)
            if outcome.results[0].findings:
                break
        assert outcome.results[0].findings, f"{node.id} survives {suite}/{shown['case']}"
        assert outcome.results[0].findings[0].code == node.expected[suite]


@pytest.mark.parametrize("node", [node for node in ALL if node.is_right], ids=lambda node: node.id)
def test_a_right_node_passes(node: Node, build: Path) -> None:
    start = submission(node, build)
    if start is None:
        pytest.skip(f"no language for {node.path.suffix} here")
    suites = [suite for suite, verdict in node.expected.items() if verdict == "passed"]
    known = {case.id for case in select(suites)}
    wanted = [case for case in ESSENTIAL if case in known] or sorted(known)
    outcome = grade(start, select(suites, wanted))
    assert [(r.case.id, r.findings) for r in outcome.results if r.status == "failed"] == []


def test_the_wall_knows_every_mutant_and_suite() -> None:
    for node in ALL:
        if not node.is_right:
            failing = {
                suite for suite, code in node.expected.items() if code not in ("passed", "not-attempted")
            }
            assert set(WALL.get(node.id, {})) == failing, node.id


def test_every_code_has_two_mutants_and_there_are_enough_of_both() -> None:
    wrong = Counter(code for node in ALL if not node.is_right for code in set(node.expected.values()))
    assert {code for code in CODES if wrong[code] < 2} == {"data-race", "deadlock"}
    assert sum(not node.is_right for node in ALL) >= 60
    assert sum(node.is_right for node in ALL) >= 25

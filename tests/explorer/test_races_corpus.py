"""The corpus of races is complete, and its right nodes are right."""

from collections import Counter

import pytest

from grader.cases.model import Case
from grader.cases.select import select
from grader.checks.findings import CODES
from grader.conversation.submission import from_file
from grader.explorer.diagnosis.misconceptions import catalogue
from grader.grading.runner import grade
from tests.explorer.races import Node, nodes

RIGHT, WRONG = list(nodes("right")), list(nodes("wrong"))
ESSENTIAL = ["serves-while-waiting", "silent-peer"]


def test_there_is_enough_of_both_and_a_third_is_kept_aside() -> None:
    for group in (RIGHT, WRONG):
        assert len(group) >= 36
        assert 0.3 <= sum(node.is_kept for node in group) / len(group) <= 0.4


def test_each_misconception_has_a_node_and_each_name_an_entry() -> None:
    named = Counter(node.misconception for node in WRONG if node.misconception)
    assert set(named) == set(catalogue())
    assert all(
        entry.believes and entry.happens and entry.fix and entry.shape and entry.lesson
        for entry in catalogue().values()
    )


@pytest.mark.parametrize("node", WRONG, ids=lambda node: node.id)
def test_a_wrong_node_says_what_is_wrong_with_it(node: Node) -> None:
    text = node.path.read_text("utf-8").split("\n")
    assert node.finds in CODES
    assert node.outcome in CODES
    assert 0 <= node.preemptions <= 2
    assert node.lines
    assert all(text[line - 1].strip() for line in node.lines)
    assert node.workload in {case.id for case in select(["interleaving"])}


@pytest.mark.parametrize("node", RIGHT, ids=lambda node: node.id)
def test_a_right_node_passes(node: Node) -> None:
    cases: list[Case] = [case for case in select(list(node.suites)) if case.id in ESSENTIAL]
    outcome = grade(from_file(str(node.path)), cases)
    assert [(result.case.id, result.findings) for result in outcome.results if result.findings] == []

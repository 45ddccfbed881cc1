"""The explanation, whole, of recorded runs: golden files, reviewed as text.

Record the runs again with `python -m tests.explorer.recordings`, the texts with `pytest … --record`.
"""

import re
from dataclasses import replace

import pytest

from grader.explorer.diagnosis.explanation import Explanation, explain
from grader.explorer.diagnosis.patterns import diagnose
from grader.explorer.trace.model import Found
from grader.reports.race_text import SHORT, as_lines
from tests.explorer.races import Node, nodes
from tests.explorer.recordings import RECORDED, load

WRONG = [node for node in nodes("wrong") if (RECORDED / f"{node.id}.json.gz").exists()]
SHOWN = [
    "agen_ids",
    "asyncio_opposite_order",
    "await_between_read_and_write",
    "batch_swapped_out",
    "blocking_call_in_the_loop",
    "check_then_act",
    "current_request",
    "daemon_threads",
    "dies_while_counting",
    "gen_ids",
    "gone_at_the_deadline",
    "ids_beside",
    "if_instead_of_while",
    "letters_to_itself",
    "lock_held_while_waiting",
    "lock_taken_twice",
    "lock_tried_once",
    "main_helps_to_empty",
    "message_and_newline",
    "missed_wakeup",
    "one_worker_for_all",
    "opposite_lock_order",
    "plus_equals",
    "pool_that_waits_for_itself",
    "printer_that_looked_already",
    "queue_never_drained",
    "room_nobody_announced",
    "sent_before_noted",
    "two_locks_for_one_datum",
    "wait_without_a_look",
]


@pytest.mark.parametrize("name", SHOWN)
def test_the_explanation_reads_as_recorded(name: str, record: bool) -> None:
    explanation = explain(load(name))
    short, full = as_lines(explanation), as_lines(explanation, full=True)
    text = "\n".join([*short, "", "-- full --", *full, ""])
    golden = RECORDED / f"{name}.txt"
    if record:
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


@pytest.mark.parametrize("node", WRONG, ids=lambda node: node.id)
def test_the_answer_is_the_one_that_the_node_s_header_wants(node: Node) -> None:
    found = load(node.id)
    diagnosis = diagnose(found)
    named = diagnosis.misconception
    answer = diagnosis.code, named.name if named else None, found.failing.findings[0].code, found.preemptions
    assert answer == (node.finds, node.misconception, node.outcome, node.preemptions)


@pytest.mark.parametrize("node", WRONG, ids=lambda node: node.id)
def test_the_short_form_has_twelve_lines_and_says_why(node: Node) -> None:
    explanation = explain(load(node.id))
    for width in (60, 80, 100):
        assert len(as_lines(explanation, width=width)) <= SHORT
    assert explanation.diagnosis.sentence
    assert explanation.diagnosis.fix
    assert explanation.columns


def test_nine_data_races_of_ten_name_both_handlers_both_lines_and_the_values() -> None:
    explained = [explain(load(node.id)) for node in WRONG]
    races = [one for one in explained if one.diagnosis.code == "data-race"]
    told = [explanation for explanation in races if _tells_both(explanation)]
    assert len(told) >= 0.9 * len(races)


VALUE = re.compile(r"(reads|writes|takes|puts|wakes|clears) \S")  # of a signal, set or cleared is all there is


def _tells_both(explanation: Explanation) -> bool:
    """Whether the short form shows two handlers, each with a line and a value, and the sentence two lines."""
    text = "\n".join(as_lines(explanation))
    told = {
        row.column
        for row in explanation.rows
        if row.matters and VALUE.match(row.brief) and f"{row.line} {row.source[:12]}" in text
    }
    shown = [column for column in told if explanation.columns[column].title[:20] in text]
    return len(shown) > 1 and explanation.diagnosis.sentence.count("(line ") > 1


def test_a_run_that_says_nothing_is_explained_all_the_same() -> None:
    found = load("plus_equals")
    bare = replace(found.failing, steps=(), decisions=(), stands=(), crashes=(), stuck=())
    nothing: Found = replace(found, failing=bare, passing=None, races=())
    assert diagnose(nothing).misconception is None
    assert as_lines(explain(nothing))
    assert as_lines(explain(nothing), full=True)


def test_the_name_goes_when_what_it_says_does_not_hold() -> None:
    found = load("plus_equals")
    locked = tuple(replace(step, held=("self.lock",)) for step in found.failing.steps)
    guarded = replace(found, failing=replace(found.failing, steps=locked))
    assert diagnose(guarded).misconception is None

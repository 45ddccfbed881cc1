"""A fix by one lock is tried on the schedule that fails, before it is given."""

from dataclasses import replace
from pathlib import Path

import pytest

from grader.explorer.diagnosis.evidence import gather
from grader.explorer.diagnosis.patterns import diagnose
from grader.explorer.diagnosis.tried import NOT_BY_A_LOCK
from grader.explorer.trace.model import IN_VAIN, Found
from tests.explorer.diagnosis.test_evidence import LOST_UPDATE
from tests.explorer.diagnosis.written import found, run, step
from tests.explorer.nodes import THREAD, write_node
from tests.explorer.races import nodes
from tests.explorer.recordings import explore
from tests.explorer.search.test_engine import within


def explored(name: str) -> Found:
    shown = explore(next(node for node in nodes("wrong") if node.id == name))
    assert shown is not None
    return shown


def test_a_lock_from_the_look_to_the_act_lets_the_schedule_pass() -> None:
    shown = explored("check_then_act")
    clash = gather(shown).clash
    assert clash is not None
    assert clash.second is not None
    assert shown.lock_until == clash.second.n


def test_a_lock_that_is_let_go_behind_the_clash_may_be_let_go_too_early(tmp_path: Path) -> None:
    """The number is read once more to be written: with the lock let go before that, it is another's by then."""
    read_again = """
def send(dest, body):
    global next_id
    mine = next_id
    next_id = mine + 1
    write(dest, {**body, "msg_id": next_id - 1})
"""
    code = """
from grader.checks.judge import judge
from grader.explorer.diagnosis.evidence import gather
from grader.explorer.search import counterexample
from grader.explorer.search.engine import learn

two = case("two-echoes")
learnt = learn(program, two, 60.0)
places = Places(set(learnt.racy), set(learnt.shared))
table = state_table.Table()
leaves = list(execution_tree.grow(program, two, places, 1, table, forks.Limit(), cuts=False))
fails = lambda leaf: bool(judge(two, leaf.transcript).findings)
told = []
for leaf in filter(fails, leaves):
    failing, passing = (
        execution_tree.follow(program, two, places, one.choices, record=True)
        for one in (leaf, next(one for one in leaves if not fails(one)))
    )
    found = counterexample.found("node.py", two, 0, failing, passing)
    clash = gather(found).clash
    if clash.kind == "stale":
        tried = counterexample.with_fix_tried(program, two, places, leaf.choices, found)
        last = found.failing.steps[tried.lock_until]
        told.append([clash.second.op, last.op, last.n > clash.second.n])
tell(told)
"""
    with within(write_node(tmp_path, read_again, THREAD), code) as (_, told):
        assert ["write", "read", True] in told


def test_where_nobody_was_preempted_nothing_is_tried() -> None:
    assert explored("aio_table_changed_across_await").lock_until is None


USED_LATER = run(*LOST_UPDATE.steps, step("T1", "read", "n", 9), outcome="duplicate-msg-id")


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (None, "from the one to the other"),
        (3, "from the one to the other"),
        (4, "to line 9, where n is used last"),
        (IN_VAIN, NOT_BY_A_LOCK),
    ],
)
def test_only_what_helps_is_given(until: int | None, said: str) -> None:
    diagnosis = diagnose(replace(found(USED_LATER, (0, 2)), lock_until=until))
    assert said in diagnosis.fix
    assert (diagnosis.misconception is None) == (until == IN_VAIN)


def test_a_fix_that_is_no_lock_is_not_touched_by_the_trial() -> None:
    shown = explored("current_request")
    assert diagnose(shown).fix == diagnose(replace(shown, lock_until=None)).fix

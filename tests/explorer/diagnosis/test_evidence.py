"""What a run shows, by small runs written by hand: one fact each, and the same run without it."""

from dataclasses import replace

import pytest

from grader.explorer.diagnosis.evidence import Evidence, gather
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Awaited, Crash, Run
from tests.explorer.diagnosis.written import C1, C2, came, found, lock, run, stand, step, went

LOST_UPDATE = run(
    step("T1", "read", "n", 1, value="1"),
    step("T2", "read", "n", 1, value="1"),
    step("T2", "write", "n", 2, value="1", written="2"),
    step("T1", "write", "n", 2, value="2", written="2"),
    outcome="duplicate-msg-id",
)


def evidence(failing: Run, *races: tuple[int, int], passes: bool = True) -> Evidence:
    return gather(found(failing, *races, passes=passes))


def test_a_lost_update_is_a_stale_write() -> None:
    each = evidence(LOST_UPDATE, (0, 2)).clash
    assert each is not None
    assert (each.kind, [one.n for one in each.steps]) == ("stale", [0, 2, 3])


def test_nothing_collided_where_no_order_helps() -> None:
    """But for what shows by itself that two requests have met: one carries what belongs to the other."""
    put_over = run(
        step("T1", "write", "n", 1, value="0", written="1"),
        step("T2", "write", "n", 1, value="1", written="2"),
        step("T1", "read", "n", 2, value="2"),
        outcome="wrong-payload",
    )
    assert evidence(put_over, (0, 1)).clash is not None
    assert evidence(put_over, (0, 1), passes=False).clash is None
    mixed = replace(put_over, findings=(replace(put_over.findings[0], code="cross-talk"),))
    assert evidence(mixed, (0, 1), passes=False).clash is not None


def test_who_waits_with_a_timeout_is_in_no_deadlock() -> None:
    forever = stand("T1", Resource.EVENT, "ready", 3)
    assert forever.waits_for is not None
    assert evidence(run(outcome="no-reply", stands=[forever]), passes=False).is_deadlock
    for_a_while = replace(forever, waits_for=replace(forever.waits_for, timeout=1000.0))
    assert not evidence(run(outcome="no-reply", stands=[for_a_while]), passes=False).is_deadlock
    asleep = stand("T2", Resource.CLOCK, "0.01 s", 4)
    assert not evidence(run(outcome="no-reply", stands=[forever, asleep]), passes=False).is_deadlock


def test_one_worker_alone_collides_with_nobody() -> None:
    alone = replace(
        LOST_UPDATE, steps=tuple(replace(one, worker="T1", handler=C1) for one in LOST_UPDATE.steps)
    )
    assert evidence(alone).clash is None


def test_a_count_of_itertools_is_one_step() -> None:
    counted = replace(LOST_UPDATE, steps=tuple(replace(one, atomic=True) for one in LOST_UPDATE.steps))
    assert evidence(counted, (0, 2)).clash is None


def test_what_one_has_put_there_another_overwrites() -> None:
    failing = run(
        step("T1", "write", "current", 1, value="None", written="'c1'"),
        step("T2", "write", "current", 1, value="'c1'", written="'c2'"),
        step("T1", "read", "current", 2, value="'c2'"),
        outcome="cross-talk",
    )
    each = evidence(failing, (0, 1)).clash
    assert each is not None
    assert each.kind == "overwritten"


def test_a_line_is_torn_where_another_writes_before_its_end() -> None:
    failing = run(
        step("T1", "write", "stdout", 1, written="'{'", kind=Resource.STDOUT),
        step("T2", "write", "stdout", 1, written="'{}\\n'", kind=Resource.STDOUT),
        outcome="torn-line",
    )
    each = evidence(failing).clash
    assert each is not None
    assert each.kind == "torn"


def test_a_variable_called_stdout_is_no_stdout() -> None:
    failing = run(
        step("T1", "write", "stdout", 1, value="0", written="1"),
        step("T2", "write", "stdout", 1, value="1", written="2"),
        outcome="torn-line",
    )
    each = evidence(failing).clash
    assert each is None or each.kind != "torn"


def test_a_value_that_says_running_is_no_generator() -> None:
    inside = run(
        step("T1", "write", "ids", 1, written="'running'", kind=Resource.GENERATOR),
        step("T2", "read", "ids", 2, value="'running'", kind=Resource.GENERATOR),
        outcome="no-reply",
    )
    assert evidence(inside).inside is not None
    plain = replace(inside, steps=tuple(replace(one, kind=None) for one in inside.steps))
    assert evidence(plain).inside is None


RING = (
    stand("T1", Resource.LOCK, "b", 3, held=("a",)),
    stand("T2", Resource.LOCK, "a", 4, held=("b",)),
)


def test_locks_in_a_ring() -> None:
    shown = evidence(run(outcome="no-reply", stands=RING))
    assert [one.worker for one in shown.ring] == ["T1", "T2"]
    assert shown.is_deadlock


def test_a_condition_of_the_same_name_is_no_lock() -> None:
    stands = tuple(
        replace(one, waits_for=Awaited(Resource.CONDITION, one.waits_for.name)) for one in RING if one.waits_for
    )
    assert evidence(run(outcome="no-reply", stands=stands)).ring == ()


def test_nobody_is_stuck_while_somebody_can_go_on() -> None:
    shown = evidence(run(outcome="no-reply", stands=(*RING, stand("T3"))))
    assert shown.blamed == ()
    assert not shown.is_deadlock


def test_who_waits_for_input_is_idle() -> None:
    assert evidence(run(outcome="no-reply", stands=[stand("main", Resource.INPUT)])).blamed == ()


def test_a_full_queue_whose_only_reader_puts() -> None:
    steps = [step("T1", "get", "inbox", 1, kind=Resource.QUEUE, value="1")]
    shown = evidence(run(*steps, outcome="no-reply", stands=[stand("T1", Resource.QUEUE, "inbox", put=True)]))
    assert shown.full is not None
    assert shown.full[1]
    fetching = evidence(run(*steps, outcome="no-reply", stands=[stand("T1", Resource.QUEUE, "inbox")]))
    assert fetching.full is None


@pytest.mark.parametrize("kind", [Resource.FUTURE, Resource.FUTURES])
def test_a_pool_that_waits_for_itself(kind: Resource) -> None:
    put = step("T1", "put", "pool", 1, kind=Resource.POOL, value="<function>")
    assert evidence(run(put, outcome="no-reply", stands=[stand("T1", kind, "f")])).starved
    got = step("T2", "get", "pool", 1, kind=Resource.POOL)
    assert not evidence(run(put, got, outcome="no-reply", stands=[stand("T1", kind, "f")])).starved


def signal(*between: object) -> Run:
    steps = [
        step("T2", "write", "ready", 1, value="False", written="True"),
        step("T2", "wake", "changed", 2, kind=Resource.CONDITION),
        *between,
    ]
    return run(*steps, outcome="no-reply", stands=[stand("T1", Resource.CONDITION, "changed", 5)])  # type: ignore[arg-type]


def test_a_signal_that_came_while_nobody_waited() -> None:
    lost = evidence(signal()).lost
    assert lost is not None
    assert (lost.signal.n, lost.stand.worker) == (1, "T1")


def test_who_has_looked_since_has_missed_no_signal() -> None:
    assert evidence(signal(step("T1", "read", "ready", 4, value="True"))).lost is None


TIMED_OUT = (came(0, C1), went(1, C1, type="error", code=0))


def test_who_gave_up_waited_in_vain() -> None:
    steps = [
        step("T1", "fire", "slot", 3, kind=Resource.QUEUE, held=("lock",)),
        step("T1", "out", line=4, event=1),
        lock("T2", "acquire", "lock", 5, waits_for=Awaited(Resource.LOCK, "lock")),
    ]
    shown = evidence(run(*steps, outcome="blocked", events=(1,), transcript=TIMED_OUT))
    assert shown.vain is not None
    assert [one.worker for one in shown.kept_out] == ["T2"]


def test_an_answer_that_came_is_no_giving_up() -> None:
    steps = [step("T1", "fire", "slot", 3, kind=Resource.QUEUE), step("T1", "out", line=4, event=1)]
    shown = evidence(run(*steps, outcome="wrong-payload", events=(1,), transcript=(came(0, C1), went(1, C1))))
    assert shown.vain is None


def test_what_lies_in_a_queue() -> None:
    put = step("main", "put", "inbox", 2, kind=Resource.QUEUE, value="{}")
    shown = evidence(run(put, outcome="lost-at-eof"))
    assert [one.place for one in shown.left] == ["inbox"]
    got = step("T1", "get", "inbox", 3, kind=Resource.QUEUE)
    assert evidence(run(put, got, outcome="lost-at-eof")).left == ()
    the_end = replace(put, value="None")
    assert evidence(run(the_end, outcome="lost-at-eof")).left == ()


def test_an_exception_counts_where_it_left_a_request_open() -> None:
    crash = Crash("T1", C1, "node.py", 3, "KeyError: 7", 0, "KeyError")
    failing = run(step("T1", "read", "n"), outcome="no-reply", crashes=[crash])
    assert evidence(failing).crash == crash
    answered = replace(failing, transcript=(*failing.transcript, went(2, C1)))
    assert evidence(answered).crash is None


def test_an_exception_that_comes_where_all_goes_right_too_ended_nobody_needed() -> None:
    crash = Crash("writer", None, "node.py", 3, "OSError", 0, "OSError")
    failing = run(step("writer", "read", "n"), outcome="no-reply", crashes=[crash])
    assert gather(found(failing)).crash == crash
    both = replace(found(failing), passing=run(crashes=[crash]))
    assert gather(both).crash is None


def test_a_task_that_its_loop_cut_off() -> None:
    steps = [
        step("Main", "await", line=1, task=True),
        step("Other", "await", line=2, task=True, handler=C2),
        step("Main", "end", task=True),
        step("Other", "end", task=True, handler=C2),
    ]
    assert [one.worker for one in evidence(run(*steps, outcome="lost-at-eof")).cut] == ["Other"]
    threads = [replace(one, task=False) for one in steps]
    assert evidence(run(*threads, outcome="lost-at-eof")).cut == ()

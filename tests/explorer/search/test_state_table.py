"""The table of states: where a run is cut off, and who may sleep on where it isn't."""

import pytest

from grader.explorer.runtime.sleep_sets import MOST, Sleepers
from grader.explorer.search.state_table import Table

HERE, THERE = 0x1234_5678_9ABC_DEF0, 0x0FED_CBA9_8765_4321


@pytest.fixture(scope="module")
def shared() -> Table:
    return Table()


@pytest.fixture
def table(shared: Table) -> Table:
    shared.clear()
    return shared


def test_a_new_state_is_explored_with_those_who_sleep(table: Table) -> None:
    assert table.visit(HERE, 0, 0b101) == 0b101
    assert table.visit(THERE, 0, 0) == 0


@pytest.mark.parametrize("asleep", [0b01, 0b11])
def test_a_run_is_cut_off_where_nobody_new_is_awake(table: Table, asleep: int) -> None:
    table.visit(HERE, 0, 0b01)
    assert table.visit(HERE, 0, asleep) is None


def test_who_slept_only_there_is_explored_now(table: Table) -> None:
    """(What the first visit left out because of him an elder sibling had covered, which this run hasn't.)"""
    table.visit(HERE, 0, 0b11)
    assert table.visit(HERE, 0, 0b01) == 0b01
    assert table.visit(HERE, 0, 0b01) is None


def test_what_two_visits_left_out_because_of_different_sleepers_is_left_out_by_neither(table: Table) -> None:
    table.visit(HERE, 0, 0b01)
    assert table.visit(HERE, 0, 0b10) == 0
    assert table.visit(HERE, 0, 0) is None


def test_a_visit_with_more_preemptions_covers_less(table: Table) -> None:
    table.visit(HERE, 1, 0)
    assert table.visit(HERE, 0, 0) == 0
    assert table.visit(HERE, 2, 0) is None


def test_fewer_preemptions_make_up_for_no_sleeper(table: Table) -> None:
    table.visit(HERE, 0, 0b1)
    assert table.visit(HERE, 1, 0) == 0


def test_what_is_forgotten_is_new(table: Table) -> None:
    table.visit(HERE, 0, 0)
    table.clear()
    assert table.visit(HERE, 0, 0) == 0


def asleep(*workers: int, to_next_point: bool = False) -> Sleepers:
    sleepers = Sleepers()
    for worker in workers:
        watched = Sleepers()
        watch = watched.watch(to_next_point=to_next_point)
        watched.touch(sleepers)
        watched.point(free=True)
        sleepers.turn(worker, watch.note())
    return sleepers


def test_who_sleeps_is_told_by_states_not_by_numbers() -> None:
    assert asleep(0).as_bits([7, 3]) == asleep(1).as_bits([3, 7])
    assert asleep(0).as_bits([7, 3]) != asleep(1).as_bits([7, 3])


def test_of_alike_workers_any_may_be_the_one_who_sleeps() -> None:
    assert asleep(0).as_bits([3, 3]) == asleep(1).as_bits([3, 3])


def test_a_sleep_to_the_next_point_is_deeper() -> None:
    deep, light = (asleep(0, to_next_point=short).as_bits([1]) for short in (True, False))
    assert light & deep == light != deep
    sleepers = asleep(0, to_next_point=True)
    sleepers.keep(light, [1])
    assert 0 not in sleepers


def test_who_may_not_sleep_on_is_woken() -> None:
    states = [5, 6, 7]
    sleepers = asleep(0, 2)
    sleepers.keep(asleep(2).as_bits(states), states)
    assert [worker in sleepers for worker in range(3)] == [False, False, True]


def test_who_has_no_bit_is_woken() -> None:
    sleepers = asleep(MOST)
    assert sleepers.as_bits(list(range(MOST + 1))) == 0
    assert MOST not in sleepers

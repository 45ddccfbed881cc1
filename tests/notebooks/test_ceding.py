"""Where a coroutine cedes control: found out by running it, alone and in company."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from grader.notebook import marked, numbered, watch
from grader.notebook.exercises.ceding import CEDES, ceded


async def nothing() -> None:
    pass


async def some() -> str:
    await nothing()
    await asyncio.sleep(0)
    task = asyncio.create_task(nothing())
    await task
    await task
    for _ in range(2):
        await asyncio.sleep(0)
    async with asyncio.Lock():
        return "done"


async def raising() -> None:
    try:
        await asyncio.wait_for(asyncio.Event().wait(), 0.001)
    except TimeoutError:
        await asyncio.sleep(0)
    raise LookupError


def test_only_real_waits_count_and_in_order() -> None:
    assert asyncio.run(ceded(some)) == [3, 5, 8, 8]


def test_others_do_go_on_there_as_if_nobody_watched() -> None:
    turns = []

    async def other() -> None:
        while True:
            turns.append(1)
            await asyncio.sleep(0)

    async def beside(work: Coroutine[Any, Any, object]) -> int:
        turns.clear()
        task = asyncio.create_task(other())
        await work
        task.cancel()
        return len(turns)

    watched, unwatched = asyncio.run(beside(ceded(some))), asyncio.run(beside(some()))
    assert watched == unwatched > 3


def test_what_it_raises_is_raised() -> None:
    with pytest.raises(LookupError):
        asyncio.run(ceded(raising))


def test_a_cancellation_gets_through() -> None:
    async def cancelled() -> None:
        task = asyncio.ensure_future(ceded(endless))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await task

    cleaned = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append(1)

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
    assert cleaned == [1]


def test_watch_marks_the_lines() -> None:
    lines = asyncio.run(watch(some)).text.splitlines()
    assert [n for n, line in enumerate(lines, 1) if line.endswith(CEDES)] == [3, 5, 8]
    assert lines[0] == " 1  async def some() -> str:"
    assert CEDES not in numbered(some).text


@pytest.mark.parametrize(
    ("points", "says"),
    [
        ({3, 5, 8}, " 3  "),
        ({3, 5}, "not among yours: 1"),
        ({3, 5, 8, 2}, "line 2: nobody else goes on there"),
        ({}, "{3, 5}"),
        (None, "{3, 5}"),
        ({"3", "5"}, "no quotes"),
        (3, "{3, 5}"),
    ],
)
def test_points_are_compared_with_a_run(points: Any, says: str) -> None:
    judged = asyncio.run(marked(some, points))
    assert judged.ok == (points == {3, 5, 8})
    assert says in judged.why

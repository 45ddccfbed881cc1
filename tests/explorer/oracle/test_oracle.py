"""The explorer against the plain one, on programs that nobody thought up; and what the plain one itself finds.

More of them, and larger ones: `python -m tests.explorer.oracle --programs 10000`.
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.explorer.oracle.grammar import programs
from tests.explorer.oracle.law import Compared, compare
from tests.explorer.oracle.plain import TooMany, outcomes
from tests.explorer.oracle.program import Program, Statement
from tests.explorer.oracle.real import Explorer

SEEDS, EACH = range(10), 10  # a hundred programs, the same ones each time
RUNS = 400  # of the plain explorer: enough for one preemption, and for two in the tiniest


@pytest.fixture(scope="module")
def explorer() -> Iterator[Explorer]:
    with Explorer() as process:
        yield process


@pytest.mark.parametrize("number", SEEDS)
def test_what_the_plain_explorer_finds_the_other_finds_too(explorer: Explorer, number: int) -> None:
    told: list[Compared] = []

    @seed(number)
    @settings(
        max_examples=EACH, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(programs())
    def each(program: Program) -> None:
        told.append(compare(explorer, program, RUNS))

    each()
    assert [str(one) for one in told if one.missed] == []
    assert any(one.kind == "alike" for one in told)


def of(*handlers: str) -> Program:
    """A program, a statement a handler; or one a line, with ";" between them."""
    return Program(tuple(tuple(Statement(part) for part in text.split("; ")) for text in handlers))


def ends(program: Program, most: int) -> set[str]:
    """The states in the end, of runs in which all come to it; "stuck" for the others."""
    return {dict(outcome).get("end", "stuck") for outcome in outcomes(program, most, 5_000).fewest}


LOST = of("s.a += 1", "s.a += 1")
CIRCLE = of("with L:\n    with M:\n        g = 1", "with M:\n    with L:\n        g = 1")
MISSED = of("if not s.a:\n    with C:\n        C.wait()", "with C:\n    s.a = 1\n    C.notify()")
CALLED_BACK = of("l.sort(key=lambda v: -v)", "l.append(?)".replace("?", "3"))
TIMED = of("r.append(L.acquire(timeout=0.5))", "with L:\n    g = 1")


GONE = of("r.append(s.c); del s.c", "r.append(s.c); del s.c")
FOR_NOTHING = of(
    "w = Thread(target=lambda: None); w.start(); P.add_done_callback(lambda _: r.append(1)); "
    "P.add_done_callback(lambda _: r.append(2)); w.join()",
    "P.set_result(0)",
)
EMPTY = of("r.append(bool(d))", "d.clear()")

LATE = Program(
    (
        (Statement("pass"),),
        (Statement("with L:\n    r.append(E.wait(0.1))"),),
        (Statement("r.append(Z.acquire(timeout=0.2))"), Statement("r.append(L.acquire(timeout=0.1))")),
    )
)
GONE_THROUGH = (  # after a look: an iterator keeps the size that a dict has where it begins
    "r.append(len(d)); r.append([key for key in d])",
    "r.append(len(d)); r.append([n for n, _ in enumerate(d)])",
    "r.append(len(d)); r.append([key for key in reversed(d)])",
    "r.append(len(d)); r.append(list(enumerate(d)))",
    "v = d.items(); r.append(len(d)); r.append([key for key, _ in v])",
)
LOOKED_AT = (  # a value that has a name elsewhere, and is asked for what it holds
    "a, *rest = l or [9]; r.append(a)",
    "a = []; a += l or [9]; r.append(a)",
    "a = [0]; a += [1] if not l else l; r.append(a)",
    "a = [0]; a[:] = l if l else [1]; r.append(a)",
    "a = [0] if l else []; a.extend(l); r.append(a)",
    "a = {0} if l else set(); a.update(l); r.append(sorted(a))",
    "a = {2} if l else set(); r.append(a.issubset(l))",
    "a = 1 if l else 0; r.append((l in [[]], a))",
    "a = [1] if l else [0]; r.append(max(a, l))",
    "k = lambda: l; a = 1 if l else 0; r.append((not k(), a))",
    "k = lambda: l; a = [0] if l else []; r.append(k() == a)",
)
CASE_BY_CASE = (
    of(
        "match s:\n    case Shared(a=0):\n        r.append(0)\n    case Shared(a=1):\n        r.append(1)",
        "s.a = 1",
        "s.a = 0",
    ),
    of(
        "match s:\n    case Shared(c=0) if s.a == 2:\n        r.append(0)\n"
        "    case Shared(c=1):\n        r.append(1)",
        "s.c = 1; s.c = 0",
    ),
    of(
        "match l:\n    case []:\n        r.append(0)\n    case [_]:\n        r.append(1)",
        "l.clear(); l.append(1)",
    ),
    of(
        "match d:\n    case {'y': 1}:\n        r.append(1)\n    case {'x': 0}:\n        r.append(0)",
        "d['x'] = 1; d['y'] = 1",
    ),
)
BESIDE_A_LOOP = (  # a task, and a thread that uses what belongs to the task's loop
    Program((of("r.append(N.qsize())").handlers[0], of("N.put_nowait(0)").handlers[0]), 1),
    Program((of("await V.wait(); r.append(s.a)").handlers[0], of("V.set()").handlers[0]), 1),
    Program((of("r.append(await N.get())").handlers[0], of("N.put_nowait(2)").handlers[0]), 1),
    Program(
        (
            of(
                "try:\n    await asyncio.wait_for(V.wait(), 0.1)\nexcept TimeoutError:\n    r.append(5)"
            ).handlers[0],
            of("loop.call_soon_threadsafe(V.set)").handlers[0],
        ),
        1,
    ),
    Program(
        (
            of("await asyncio.to_thread(bump)").handlers[0],
            of(
                "try:\n    async with asyncio.timeout(0.1):\n        await asyncio.to_thread(bump)\n"
                "except TimeoutError:\n    r.append(5); r.append(get())"
            ).handlers[0],
        ),
        2,  # one worker may well do both
    ),
)
SEVERAL_LOOKS = (
    "match l:\n    case [x, *_]:\n        r.append(x)",
    "match d:\n    case {'x': 0, **rest}:\n        r.append(rest)",
    "match s:\n    case Shared(a=0) | Shared(a=1):\n        r.append(1)",
)


@pytest.mark.parametrize(
    "program",
    [
        *CASE_BY_CASE,
        *BESIDE_A_LOOP,
        GONE,
        FOR_NOTHING,
        EMPTY,
        LATE,
        *(of(text, "l.clear()") for text in LOOKED_AT),
        *(of(text, "del d['x']") for text in GONE_THROUGH),
    ],
    ids=[
        "cases of a class",
        "a guard between",
        "cases of a list",
        "cases of a dict",
        "a queue's size",
        "an event set from outside",
        "a queue filled from outside",
        "a loop that is closed",
        "two for a pool",
        "an attribute that is gone",
        "a thread that does nothing is joined",
        "bool looks into a container",
        "a wait begins later",
        *LOOKED_AT,
        *GONE_THROUGH,
    ],
)
def test_what_longer_runs_have_found(explorer: Explorer, program: Program) -> None:
    assert compare(explorer, program).kind == "alike"


@pytest.mark.parametrize("text", SEVERAL_LOOKS)
@pytest.mark.parametrize("lock", ["L", ""])
def test_a_pattern_that_looks_twice_is_one_step_only_where_nobody_comes_between(
    explorer: Explorer, text: str, lock: str
) -> None:
    change = "l.clear(); d.clear(); s.a = 1"
    if lock:
        text, change = (
            f"with {lock}:\n    " + each.replace("\n", "\n    ") for each in (text, change.replace("; ", "\n"))
        )
    said = explorer.explore(of(text, change), 1)
    assert said.complete_to == (1 if lock else -1)
    assert ("looks more than once" in said.escaped) is not bool(lock)


@pytest.mark.parametrize(
    ("program", "before", "after"),
    [
        (LOST, {"[2, 0]"}, {"[2, 0]", "[1, 0]"}),
        (CIRCLE, {"[1]"}, {"[1]", "stuck"}),
        (MISSED, {"[1, 0]"}, {"[1, 0]", "stuck"}),
    ],
    ids=["lost update", "circle of locks", "missed notify"],
)
def test_the_plain_explorer_finds_what_takes_one_preemption(
    program: Program, before: set[str], after: set[str]
) -> None:
    assert (ends(program, 0), ends(program, 1)) == (before, after)


def test_a_callback_of_c_can_be_interrupted() -> None:
    """`sort` notices that another thread has changed the list meanwhile."""
    assert any("ValueError" in str(outcome) for outcome in outcomes(CALLED_BACK, 1, 5_000).fewest)


@pytest.mark.parametrize(("most", "expected"), [(0, False), (1, True)])
def test_a_long_wait_runs_out_early_once_there_are_preemptions(most: int, expected: bool) -> None:
    ran_out = ["false" in dict(outcome).get("0", "") for outcome in outcomes(TIMED, most, 5_000).fewest]
    assert any(ran_out) is expected


def test_who_has_too_many_schedules_is_given_up_on() -> None:
    with pytest.raises(TooMany):
        outcomes(LOST, 2, 10)

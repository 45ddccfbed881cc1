"""The tree of all runs up to so many preemptions: each alternative is a fork of the process that chooses.

A process that has to choose takes the plain way itself, and forks a child for each of the others, which waits
until it is wanted: when its parent's run is over, the last one first. So no beginning is run twice, and what
is near to the plain schedule is seen before what is far. It is the plain way that keeps its process, since a
fork costs the system the more, the more forks its process descends from: so these are few. Where a state has
been reached before, with as few preemptions, a run is cut off: what can follow from there has been seen.
"""

import ctypes
import mmap
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NoReturn

from grader.cases import Case
from grader.explorer import real, sandbox
from grader.explorer.letters import Letters, letter
from grader.explorer.loading import Program
from grader.explorer.races import pairs
from grader.explorer.record import Crash, Decision, Stand, Step
from grader.explorer.recorder import Recorder
from grader.explorer.scheduler import Option, Places, Scheduler, Worker
from grader.transcript import Transcript

_fork = ctypes.PyDLL(None).fork  # without Python's hooks, which would touch the node's own threads

SLOTS = 1 << 20  # of the table of states
DEEPEST = 150  # choices: behind, the plain way comes last, since else each choice keeps a process waiting
SILENCE = 3.0  # seconds without a word from the runs: one of them is stuck

Held = tuple[int, int]  # a child that waits for its turn: its process, and the pipe that lets it go


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a run was: whole, or cut off. `choices` are the places of the options taken, in order."""

    cut: bool
    choices: tuple[int, ...]
    preemptions: int
    racy: frozenset[int]  # places that it has taught
    shared: frozenset[tuple[object, ...]]
    transcript: Transcript = ()
    trace: int = 0
    escaped: str = ""
    crashes: int = 0
    decisions: int = 0


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run that was recorded, as far as the process that made it knows it."""

    leaf: Leaf
    steps: tuple[Step, ...]
    decisions: tuple[Decision, ...]
    stands: tuple[Stand, ...]
    stuck: tuple[Stand, ...]
    crashes: tuple[Crash, ...]
    races: tuple[tuple[int, int], ...]
    sources: tuple[tuple[str, tuple[str, ...]], ...]
    options: tuple[str, ...] = ()  # who could go on, where the run was stopped at a choice


class Stuck(Exception):
    """A run that neither ends nor chooses any more; the text says where it is."""


@dataclass(slots=True)
class Table:
    """States that were reached, and with how few preemptions; all processes of a tree share it."""

    memory: mmap.mmap = field(default_factory=lambda: mmap.mmap(-1, (SLOTS + 1) * 8))
    slots: memoryview = field(init=False)

    def __post_init__(self) -> None:
        self.slots = memoryview(self.memory).cast("Q")

    def clear(self) -> None:
        self.memory.seek(0)
        self.memory.write(bytes((SLOTS + 1) * 8))

    def was_reached(self, key: int, preemptions: int) -> bool:
        """Whether this state was reached with as few preemptions; from now on it was."""
        tag = (key & ~7) | 4
        place = (key >> 5) % SLOTS
        while (entry := self.slots[place]) and entry & ~3 != tag:
            place = (place + 1) % SLOTS
        if entry and entry & 3 <= preemptions:
            return True
        if not entry:
            self.slots[SLOTS] += 1
        self.slots[place] = tag | preemptions
        return False

    @property
    def is_full(self) -> bool:
        return self.slots[SLOTS] > SLOTS * 3 // 4


def grow(
    program: Program, case: Case, places: Places, level: int, table: Table, deadline: float
) -> Iterator[Leaf]:
    """All runs with at most `level` preemptions, as they end. Raises TimeoutError at the deadline, Stuck.

    Stop taking from it to stop the runs.
    """
    table.clear()

    def choose(run: Scheduler, worker: Worker, options: Sequence[Option], costly: bool) -> int:
        current = worker if costly or options[0].kind == "arrival" else None
        if table.was_reached(run.key(current), run.preemptions):
            end(_leaf(run, choices, cut=True))
        ways = [p for p, option in enumerate(options) if run.preemptions + option.cost <= level]
        is_deep = len(choices) >= DEEPEST
        for way in ways[1:] if is_deep else ways[:0:-1]:
            if _branches(held, at_once=is_deep):
                choices.append(way)
                return way
        choices.append(ways[0])
        return ways[0]

    choices: list[int] = []
    held: list[Held] = []
    reading, writing = os.pipe()

    def finish(run: Scheduler, escaped: str) -> NoReturn:
        end(_leaf(run, choices, escaped=escaped))

    def end(leaf: Leaf) -> NoReturn:
        _tell(writing, leaf)
        _let_go(held)
        real.leave(0)

    root = _start(lambda: sandbox.play(program, case, choose, places, finish), reading, writing)
    os.close(writing)
    try:
        for message in _messages(reading, deadline):
            assert isinstance(message, Leaf)
            yield message
    finally:
        os.close(reading)
        _end(root)


def _branches(held: list[Held], *, at_once: bool) -> bool:
    """Fork a child that goes another way: True in the child, when its turn has come, False in its parent.

    `held` are the children that wait; with `at_once` the child goes first, and it is the parent that waits.
    """
    reading, writing = real.pipe()
    child: int = _fork()
    if child == 0:
        real.close(writing)
        for _, other in held:
            real.close(other)
        held.clear()  # they are its parent's
        if not real.read(reading, 1):
            real.leave(0)  # its parent is gone
        real.close(reading)
        return True
    real.close(reading)
    held.append((child, writing))
    if at_once:
        _let_go([held.pop()])
    return False


def _let_go(held: Sequence[Held]) -> None:
    """Let these children go, the last one first, each when the one before has ended."""
    for child, writing in reversed(held):
        with suppress(BrokenPipeError):  # it has been ended
            real.write(writing, b"\0")
        real.close(writing)
        os.waitpid(child, 0)


def follow(
    program: Program,
    case: Case,
    places: Places,
    choices: Sequence[int],
    *,
    record: bool = False,
    pause: bool = False,
) -> Recorded:
    """One run that takes these choices, and the first option behind them. Raises Stuck.

    `pause`: it ends at the first choice behind them, and says what the options are.
    """
    reading, writing = os.pipe()
    taken: list[int] = []
    recorder = Recorder(program.sources) if record else None

    def choose(run: Scheduler, _worker: Worker, options: Sequence[Option], _costly: bool) -> int:
        if pause and len(taken) == len(choices):
            tell(run, "", tuple(option.name for option in options))
        place = choices[len(taken)] if len(taken) < len(choices) else 0
        place = place if place < len(options) else 0
        taken.append(place)
        return place

    def finish(run: Scheduler, escaped: str) -> NoReturn:
        tell(run, escaped, ())

    def tell(run: Scheduler, escaped: str, options: tuple[str, ...]) -> NoReturn:
        leaf = _leaf(run, taken, escaped=escaped)
        if recorder is None:
            _tell(writing, Recorded(leaf, (), (), (), (), (), (), ()))
        else:
            stands = recorder.stands()
            _tell(
                writing,
                Recorded(
                    leaf,
                    tuple(recorder.steps),
                    tuple(recorder.decisions),
                    stands,
                    run.world.stuck or stands,
                    tuple(recorder.crashes),
                    pairs(recorder.steps, recorder.knew),
                    tuple((run.sources.short(f), lines) for f, lines in run.sources.lines.items()),
                    options,
                ),
            )
        real.leave(0)

    root = _start(lambda: sandbox.play(program, case, choose, places, finish, recorder), reading, writing)
    os.close(writing)
    try:
        message = next(_messages(reading, real.now() + 10 * SILENCE), None)
    finally:
        os.close(reading)
        _end(root)
    if not isinstance(message, Recorded):
        raise Stuck("a run ended without a word")
    return message


def _leaf(run: Scheduler, choices: Sequence[int], *, cut: bool = False, escaped: str = "") -> Leaf:
    learnt = run.learnt
    return Leaf(
        cut, tuple(choices), run.preemptions, frozenset(learnt.racy - run.places.racy),
        frozenset(learnt.shared - run.places.shared), () if cut else tuple(run.world.events),
        0 if cut else run.trace(), escaped, len(run.crashes), run.decisions,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Failure:
    """An error of our own, in a process that makes runs."""

    text: str


def _start(work: Callable[[], NoReturn], reading: int, writing: int) -> int:
    """Do it in a process of its own, the first of a group."""
    root: int = _fork()
    if root == 0:
        try:
            os.close(reading)
            os.setpgid(0, 0)
            work()
        except BaseException:
            import traceback

            _tell(writing, _Failure(traceback.format_exc()))
        real.leave(0)
    return root


def _end(root: int) -> None:
    """End a group of processes, and wait for its first."""
    try:
        os.killpg(root, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        os.kill(root, signal.SIGKILL)
    os.waitpid(root, 0)


def _tell(writing: int, message: object) -> None:
    data = letter(message)
    while data:
        data = data[real.write(writing, data) :]


def _messages(reading: int, deadline: float) -> Iterator[object]:
    """What processes tell, until the last of them has ended."""
    letters = Letters()
    while True:
        now = real.now()
        ready, _, _ = real.select([reading], [], [], max(0.0, min(SILENCE, deadline - now)))
        if not ready:
            if real.now() >= deadline:
                raise TimeoutError
            raise Stuck("it neither ends nor waits, or it waits in a call that Python can't see into")
        chunk = real.read(reading, 1 << 20)
        if not chunk:
            return
        for message in letters.feed(chunk):
            if isinstance(message, _Failure):
                raise RuntimeError(message.text)
            yield message

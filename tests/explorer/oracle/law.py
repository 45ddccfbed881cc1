"""What both explorers must agree on, and programs with which they don't.

What the plain one finds with so many preemptions the other must find; where that says *complete to k*, it must
have seen every outcome that the plain one has seen with at most *k*. And what it has seen must be possible.
"""

from contextlib import suppress
from dataclasses import dataclass

from tests.explorer.oracle.plain import TooMany, outcomes
from tests.explorer.oracle.program import Outcome, Program
from tests.explorer.oracle.real import Explorer, Said

RUNS = 2_500  # of the plain explorer: enough for one preemption, and for two in the tiniest programs


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of one program. `missed` are outcomes not seen by the explorer, which says *complete*."""

    program: Program
    level: int  # preemptions; -1: the plain explorer had too many schedules
    said: Said
    missed: tuple[Outcome, ...] = ()

    @property
    def kind(self) -> str:
        """One word for it."""
        if self.level < 0:
            return "too many schedules"
        if self.missed:
            return "falsely complete"
        return "alike" if self.said.complete_to >= self.level else "open or inconclusive"

    def __str__(self) -> str:
        said = f"complete to {self.said.complete_to}; {self.said.schedules} schedules {self.said.escaped}"
        missed = "\n".join(f"missed: {outcome}" for outcome in self.missed)
        return f"{self.program.text}\n{said}\n{missed}"


def compare(explorer: Explorer, program: Program, runs: int = RUNS) -> Compared:
    """Run both on the program, with two preemptions if the plain one has the runs for it, else with one."""
    try:
        level, plain = 1, outcomes(program, 1, runs)
    except TooMany:
        return Compared(program, -1, Said(-1, "", 0, frozenset()))
    if plain.runs**2 <= 4 * runs:  # with two there are about a quarter of the square
        with suppress(TooMany):
            level, plain = 2, outcomes(program, 2, runs)
    said = explorer.explore(program, level)
    missed = [
        outcome
        for outcome, preemptions in plain.fewest.items()
        if preemptions <= said.complete_to and outcome not in said.outcomes
    ]
    return Compared(program, level, said, tuple(missed))


def smallest(explorer: Explorer, compared: Compared) -> Compared:
    """The smallest program that differs likewise, without one statement after another."""
    for program in compared.program.smaller():
        fewer = compare(explorer, program)
        if fewer.missed:
            return smallest(explorer, fewer)
    return compared

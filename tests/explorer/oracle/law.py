"""What both explorers must agree on, and programs with which they don't.

What the plain one finds with so many preemptions the other must find; where that says *complete to k*, it must
have seen every outcome that the plain one has seen with at most *k*. And what it has seen must be possible.
"""

from dataclasses import dataclass

from tests.explorer.oracle.plain import TooMany, outcomes
from tests.explorer.oracle.program import Outcome, Program
from tests.explorer.oracle.real import Explorer, Said

LEVELS = (2, 1)  # preemptions: as many as the plain explorer has runs for
RUNS = 2_500


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
    """Run both on the program."""
    for level in LEVELS:
        try:
            plain = outcomes(program, level, runs)
        except TooMany:
            continue
        said = explorer.explore(program, level)
        missed = [
            outcome
            for outcome, preemptions in plain.items()
            if preemptions <= said.complete_to and outcome not in said.outcomes
        ]
        return Compared(program, level, said, tuple(missed))
    return Compared(program, -1, Said(-1, "", 0, frozenset()))


def smallest(explorer: Explorer, compared: Compared) -> Compared:
    """The smallest program that differs likewise, without one statement after another."""
    for program in compared.program.smaller():
        fewer = compare(explorer, program)
        if fewer.missed:
            return smallest(explorer, fewer)
    return compared

"""What a search has covered: to how many preemptions it is complete, where it stopped, and why. Data only."""

from dataclasses import dataclass

UNDECIDED = "inconclusive: "
INTERRUPT = "interrupt"  # what stopped an exploration that somebody interrupted
BUDGET = "budget"  # what stopped it when so much was spent
FEW = ": too few to show a missing lock"  # so it passes, and nobody should call it safe
LIMITS = (BUDGET, "table of states", INTERRUPT)  # what stops an exploration, but for a run that escapes


def preemptions(count: int) -> str:
    """So many preemptions, in words."""
    return f"{count} preemption{'s' * (count != 1)}"


@dataclass(frozen=True, slots=True)
class Explored:
    """What was covered of one case.

    *Complete to k*: every schedule with at most k preemptions was run, up to the order of independent steps,
    and none fails; -1 if not even level 0 was. *Open at k*: so many schedules were run at this level, and why
    it stopped. `escaped`: what was not under control; then nothing is claimed.
    """

    complete_to: int = -1
    open_at: int | None = None
    schedules: int = 0
    distinct: int = 0
    stopped: str = ""
    escaped: tuple[str, ...] = ()
    long_waits: int = 0  # so many at most ran out early; 0 too if there are none in the node

    @property
    def is_shallow(self) -> bool:
        """Whether the budget ended before one preemption was tried everywhere: a missing lock may not show."""
        return self.complete_to < 1 and self.stopped == BUDGET

    @property
    def note(self) -> str:
        """What was covered, in words."""
        if self.escaped:
            why = UNDECIDED if self.stopped == "inconclusive" else ""
            return f"{why}{'; '.join(self.escaped)}"
        runs = f"{self.schedules} schedule{'s' * (self.schedules != 1)}, {self.distinct} distinct"
        if self.stopped == "found":
            return f"found; {runs}"
        parts = []
        if self.complete_to >= 0:
            waits = f" and {self.long_waits} long wait that runs out early" * bool(self.long_waits)
            parts.append(f"complete to {preemptions(self.complete_to)}{waits * bool(self.complete_to)}")
        if self.open_at is not None:
            by = "by the" if self.stopped in LIMITS else "where"
            parts.append(f"open at {preemptions(self.open_at)} (stopped {by} {self.stopped})")
        few = FEW if self.is_shallow else ""
        return f"{', '.join(parts)}; {runs}{few}"

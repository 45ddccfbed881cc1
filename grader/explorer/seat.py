"""The seat at the scheduler: a node's run, one choice after another, forward and back.

    seat = Seat("node.py", select(["interleaving"], ["two-echoes"])[0])
    seat.options                 # who may go on: ("main", "Thread-1 (handle)")
    seat.take("Thread-1 (handle)")
    seat.stands                  # where everybody stands: line, locals, locks held, waiting for what
    seat.back()

Each position is a run of its own, made from the start, so that to go back is as easy as to go on.
"""

from dataclasses import dataclass, replace

from grader.cases.model import Case
from grader.checks.findings import Finding
from grader.checks.judge import judge
from grader.conversation.transcript import Transcript
from grader.explorer.client import PATIENCE, Gone, ask
from grader.explorer.runtime.launch import of_file
from grader.explorer.search.execution_tree import Recorded
from grader.explorer.server import Job
from grader.explorer.trace.model import Decision, Replayable, Stand, Step

LEARNING = 3.0  # seconds, to find out where a node's choices are


@dataclass(frozen=True, slots=True)
class Position:
    """A run up to a choice, or to its end: then there are no options, and `findings` says how it went."""

    options: tuple[str, ...]
    steps: tuple[Step, ...]
    decisions: tuple[Decision, ...]
    stands: tuple[Stand, ...]
    transcript: Transcript
    findings: tuple[Finding, ...] = ()


class Seat:
    """One node and one case. Raises Gone, with the reason, if the node can't be run under the scheduler.

    `schedule` are choices to begin with (of a replay, say); without it, the places where there are choices
    are found out first, which takes a few seconds.
    """

    def __init__(self, node: str, case: Case, schedule: Replayable | None = None) -> None:
        self.launch, self.case = of_file(node), case
        self.schedule = schedule or self._learnt()
        self.position = self._go(self.schedule)

    @property
    def options(self) -> tuple[str, ...]:
        """Who may go on now; the first is the one who would if nobody chose. Empty at the end."""
        return self.position.options

    @property
    def stands(self) -> tuple[Stand, ...]:
        """Where each thread and task stands now."""
        return self.position.stands

    def take(self, option: str | int = 0) -> Position:
        """Let this one go on, up to the next choice. Raises ValueError if it isn't an option."""
        place = option if isinstance(option, int) else -1
        if isinstance(option, str) and option in self.options:
            place = self.options.index(option)
        if not 0 <= place < len(self.options):
            raise ValueError(
                f"{option!r} can't go on; who can: {', '.join(self.options) or 'nobody, it is over'}"
            )
        return self._move((*self.schedule.choices, place))

    def back(self) -> Position:
        """Take the last choice back. At the beginning nothing changes."""
        return self._move(self.schedule.choices[:-1])

    def _move(self, choices: tuple[int, ...]) -> Position:
        schedule = replace(self.schedule, choices=choices)
        self.position = self._go(schedule)
        self.schedule = schedule
        return self.position

    def _learnt(self) -> Replayable:
        message = next(ask(Job(self.launch, (self.case,), LEARNING, is_seat=True), LEARNING + PATIENCE), None)
        if not isinstance(message, Replayable):
            raise Gone("the explorer ended without a word")
        return message

    def _go(self, schedule: Replayable) -> Position:
        job = Job(self.launch, (self.case,), 0.0, again=schedule, is_seat=True)
        message = next(ask(job, PATIENCE), None)
        if not isinstance(message, Recorded):
            raise Gone("the run ended without a word")
        transcript = message.leaf.transcript
        return Position(
            message.options,
            message.steps,
            message.decisions,
            message.stands,
            transcript,
            () if message.options else judge(self.case, transcript).findings,
        )

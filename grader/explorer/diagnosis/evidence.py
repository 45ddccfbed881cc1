"""What a recorded run shows: computed once, before anything is concluded from it. Pure functions.

The patterns read this and nothing else; none of it says yet what is wrong.
"""

from dataclasses import dataclass

from grader.explorer.diagnosis.conflicts import MISSED, Clash, StepTrio, concerned, ending
from grader.explorer.diagnosis.handing_on import (
    began_first,
    emptied,
    held_up_loop,
    let_go_too_early,
    set_for_all,
    shown_too_early,
    told_too_early,
)
from grader.explorer.diagnosis.relevance import clash
from grader.explorer.diagnosis.signals import (
    LostSignal,
    kept_out,
    looked_too_early,
    lost_signal,
    slept_on,
    waited_in_vain,
    waited_too_late,
    without_permit,
    woken_for_nothing,
)
from grader.explorer.diagnosis.unfinished import (
    cut_off,
    fatal,
    left_in_queues,
    let_go_before,
    lying,
    taken_before,
    unanswered,
)
from grader.explorer.diagnosis.waiting import (
    crossing,
    full,
    has_timeout,
    misled,
    never_let_go,
    not_counted,
    rests,
    ring,
    starved,
    stuck,
    waits_for,
)
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Crash, Found, Run, Stand, Step
from grader.explorer.trace.races import Pair, both_inside
from grader.protocol.messages import NotAMessage, parse

UNFINISHED = ("no-reply", "hung-after-eof", "lost-at-eof", "not-flushed", "blocked")
MIXED = ("cross-talk",)
TIMED_OUT = 0  # the protocol's error code of who gave up


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a failing run."""

    run: Run
    passing: Run | None  # the nearest run that passes
    races: tuple[Pair, ...]  # pairs of accesses that nothing keeps in order
    outcome: str  # the code of the judge's leading finding; of an error that is missing, what any answer has
    clash: Clash | None  # how two workers collided over a datum
    ended: Crash | None  # the exception that came of that
    inside: tuple[Step, Step] | None  # who ran a generator, and who wanted its next value
    crash: Crash | None  # an exception that ended the worker that should have answered
    unfinished: StepTrio | None  # what that worker missed in an object that others were let find too early
    freed: StepTrio | None  # what that worker had found by a weak reference, and another let go of
    taken: tuple[Step, Step] | None  # who had taken what that worker then missed
    blamed: tuple[Stand, ...]  # workers that wait for ever
    ring: tuple[Stand, ...]  # threads that wait for one another's locks in a circle
    crossing: tuple[Stand, ...]  # the same of tasks
    kept: tuple[Step, Stand] | None  # a lock that was never let go, and who waits for it
    uncounted: Stand | None  # a queue's join that never ends
    full: tuple[Stand, bool] | None  # a queue without room
    starved: tuple[Stand, ...]  # a pool whose workers all wait for what lies in it
    lost: LostSignal | None  # a signal that nobody heard
    misled: bool  # the collision is why somebody waits
    vain: Step | None  # the wait for a peer that was given up
    woken: tuple[Step, Step] | None  # that wait was woken too soon
    looked: tuple[Step, Step, Step] | None  # its worker had looked too early
    late: tuple[Step, Step, Step] | None  # it began too late
    slept: StepTrio | None  # how another handler missed its signal, and slept on
    kept_out: tuple[Step, ...]  # who stood before a lock that was held during that wait
    no_permit: Step | None  # who stood before a semaphore that was held during it
    lying: tuple[Step, ...]  # what lay in queues, not fetched, when the wait was given up
    left: tuple[Step, ...]  # what was never fetched
    cut: tuple[Step, ...]  # where tasks were cancelled
    told_early: StepTrio | None  # a signal that came before what it was for
    began: tuple[Step, Step] | None  # two handlers that began in another order than they were read in
    let_go: StepTrio | None  # a lock let go before what was ordered under it was written
    stream: StepTrio | None  # a stream of `sys` that a worker set while another used it
    emptied: StepTrio | None  # an entry that another worker took out of a table
    blocking: Step | None  # what stopped the event loop while it waited in vain

    @property
    def said(self) -> tuple[Step, ...]:
        """The steps with which went out what the judge found wrong."""
        events = self.run.findings[0].events if self.run.findings else ()
        return tuple(step for step in self.run.steps if step.op == "out" and step.event in events)

    @property
    def is_deadlock(self) -> bool:
        """Whether somebody waits for ever, and another order would have gone on.

        Who sleeps wakes up, and who waits with a timeout goes on when it is over: nobody is there for ever.
        """
        if any(waits_for(stand, Resource.CLOCK) or has_timeout(stand) for stand in self.blamed):
            return False
        held_up = self.outcome != "blocked" and (self.passing is not None or self.outcome != "hung-after-eof")
        return bool(self.blamed) and held_up

    @property
    def is_race(self) -> bool:
        """Whether another order of accesses passes, which nothing rules out."""
        if self.passing is None:
            return False
        return bool(self.races or self.looked or self.late or (self.clash and self.clash.kind == "early"))

    def races_first(self, pair: tuple[Step, ...] | None) -> bool:
        """Whether these two steps are the race that matters most, or there is no other."""
        if pair is None or self.passing is None:
            return False
        return not self.races or self.races[0] == (pair[0].n, pair[1].n)


def gather(found: Found) -> Evidence:
    """The evidence of what was found."""
    run, passing, races = found.failing, found.passing, found.races
    outcome = _outcome(run, passing)
    # A collision explains what a run that fails has, and one that passes has not. Where none passes, only an
    # outcome that itself shows two requests in one has a collision behind it.
    collision = clash(run, races) if passing is not None or outcome in MIXED else None
    ended = ending(run, collision)
    crash = None if ended else _crash(run, passing, outcome)
    vain = waited_in_vain(run) if _gave_up(run) else None
    inside = both_inside(run.steps)
    slept = slept_on(run) if outcome == "blocked" and passing is not None else None
    lost = lost_signal(run)
    return Evidence(
        run,
        passing,
        races,
        outcome,
        collision,
        ended,
        (run.steps[inside[0]], run.steps[inside[1]]) if inside and passing else None,
        crash,
        shown_too_early(run, crash) if crash else None,
        let_go_before(run, crash) if crash else None,
        taken_before(run, crash) if crash else None,
        _blamed(run, passing, outcome, lost),
        ring(run),
        crossing(run),
        never_let_go(run),
        not_counted(run),
        full(run),
        starved(run),
        lost,
        passing is not None and misled(run, races, collision),
        vain,
        woken_for_nothing(run, vain),
        looked_too_early(run, vain),
        waited_too_late(run, vain),
        waited_too_late(run, slept) or looked_too_early(run, slept),
        kept_out(run, vain) if vain else (),
        without_permit(run, vain) if vain else None,
        lying(run.steps[: vain.n]) if vain else (),
        left_in_queues(run),
        cut_off(run),
        told_too_early(run, races),
        began_first(run) if outcome == "wrong-order" and passing is not None else None,
        let_go_too_early(run),
        set_for_all(run) if passing is not None and not set_for_all(passing) else None,
        emptied(run, concerned(run)) if outcome in MISSED else None,
        held_up_loop(run, vain) if vain else None,
    )


def _outcome(run: Run, passing: Run | None) -> str:
    """The code of what went wrong. Where the node does answer with an error in another order, it knows that it
    must: then it only did not come to it, as with any other answer.
    """
    code = run.findings[0].code if run.findings else ""
    if code != "missing-error" or passing is None or not concerned(run) & unanswered(run):
        return code
    has_ended = any(event.kind == "exit" for event in run.transcript)
    return "lost-at-eof" if has_ended else "no-reply"


def _crash(run: Run, passing: Run | None, outcome: str) -> Crash | None:
    """The first exception that ended who should have answered, or been there for those who should.

    One that comes where all goes right, too, ended nobody who was needed.
    """
    if outcome == "crashed":
        return next(iter(fatal(run) or run.crashes), None)
    known = {_spot(crash) for crash in passing.crashes} if passing else set()
    unknown = [crash for crash in run.crashes if crash.handler is None or outcome == "hung-after-eof"]
    others = [crash for crash in unknown if _spot(crash) not in known] if outcome in UNFINISHED else []
    return min([*fatal(run), *others], key=lambda crash: crash.n, default=None)


def _spot(crash: Crash) -> tuple[str, str, int]:
    return crash.kind, crash.file, crash.line


def _blamed(run: Run, passing: Run | None, outcome: str, lost: LostSignal | None) -> tuple[Stand, ...]:
    """Those of the stuck who are to blame: who waits there as well where all goes right has nothing to do.

    Unless it was to be woken: then a signal was lost. Where all is answered and only the end doesn't come,
    somebody must be to blame. A run that was ended while somebody could go on shows nobody stuck.
    """
    goes_on = any(stand.state == "ready" for stand in run.stands)
    if not run.stuck or outcome not in UNFINISHED or goes_on:
        return ()
    standing = stuck(run)
    if passing is None or lost:
        return standing
    blamed = tuple(stand for stand in standing if not rests(passing, stand))
    return blamed or (standing if outcome == "hung-after-eof" else ())


def _gave_up(run: Run) -> bool:
    """Whether what the judge found wrong is an answer that says: the peer did not answer in time."""
    finding = run.findings[0] if run.findings else None
    if finding is None:
        return False
    lines = [event.line for event in run.transcript if event.kind == "out" and event.n in finding.events]
    return any(_is_timeout(line) for line in lines)


def _is_timeout(line: str) -> bool:
    try:
        body = parse(line)["body"]
    except NotAMessage:
        return False
    return bool(body.get("type") == "error" and body.get("code", TIMED_OUT) == TIMED_OUT)

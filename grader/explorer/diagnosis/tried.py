"""A fix by one lock is given as it was tried: `search/fix_trial.py` has run the failing schedule with it."""

from dataclasses import replace

from grader.checks.findings import CODES
from grader.explorer.diagnosis.diagnosis import Diagnosis
from grader.explorer.diagnosis.evidence import Evidence
from grader.explorer.diagnosis.wording import at
from grader.explorer.trace.model import IN_VAIN, Found

BY_ONE_LOCK = (  # misconceptions whose fix is a lock from the first place to the second
    "nobody-comes-between",
    "read-outside-the-lock",
    "lock-let-go-between",
    "check-then-act",
    "two-locks-for-one-datum",
    "a-lock-a-request",
)
NOT_BY_A_LOCK = (
    "One lock around these places was tried, and with it the same goes wrong. Keep what belongs to one request "
    "in variables of its own, or let one thread do all of it."
)


def as_tried(diagnosis: Diagnosis, found: Found, evidence: Evidence) -> Diagnosis:
    """The diagnosis; where its fix is one lock, with what the trial of that has shown."""
    fix = _said_of_it(found, evidence)
    if not fix or not _is_by_one_lock(diagnosis):
        return diagnosis
    believed = None if found.lock_until == IN_VAIN else diagnosis.misconception
    return replace(diagnosis, fix=fix, misconception=believed)


def _is_by_one_lock(diagnosis: Diagnosis) -> bool:
    if diagnosis.misconception is not None:
        return diagnosis.misconception.name in BY_ONE_LOCK
    return diagnosis.fix == CODES["data-race"].hint


def _said_of_it(found: Found, e: Evidence) -> str:
    """What to say of a lock that does not help if it holds the two places together; empty if it does."""
    if found.lock_until is None or e.clash is None or e.clash.first is None or e.clash.second is None:
        return ""
    if found.lock_until == IN_VAIN:
        return NOT_BY_A_LOCK
    first, second, last = e.clash.first, e.clash.second, found.failing.steps[found.lock_until]
    if last.n <= second.n:
        return ""
    return (
        f"Hold one lock {at(e.run, first, 'from ')} {at(e.run, last, 'to ')}, where {last.place} is used last: "
        f"let go {at(e.run, second, 'behind ')} it does not help, as was tried."
    )

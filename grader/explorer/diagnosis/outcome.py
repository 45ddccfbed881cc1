"""From a failing run to a finding: what leads, and how the words of section 9 are said. Pure functions."""

from collections.abc import Sequence
from dataclasses import replace

from grader.cases.model import Case
from grader.checks.findings import CODES, Finding
from grader.checks.judge import judge
from grader.explorer.diagnosis.as_given import as_given
from grader.explorer.diagnosis.blocking import deadlocked, looked_too_early, misled, waited_too_late
from grader.explorer.diagnosis.causes import cause
from grader.explorer.diagnosis.conflicts import HELD_BACK, clash, in_time
from grader.explorer.diagnosis.misconceptions import advice
from grader.explorer.trace.model import Found, Run, as_json
from grader.explorer.trace.races import Pair, both_inside, matter

UNFINISHED = ("no-reply", "hung-after-eof", "lost-at-eof", "not-flushed", "blocked")


def classify(failing: Run, races: Sequence[Pair], passing: Run | None, passing_races: Sequence[Pair]) -> Found:
    """What leads: a deadlock, a data race that the outcome follows from, or the outcome itself."""
    failing, passing = as_given(failing), as_given(passing) if passing else None
    outcome = failing.findings[0].code
    relevant = matter(failing, races, passing, passing_races)
    if outcome in HELD_BACK:  # and what comes after the end of input can't be why
        relevant = tuple(pair for pair in relevant if pair[1] < in_time(failing))
    said = [pair for pair in relevant if failing.steps[pair[0]].place == "stdout"]
    # How writes to stdout follow one another matters where lines are torn, and nowhere else.
    relevant = tuple(said) if outcome in ("torn-line", "not-json") and said else tuple(
        pair for pair in relevant if pair not in said
    )  # fmt: skip
    goes_on = any(stand.state == "ready" for stand in failing.stands)  # it was ended while others waited
    waiting = deadlocked(failing, passing) if failing.stuck and outcome in UNFINISHED and not goes_on else ()
    if passing is not None and (both := both_inside(failing.steps)):
        code, relevant = "data-race", (both,)
    elif waiting and passing is not None and (each := misled(Found("", failing, passing, relevant))):
        first = [pair for pair in relevant if {*pair} <= {step.n for step in each.steps}]
        code, relevant = "data-race", (*first, *(pair for pair in relevant if pair not in first))
    elif waiting and outcome != "blocked" and (passing is not None or outcome != "hung-after-eof"):
        code = "deadlock"
    elif passing is not None and (relevant or (failing.crashes and not passing.crashes)):
        code = "data-race"
    elif passing is not None and (missed := _missed(failing, passing)):
        code, relevant = "data-race", (missed,)
    else:
        code = outcome
    costly = [decision for decision in failing.decisions if decision.cost]
    return Found(code, failing, passing, relevant, len(costly), all(decision.today for decision in costly))


def _missed(failing: Run, passing: Run) -> Pair | None:
    """Who looked for what another puts there only later: in one thread, where tasks are always in some order,
    or before a wait that was for nothing.
    """
    if early := looked_too_early(failing):
        return early[0].n, early[1].n
    if late := waited_too_late(failing):
        return late[0].n, late[1].n
    each = clash(Found("", failing, passing))
    if each is None or each.kind != "early" or each.second is None:
        return None
    return each.between.n, each.second.n


def findings(found: Found, case: Case) -> tuple[Finding, ...]:
    """What a report says of it: the leading finding, and what follows from it."""
    outcome = judge(case, found.failing.transcript).findings
    schedule = as_json(replace(found, passing=None))
    if found.code == outcome[0].code:
        return (replace(outcome[0], schedule=schedule), *outcome[1:])
    code = CODES[found.code]
    text = cause(found).text
    if found.code == "deadlock":
        text += " Nobody can go on."
    elif found.races:
        text += " Nothing keeps the two apart."
    if not found.today:
        text += " This Python never switches threads there; nothing promises that, and free-threaded builds do."
    events = tuple(sorted({n for finding in outcome[:1] for n in finding.events}))
    lead = Finding(
        found.code, text, outcome[0].at, events, hint=advice(found), lesson=code.lesson, schedule=schedule
    )
    return (lead, *(replace(finding, follows=True) for finding in outcome))

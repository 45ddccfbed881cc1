"""From a diagnosis to the findings of a report: what leads, and what follows from it. Pure functions."""

from dataclasses import replace

from grader.checks.findings import Cause, CauseKind, Finding
from grader.explorer.coverage import preemptions
from grader.explorer.diagnosis.diagnosis import Diagnosis
from grader.explorer.diagnosis.explanation import Explanation
from grader.explorer.trace.model import Found, as_json

NOT_TODAY = "where this Python never switches; nothing promises that, and free-threaded builds do switch"


def findings(found: Found, explanation: Explanation) -> tuple[Finding, ...]:
    """What a report says of it: the leading finding, made from the diagnosis, and what follows from it.

    Where the judge sees the same in the transcript, its words come first: they name the messages.
    """
    diagnosis = explanation.diagnosis
    outcome = found.failing.findings
    same = diagnosis.code == outcome[0].code
    text = " ".join(
        part for part in (outcome[0].message if same else "", diagnosis.sentence, _needs(explanation)) if part
    )
    events = tuple(sorted({n for finding in outcome[:1] for n in finding.events}))
    lead = replace(
        outcome[0] if same else Finding(diagnosis.code, "", outcome[0].at, events),
        message=text,
        hint=diagnosis.fix,
        lesson=diagnosis.lesson,
        cause=cause(diagnosis, in_every_schedule=found.passing is None),
        schedule=as_json(replace(found, passing=None)),
    )
    others = outcome[1:] if same else outcome
    return (lead, *(replace(finding, follows=True) for finding in others))


def cause(diagnosis: Diagnosis, *, in_every_schedule: bool) -> Cause | None:
    """The cause as reports have it: an exception where one of the node's own lines ended the worker by it, else
    the schedule; None if it is not known.
    """
    if not diagnosis.is_known:
        return None
    kind: CauseKind = "exception" if diagnosis.crash and diagnosis.crash.line else "schedule"
    return Cause(kind, diagnosis.sentence, *diagnosis.spot, in_every_schedule=in_every_schedule)


def needs(explanation: Explanation) -> str:
    """What it takes to see the failure: how many preemptions, and whether this Python makes them."""
    text = preemptions(explanation.preemptions)
    return text if explanation.today else f"{text}, {NOT_TODAY}"


def _needs(explanation: Explanation) -> str:
    return "" if explanation.today else f"It takes {needs(explanation)}."

"""From a failing run to a finding: what leads, and how the words of section 9 are said. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.cases import Case
from grader.explorer.races import Pair, matter
from grader.explorer.record import Found, Run, Stand, as_json
from grader.findings import CODES, Finding
from grader.messages import NotAMessage, parse
from grader.verdict import judge

IDLE = ("input", "something to do in the event loop")
INTERRUPT = "interrupt"  # what stopped a search that somebody interrupted
UNFINISHED = ("no-reply", "hung-after-eof", "lost-at-eof", "not-flushed", "blocked")


@dataclass(frozen=True, slots=True)
class Explored:
    """What was covered of one case, as section 8 writes it. `complete_to` is -1 if not even level 0 was."""

    complete_to: int = -1
    open_at: int | None = None
    schedules: int = 0
    distinct: int = 0
    stopped: str = ""
    escaped: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "complete_to": self.complete_to if self.complete_to >= 0 else None,
            "open_at": self.open_at,
            "schedules": self.schedules,
            "distinct": self.distinct,
            "stopped": self.stopped,
            "escaped": list(self.escaped),
        }

    @property
    def note(self) -> str:
        """What was covered, in words."""
        if self.escaped:
            why = "inconclusive: " if self.stopped == "inconclusive" else ""
            return f"{why}{'; '.join(self.escaped)}"
        runs = f"{self.schedules} schedule{'s' * (self.schedules != 1)}, {self.distinct} distinct"
        if self.stopped == "found":
            return f"found; {runs}"
        parts = []
        if self.complete_to >= 0:
            parts.append(f"complete to {_preemptions(self.complete_to)}")
        if self.open_at is not None:
            parts.append(f"open at {_preemptions(self.open_at)} (stopped by the {self.stopped})")
        return f"{', '.join(parts)}; {runs}"


def _preemptions(count: int) -> str:
    return f"{count} preemption{'s' * (count != 1)}"


def stuck(run: Run) -> tuple[Stand, ...]:
    """Who waits for what can't come any more, at the end of a run: handlers at work, or the main thread."""
    unanswered = _unanswered(run)
    waiting = [stand for stand in run.stands if stand.state == "waits" and stand.waits_for not in IDLE]
    at_work = [
        stand
        for stand in waiting
        if (stand.handler is not None and (stand.handler.src, stand.handler.msg_id) in unanswered)
        or stand.held
        or (stand.worker == "main" and unanswered)
    ]
    if not at_work and unanswered:  # who waits at an empty queue has nothing to do; who waits for a word has
        at_work = [stand for stand in waiting if stand.waits_for.startswith(("condition ", "event "))]
    return tuple(at_work)


def _unanswered(run: Run) -> set[tuple[object, object]]:
    asked: set[tuple[object, object]] = set()
    for event in run.transcript:
        if event.kind not in ("in", "out"):
            continue
        try:
            message = parse(event.line)
        except NotAMessage:
            continue
        body = message["body"]
        if event.kind == "in" and "in_reply_to" not in body:
            asked.add((message["src"], body.get("msg_id")))
        elif event.kind == "out" and "in_reply_to" in body:
            asked.discard((message["dest"], body["in_reply_to"]))
    return asked


def classify(failing: Run, races: Sequence[Pair], passing: Run | None, passing_races: Sequence[Pair]) -> Found:
    """What leads: a deadlock, a data race that the outcome follows from, or the outcome itself."""
    outcome = failing.findings[0].code
    relevant = matter(failing, races, passing, passing_races)
    said = [pair for pair in relevant if failing.steps[pair[0]].place == "stdout"]
    # How writes to stdout follow one another matters where lines are torn, and nowhere else.
    relevant = tuple(said) if outcome in ("torn-line", "not-json") and said else tuple(
        pair for pair in relevant if pair not in said
    )  # fmt: skip
    waiting = stuck(failing) if failing.stuck and outcome in UNFINISHED else ()
    if waiting and outcome != "blocked":
        code = "deadlock"
    elif passing is not None and (relevant or (failing.crashes and not passing.crashes)):
        code = "data-race"
    else:
        code = outcome
    costly = [decision for decision in failing.decisions if decision.cost]
    return Found(code, failing, passing, relevant, len(costly), all(decision.today for decision in costly))


def findings(found: Found, case: Case) -> tuple[Finding, ...]:
    """What a report says of it: the leading finding, and what follows from it."""
    outcome = judge(case, found.failing.transcript).findings
    schedule = as_json(replace(found, passing=None))
    if found.code == outcome[0].code:
        return (replace(outcome[0], schedule=schedule), *outcome[1:])
    code = CODES[found.code]
    text = _deadlock(found.failing) if found.code == "deadlock" else _race(found)
    if not found.today:
        text += " This Python never switches threads there; nothing promises that, and free-threaded builds do."
    events = tuple(sorted({n for finding in outcome[:1] for n in finding.events}))
    lead = Finding(
        found.code, text, outcome[0].at, events, hint=code.hint, lesson=code.lesson, schedule=schedule
    )
    return (lead, *(replace(finding, follows=True) for finding in outcome))


def _race(found: Found) -> str:
    run = found.failing
    if not found.races:
        crash = run.crashes[0]
        who = f"{crash.handler.src}'s handler" if crash.handler else crash.worker
        return f"{who} dies in line {crash.line} in this schedule, and not in others: {crash.error}."
    first, second = (run.steps[n] for n in found.races[0])
    verbs = {"read": "read", "write": "wrote"}
    who_did = [f"{step.handler.src}'s handler" if step.handler else step.worker for step in (first, second)]
    if who_did[0] == who_did[1]:
        who_did = [f"{name} ({step.worker})" for name, step in zip(who_did, (first, second), strict=True)]
    values = [f" ({value})" if (value := step.written or step.value) else "" for step in (first, second)]
    return (
        f"{first.place}: {who_did[0]} {verbs[first.op]} it{values[0]} in line {first.line}, then "
        f"{who_did[1]} {verbs[second.op]} it{values[1]} in line {second.line}; nothing keeps them apart."
    )


def _deadlock(run: Run) -> str:
    parts = []
    for stand in stuck(run)[:4]:
        name = f"{stand.handler.src}'s handler" if stand.handler else stand.worker
        held = f", holding {', '.join(stand.held)}" if stand.held else ""
        parts.append(f"{name} waits in line {stand.line} for {stand.waits_for}{held}")
    return "Nobody can go on: " + "; ".join(parts) + "."

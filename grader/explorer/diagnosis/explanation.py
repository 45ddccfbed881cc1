"""A failing run explained: who did what in which line, what went out, and why. Data only.

`explain` makes it from the run and its diagnosis; the reports render it. Pure functions.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from grader.explorer.diagnosis.conflicts import asked, concerned
from grader.explorer.diagnosis.diagnosis import Diagnosis
from grader.explorer.diagnosis.patterns import diagnose
from grader.explorer.diagnosis.wording import did, is_reader, serving, who
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Decision, Found, Request, Run, Step, Switch


@dataclass(frozen=True, slots=True)
class Column:
    """One handler: the request that it serves and the worker that serves it; or a worker that serves none."""

    title: str
    worker: str
    request: Request | None


@dataclass(frozen=True, slots=True)
class Row:
    """What one handler did in one line of the source, before another line or another handler came.

    `did` says it with the values, `brief` without the inside of large ones; `held` are the locks held
    meanwhile; `switch` why others went on then, if they did. `matters`: it belongs to the cause.
    `n` is the first of its steps, `op` what the first that is told does;
    `switched_at` the line of the switch, if it is another.
    """

    n: int
    column: int
    file: str
    line: int
    source: str
    did: str
    brief: str
    op: str
    held: tuple[str, ...] = ()
    switch: Switch | None = None
    matters: bool = False
    switched_at: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is said of a schedule that fails. Rows are in the order in which they ran.

    `place` tells the failure from others, whatever workload shows it.
    """

    node: str
    case: str
    diagnosis: Diagnosis
    outcome: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    turning: str
    place: tuple[str, frozenset[tuple[str, int]]]
    preemptions: int
    today: bool


def explain(found: Found) -> Explanation:
    """The explanation of what was found."""
    run = found.failing
    why = diagnose(found)
    columns = _columns(run, why)
    return Explanation(
        run.node,
        run.case,
        why,
        run.findings[0].message if run.findings else "",
        columns,
        _rows(run, why, columns),
        _turning(found),
        _place(found, why),
        found.preemptions,
        found.today,
    )


def place(found: Found) -> tuple[str, frozenset[tuple[str, int]]]:
    """What tells a failure from others, whatever workload shows it."""
    return _place(found, diagnose(found))


def _place(found: Found, why: Diagnosis) -> tuple[str, frozenset[tuple[str, int]]]:
    """Its code, and the lines of the exception, where they wait, that race, or where the cause is."""
    run = found.failing
    if why.crash:
        lines = [(why.crash.file, why.crash.line)]
    elif why.code == "deadlock":
        lines = [(step.file, step.line) for step in why.steps if step.n >= len(run.steps)]
    elif found.races:
        lines = [(run.steps[n].file, run.steps[n].line) for n in found.races[0]]
    else:
        lines = [(step.file, step.line) for step in why.steps if step.op not in ("in", "out")]
    return why.code, frozenset(lines)


def _columns(run: Run, why: Diagnosis) -> tuple[Column, ...]:
    """A column for each who has a part in the cause, in the order in which they come in."""
    serves = serving(run)
    keys = list(dict.fromkeys((step.worker, serves(step)) for step in why.steps))
    requests = [request for _, request in keys]
    columns = []
    for worker, request in keys:
        title = f"{request} (msg_id {request.msg_id})" if request else _worker(run, worker)
        if request and requests.count(request) > 1:
            title += f", {worker}"
        columns.append(Column(title, worker, request))
    return tuple(columns)


def _worker(run: Run, worker: str) -> str:
    if worker == "main":
        return "the main thread"
    return f"{worker}, which reads" if is_reader(run, worker) else worker


def _rows(run: Run, why: Diagnosis, columns: Sequence[Column]) -> tuple[Row, ...]:
    """Neighbouring steps of one handler in one line make a row. Left out is who has no column, and what was
    done before the first of the requests had come, or after the last step that matters.
    """
    serves = serving(run)
    places = {(column.worker, column.request): place for place, column in enumerate(columns)}
    began = _arrival(run, why)
    shared = _shared(run, why)
    groups: list[list[Step]] = []
    keys: list[tuple[str, Request | None]] = []
    matter = {step.n: step for step in why.steps}
    for step in sorted(({step.n: step for step in run.steps} | matter).values(), key=lambda step: step.n):
        if not step.line or (step.n not in matter and not began <= step.n <= max(matter, default=0)):
            continue
        if (key := (step.worker, serves(step))) not in places:
            continue
        place = len(keys) - 1 - keys[::-1].index(key) if key in keys else -1
        last = groups[place][-1] if place >= 0 else None
        goes_on = last and place == len(keys) - 1 and not last.switch and step.n < len(run.steps)
        still_awaits = last and last.op == "await" and step.n >= len(run.steps)
        if last and _spot(last) == _spot(step) and (goes_on or still_awaits):
            groups[place].append(step)
        else:
            groups.append([step])
            keys.append(key)
    return tuple(
        _row(run, group, places[key], set(matter), shared) for group, key in zip(groups, keys, strict=True)
    )


def _arrival(run: Run, why: Diagnosis) -> int:
    """The step with which the first of the requests came that the cause is about; 0 if it is about none."""
    requests = {step.handler for step in why.steps if step.handler}
    events = {event.n: asked(event.line) for event in run.transcript if event.kind == "in"}
    about = concerned(run) | {(request.src, request.msg_id) for request in requests}
    came = (step.n for step in run.steps if step.op == "in" and events.get(step.event or 0) in about)
    return next(came, 0)


def _shared(run: Run, why: Diagnosis) -> set[int]:
    """What more than one worker touches and somebody changes; stdout only where the cause is there."""
    by: dict[int, set[str]] = defaultdict(set)
    for step in run.steps:
        if step.op in ("read", "write"):
            by[step.datum].add(step.worker)
    silent = {step.datum for step in run.steps if step.kind is Resource.STDOUT} - {
        step.datum for step in why.steps
    }
    changed = {step.datum for step in run.steps if step.op == "write"}
    return {datum for datum, workers in by.items() if len(workers) > 1 and datum in changed - silent}


def _spot(step: Step) -> tuple[object, ...]:
    return step.worker, step.handler, step.file, step.line


def _row(run: Run, group: Sequence[Step], column: int, matter: set[int], shared: set[int]) -> Row:
    told = [step for step in group if step.n in matter] or [
        step for step in group if step.op not in ("read", "write") or step.datum in shared
    ]
    first = group[0]
    held = max((step.held for step in group), key=len)
    source = run.text(first.file, first.line)
    if first.file != run.node:
        source = f"{first.file}: {source}"
    said, brief = (
        ", ".join(list(dict.fromkeys(did(run, step, brief=short) for step in told))[:3])
        for short in (False, True)
    )
    matters = any(step.n in matter for step in group)
    op = told[0].op if told else ""
    spot = first.file, first.line
    return Row(first.n, column, *spot, source, said, brief, op, held, group[-1].switch, matters)


def _turning(found: Found) -> str:
    """Where the nearest passing schedule went the other way."""
    if found.passing is None:
        return "No schedule that was tried passes."
    pairs = zip(found.failing.decisions, found.passing.decisions, strict=False)
    ours, theirs = next(((ours, theirs) for ours, theirs in pairs if _way(ours) != _way(theirs)), (None, None))
    if ours is None or theirs is None:
        return ""
    file = "" if ours.file == found.failing.node else f" of {ours.file}"
    where = f" before line {ours.line}{file}" if ours.line else ""
    ours_next, theirs_next = _next(found.failing, ours), _next(found.passing, theirs)
    beside = [step for step in (ours_next, theirs_next) if step]
    here = _chosen(found.failing, ours, ours_next, beside)
    there = _chosen(found.passing, theirs, theirs_next, beside)
    return f"The nearest schedule that passes went another way{where}: there {there}, here {here}."


def _way(decision: Decision) -> tuple[str, str, int, str]:
    return decision.worker, decision.file, decision.line, decision.options[decision.chosen]


def _next(run: Run, decision: Decision) -> Step | None:
    """The first step of the one who was chosen that tells whom it serves."""
    chosen = decision.options[decision.chosen]
    mine = [step for step in run.steps[decision.n :] if step.worker == chosen]
    told = (step for step in mine if step.handler and step.op not in ("get", "wait", "acquire", "in"))
    return next(told, mine[0] if mine else None)


def _chosen(run: Run, decision: Decision, step: Step | None, beside: Sequence[Step]) -> str:
    chosen = decision.options[decision.chosen]
    if decision.kind == "arrival":
        chosen = chosen.replace("writes", "lines of the input", 1)
        return chosen.replace("it ", "the input ", 1) if chosen.startswith("it ") else f"{chosen} had arrived"
    if decision.kind == "timeout" and decision.chosen:
        return f"the timeout of {chosen} ran out first"
    return f"{who(run, step, beside) if step else chosen} went on"

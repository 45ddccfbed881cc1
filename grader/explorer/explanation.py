"""A failing run explained: who did what in which line, what went out, and why. Data first, then its text.

`explain` makes the data, which HTML can show as well as `as_lines` shows it on a terminal. Pure functions.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from grader.explorer.causes import Cause, cause
from grader.explorer.misconceptions import Misconception, misconception
from grader.explorer.record import Decision, Found, Request, Run, Step
from grader.explorer.telling import did, is_reader, who
from grader.explorer.verdicts import stuck
from grader.findings import CODES

SHORT = 12  # lines of the short form
WIDTH = 100  # columns of the text
AT_LEAST = 28  # columns for one handler's


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
    `n` is the first of its steps.
    """

    n: int
    column: int
    file: str
    line: int
    source: str
    did: str
    brief: str
    held: tuple[str, ...] = ()
    switch: str = ""
    matters: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is said of a schedule that fails. Rows are in the order in which they ran."""

    node: str
    case: str
    code: str
    outcome: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    cause: str
    turning: str
    misconception: Misconception | None
    fix: str
    lesson: str
    preemptions: int
    today: bool


def explain(found: Found) -> Explanation:
    """The explanation of what was found."""
    run = found.failing
    why = cause(found)
    believed = misconception(found)
    code = CODES[found.code]
    readers = frozenset(worker for worker in {step.worker for step in run.steps} if is_reader(run, worker))
    columns = _columns(why, readers)
    return Explanation(
        run.node,
        run.case,
        found.code,
        run.findings[0].message if run.findings else "",
        columns,
        _rows(run, why, columns, readers),
        why.text,
        _turning(found),
        believed,
        believed.fix if believed else code.hint,
        believed.lesson if believed else code.lesson,
        found.preemptions,
        found.today,
    )


def place(found: Found) -> tuple[str, frozenset[tuple[str, int]]]:
    """What tells a failure from others, whatever workload shows it: its code, and the lines that race, where
    they wait, or where the cause is.
    """
    run = found.failing
    if found.code == "deadlock":
        lines = [(stand.file, stand.line) for stand in stuck(run)]
    elif found.races:
        lines = [(run.steps[n].file, run.steps[n].line) for n in found.races[0]]
    elif found.code == "data-race":
        lines = [(crash.file, crash.line) for crash in run.crashes[:1]]
    else:
        lines = [(step.file, step.line) for step in cause(found).steps if step.op not in ("in", "out")]
    return found.code, frozenset(lines)


def as_lines(explanation: Explanation, *, full: bool = False, width: int = WIDTH) -> list[str]:
    """The explanation as text, at most twelve lines.

    With `full` all steps of the handlers concerned, those that matter marked, the belief, and the fix's shape.
    """
    head = _wrapped(explanation.outcome, width)
    why, turning = _wrapped(explanation.cause, width), _wrapped(explanation.turning, width)
    lesson = f" (lesson {explanation.lesson})" if explanation.lesson else ""
    fix = _wrapped(f"Fix: {explanation.fix}{lesson}", width)
    if full:
        table = _table(explanation.columns, explanation.rows, width, full=True)
        return [*head, *table, *why, *turning, *fix, *_belief(explanation.misconception, width)]
    if len(head + why + turning + fix) > SHORT - 4:  # a narrow terminal: the handlers' lines say more
        turning = []
    tail = why + turning + fix
    rows = [row for row in explanation.rows if row.matters]
    room = max(0, SHORT - len(head) - len(tail))
    table = _table(explanation.columns, rows, width)
    while len(table) > room and rows:
        rows.pop(_least(rows))
        table = _table(explanation.columns, rows, width)
    return [*head, *(table if rows else []), *tail][:SHORT]


def _belief(believed: Misconception | None, width: int) -> list[str]:
    if believed is None:
        return []
    said = _wrapped(f"Believed: {believed.believes}", width) + _wrapped(f"But: {believed.happens}", width)
    return [*said, *(f"    {line}" for line in believed.shape.split("\n"))]


def _least(rows: Sequence[Row]) -> int:
    """Which row says least: what went out stands at the top; that others had read, too, their write tells."""
    said = [place for place, row in enumerate(rows) if row.did.startswith("says")]
    read = [place for place, row in enumerate(rows) if place and row.did.startswith("reads")]
    return [*said, *read, len(rows) - 1][0]


def _columns(why: Cause, readers: frozenset[str]) -> tuple[Column, ...]:
    """A column for each who has a part in the cause, in the order in which they come in."""
    keys = list(dict.fromkeys(_key(step, readers) for step in why.steps))
    requests = [request for _, request in keys]
    columns = []
    for worker, request in keys:
        title = f"{request} (msg_id {request.msg_id})" if request else _worker(worker, readers)
        if request and requests.count(request) > 1:
            title += f", {worker}"
        columns.append(Column(title, worker, request))
    return tuple(columns)


def _worker(worker: str, readers: frozenset[str]) -> str:
    if worker == "main":
        return "the main thread"
    return f"{worker}, which reads" if worker in readers else worker


def _key(step: Step, readers: frozenset[str]) -> tuple[str, Request | None]:
    return step.worker, None if step.worker in readers else step.handler


def _rows(run: Run, why: Cause, columns: Sequence[Column], readers: frozenset[str]) -> tuple[Row, ...]:
    """Neighbouring steps of one handler in one line make a row; who has no column is left out."""
    places = {(column.worker, column.request): place for place, column in enumerate(columns)}
    matter = {step.n for step in why.steps}
    datum = {step.datum for step in why.steps if step.op in ("read", "write")}
    groups: list[list[Step]] = []
    for step in sorted({step.n: step for step in (*run.steps, *why.steps)}.values(), key=lambda step: step.n):
        if _key(step, readers) not in places or not step.line:
            continue
        last = groups[-1][-1] if groups else None
        if last and not last.switch and step.n < len(run.steps) and _spot(last) == _spot(step):
            groups[-1].append(step)
        else:
            groups.append([step])
    return tuple(_row(run, group, places[_key(group[0], readers)], matter, datum) for group in groups)


def _spot(step: Step) -> tuple[object, ...]:
    return step.worker, step.handler, step.file, step.line


def _row(run: Run, group: Sequence[Step], column: int, matter: set[int], datum: set[int]) -> Row:
    told = (
        [step for step in group if step.n in matter] or [step for step in group if step.datum in datum] or group
    )
    first = group[0]
    held = max((step.held for step in group), key=len)
    switch = group[-1].switch
    source = run.text(first.file, first.line)
    said, brief = (
        ", ".join(list(dict.fromkeys(did(run, step, brief=short) for step in told))[:3])
        for short in (False, True)
    )
    matters = any(step.n in matter for step in group)
    return Row(first.n, column, first.file, first.line, source, said, brief, held, switch, matters)


def _table(columns: Sequence[Column], rows: Sequence[Row], width: int, *, full: bool = False) -> list[str]:
    """A column for each handler, its message on top."""
    if not columns:
        return []
    each = max(AT_LEAST, (width - 2 * (len(columns) - 1)) // len(columns))
    lines = ["  ".join(_clip(column.title, each).ljust(each) for column in columns).rstrip()]
    for row in rows:
        indent = " " * (row.column * (each + 2))
        deeper = indent + " " * 7
        note = _note(row, full)
        mark = ">" if full and row.matters else " "
        if full and len(row.source) + len(note) + 7 > each:
            lines.append(f"{indent}{mark}{row.line:>3} {_clip(row.source, each - 5)}")
            lines += textwrap.wrap(note, each + len(indent), initial_indent=deeper, subsequent_indent=deeper)
            continue
        note = _clip(note, each - 5 - min(len(row.source) + 2, each // 2 - 4))
        source = _clip(row.source, each - len(note) - 7)
        lines.append(f"{indent}{mark}{row.line:>3} {source}  {note}".rstrip())
    return lines


def _note(row: Row, full: bool) -> str:
    """What a row says beside its line of the source."""
    notes = [row.did if full else row.brief]
    if full and row.held:
        notes.append(f"holds {', '.join(row.held)}")
    if row.switch == "preempted":
        notes.append("loses its turn")
    elif full and row.switch != row.did:
        notes.append(row.switch)
    return "; ".join(note for note in notes if note)


def _clip(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(room - 1, 0)] + "…"


def _turning(found: Found) -> str:
    """Where the nearest passing schedule went the other way."""
    if found.passing is None:
        return "No schedule that was tried passes."
    pairs = zip(found.failing.decisions, found.passing.decisions, strict=False)
    ours, theirs = next(((ours, theirs) for ours, theirs in pairs if _way(ours) != _way(theirs)), (None, None))
    if ours is None or theirs is None:
        return ""
    where = f" before line {ours.line}" if ours.line else ""
    here, there = _chosen(found.failing, ours), _chosen(found.passing, theirs)
    return f"The nearest schedule that passes went another way{where}: there {there}, here {here}."


def _way(decision: Decision) -> tuple[str, str, int, str]:
    return decision.worker, decision.file, decision.line, decision.options[decision.chosen]


def _chosen(run: Run, decision: Decision) -> str:
    chosen = decision.options[decision.chosen]
    if decision.kind == "arrival":
        return chosen.replace("it ", "the input ", 1) if chosen.startswith("it ") else f"{chosen} had arrived"
    if decision.kind == "timeout" and decision.chosen:
        return f"the timeout of {chosen} ran out first"
    mine = [step for step in run.steps[decision.n :] if step.worker == chosen]
    told = (step for step in mine if step.handler and step.op not in ("get", "wait", "acquire", "in"))
    step = next(told, mine[0] if mine else None)
    return f"{who(run, step) if step else chosen} went on"


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent="  ") if text else []

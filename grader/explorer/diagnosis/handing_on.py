"""What workers hand on to one another, and in which order: a value and the signal for it, a lock and the line
that was made under it, an entry of a table, an event loop. Pure functions.
"""

from collections.abc import Sequence
from itertools import pairwise

from grader.explorer.diagnosis.conflicts import EMPTY, NOTHING, Asked, StepTrio, asked, concerned, is_about
from grader.explorer.diagnosis.wording import is_reader, main_task
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Crash, Run, Step
from grader.explorer.trace.races import Pair

GIVING = ("release", "wake", "put")
TAKING = ("acquire", "wait", "get")


def told_too_early(run: Run, races: Sequence[Pair]) -> StepTrio | None:
    """The signal that a worker gave before it put there what the signal was for; the one who had waited for it
    and looked at once; and what came too late. A lock counts as a signal if another worker had taken it.
    """
    if not races:
        return None
    look, put = (run.steps[n] for n in races[0])
    if put.op != "write" or look.worker == put.worker:
        return None
    for signal in reversed(run.steps[: look.n]):
        if signal.worker != put.worker or signal.op not in GIVING:
            continue
        heard = any(
            (step.worker, step.datum) == (look.worker, signal.datum) and step.op in TAKING and step.waits_for
            for step in run.steps[signal.n : look.n]
        )
        if heard and not _is_its_own(run, signal) and not is_anothers(run, signal, put):
            return signal, look, put
        return None
    return None


def is_anothers(run: Run, signal: Step, put: Step) -> bool:
    """Whether who gave this signal had put there what it was for before it, and this only for its next one."""
    before = [step for step in run.steps[: signal.n + 1] if step.worker == signal.worker == put.worker]
    same = [[step for step in before if _is_alike(step, one)] for one in (put, signal)]
    return len(same[0]) >= len(same[1]) > 0


def _is_alike(step: Step, one: Step) -> bool:
    return (step.op, step.file, step.line) == (one.op, one.file, one.line)


def _is_its_own(run: Run, release: Step) -> bool:
    """Whether who lets go of this had taken it: then it guards something, and is no signal."""
    taken = (s for s in reversed(run.steps[: release.n]) if (s.op, s.datum) == ("acquire", release.datum))
    last = next(taken, None)
    return release.op == "release" and last is not None and last.worker == release.worker


def let_go_too_early(run: Run) -> StepTrio | None:
    """Where a worker let go of a lock before it wrote; and of two lines that went out in another order than the
    lock had been taken in, the first, by who had taken it then, and the second.
    """
    finding = run.findings[0] if run.findings else None
    said = [step for step in run.steps if finding and step.op == "out" and step.event in finding.events]
    for first, second in pairwise(said):
        mine = (step for step in reversed(run.steps[: first.n]) if step.worker == second.worker)
        last = next((step for step in mine if step.op in ("release", "out")), None)
        if last is None or last.op != "release" or second.held or first.worker == second.worker:
            continue
        if any(
            (step.op, step.worker, step.datum) == ("acquire", first.worker, last.datum)
            for step in run.steps[last.n : first.n]
        ):
            return last, first, second
    return None


def emptied(run: Run, about: frozenset[Asked]) -> StepTrio | None:
    """Where one of these requests was noted in a table, where another took that out, or all, and where it was
    then looked for.
    """
    for missed in run.steps:
        if missed.op not in ("read", "write") or missed.value != "nothing" or missed.datum < 0:
            continue
        put = next(
            (s for s in reversed(run.steps[: missed.n]) if (s.op, s.datum) == ("write", missed.datum)), None
        )
        if put is None or put.written in NOTHING or not is_about(put, about):
            continue
        for took in run.steps[put.n + 1 : missed.n]:
            is_all = took.whole and took.owner == put.owner and took.written in EMPTY
            if took.op == "write" and is_all and took.worker not in (put.worker, missed.worker):
                return put, took, missed
    return None


def held_up_loop(run: Run, vain: Step) -> Step | None:
    """Where another task stopped the loop by a call that blocks, while this one awaited its peer in vain."""
    if vain.op != "await" or not main_task(run):
        return None
    asked = max(
        (step.n for step in run.steps[: vain.n] if step.op == "out" and step.worker == vain.worker), default=0
    )
    stopped = (
        step
        for step in run.steps[asked : vain.n]
        if step.task and step.worker != vain.worker and step.op == "fire" and step.kind is Resource.CLOCK
    )
    return next(stopped, None)


def set_for_all(run: Run) -> StepTrio | None:
    """Where a worker set a stream of `sys`, another set or used it, and the first set it back only then."""
    by: dict[int, list[Step]] = {}
    for step in run.steps:
        if step.kind is Resource.STREAM:
            by.setdefault(step.datum, []).append(step)
    for steps in by.values():
        for first in steps:
            mine = (step for step in steps if step.n > first.n and step.worker == first.worker)
            second = next((step for step in mine if step.op == "write"), None)
            if first.op != "write" or second is None:
                continue
            others = [step for step in steps if first.n < step.n < second.n and step.worker != first.worker]
            if others:
                return first, next((step for step in others if step.op == "write"), others[0]), second
    return None


def shown_too_early(run: Run, crash: Crash) -> StepTrio | None:
    """Where an object was put where others find it; where the worker that ended had got it there and missed
    something in it; and where that was put into it, by who had let it be found.
    """
    mine = [step for step in run.steps[: crash.n + 1] if step.worker == crash.worker]
    here = [step for step in mine if (step.file, step.line) == (crash.file, crash.line)]
    missed = (step for step in reversed(here) if step.op == "read" and step.value in NOTHING)
    if (look := next(missed, None)) is None:
        return None
    later = (step for step in run.steps[look.n :] if (step.op, step.datum) == ("write", look.datum))
    put = next((step for step in later if step.worker != look.worker), None)
    if put is None or put.written in NOTHING:
        return None
    for shown in reversed(run.steps[: look.n]):
        if (shown.op, shown.worker, shown.handler) == ("write", put.worker, put.handler):
            found = any((step.op, step.datum) == ("read", shown.datum) for step in mine if step.n > shown.n)
            if found and shown.owner != put.owner:
                return shown, look, put
    return None


def began_first(run: Run) -> tuple[Step, Step] | None:
    """The first steps of two handlers, each in a thread of its own: the one that began first serves the request
    that was read last, and waited for nobody before it was answered.
    """
    lines = {event.n: asked(event.line) for event in run.transcript if event.kind in ("in", "out")}
    about = concerned(run)
    read = [lines[e.n] for e in run.transcript if e.kind == "in" and lines[e.n] in about]
    said = {lines[step.event]: step.n for step in run.steps if step.op == "out" and step.event in lines}
    began: dict[Asked | None, Step] = {}
    for step in run.steps:
        if step.handler is not None and step.line and not is_reader(run, step.worker):
            began.setdefault((step.handler.src, step.handler.msg_id), step)
    for place, later in enumerate(read):
        for earlier in read[:place]:
            if earlier not in began or later not in began or later not in said:
                continue
            first, second = began[later], began[earlier]
            is_swapped = said[later] < said.get(earlier, len(run.steps))
            mine = [step for step in run.steps[first.n : said[later]] if step.worker == first.worker]
            shown = next((s.n for s in mine if s.op in (*GIVING, "out", "write", "acquire")), len(run.steps))
            has_waited = any(step.waits_for or step.op in ("wait", "fire", "get") for step in mine)
            if is_swapped and first.worker != second.worker and shown < second.n and not has_waited:
                return first, second
    return None

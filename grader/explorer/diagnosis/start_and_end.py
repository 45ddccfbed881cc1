"""The patterns of the start, and of the end of input: who began too early, and who was not done yet."""

from grader.explorer.diagnosis import sentences
from grader.explorer.diagnosis.diagnosis import CausePattern, Diagnosis, named, told
from grader.explorer.diagnosis.evidence import Evidence
from grader.explorer.diagnosis.unfinished import unanswered
from grader.explorer.diagnosis.wording import is_reader
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Stand, Step


def queue_never_drained(e: Evidence) -> Diagnosis | None:
    """The program ended with something in a queue, or before a queue whose reader was a task."""
    if e.outcome != "lost-at-eof" or not (e.left or (_fetching(e) and not _serving(e))):
        return None
    return named(e, "queue-never-drained", sentences.ended_early(e), code=e.outcome)


def _fetching(e: Evidence) -> list[str]:
    """Tasks that fetched from a queue, and were cancelled."""
    cut = {step.worker for step in e.cut}
    awaits = [(step.worker, step.waits_for) for step in e.run.steps if step.op == "await"]
    return [w for w, what in awaits if w in cut and what and what.kind is Resource.QUEUE and not what.put]


def _serving(e: Evidence) -> list[Step]:
    """Where tasks were cancelled that served."""
    fetching = _fetching(e)
    return [step for step in e.cut if step.worker not in fetching]


def task_nobody_awaits(e: Evidence) -> Diagnosis | None:
    """The main task ended before others were done."""
    if e.outcome != "lost-at-eof" or not _serving(e):
        return None
    return named(e, "task-nobody-awaits", sentences.ended_early(e), code=e.outcome)


def nobody_waits_for_the_threads(e: Evidence) -> Diagnosis | None:
    """The main thread ended before others were done."""
    if e.outcome != "lost-at-eof" or not any(_is_unfinished(e, stand) for stand in e.run.stands):
        return None
    return named(e, "nobody-waits-for-the-threads", sentences.ended_early(e), code=e.outcome)


def _is_unfinished(e: Evidence, stand: Stand) -> bool:
    if stand.worker == "main":
        return False
    serves = stand.handler is not None and (stand.handler.src, stand.handler.msg_id) in unanswered(e.run)
    return stand.state == "ready" or (stand.state == "waits" and serves)


def ended_too_early(e: Evidence) -> Diagnosis | None:
    """The program ended with requests not answered, for a reason that has no name."""
    if e.outcome != "lost-at-eof":
        return None
    text, steps = sentences.ended_early(e)
    is_known = e.passing is not None or any(step.op != "eof" for step in steps)  # else it only says so
    return told(e, e.outcome, (text, steps), is_known=is_known)


def init_beside_the_rest(e: Evidence) -> Diagnosis | None:
    """Init was only started, and who came behind it was quicker."""
    each = e.clash
    if each and each.kind == "early" and each.second and each.second.handler and e.passing:
        mine = each.second.handler.type == "init" and not is_reader(e.run, each.second.worker)
        if mine:
            return named(e, "init-beside-the-rest", sentences.collided(e.run, each), code="data-race")
    if e.outcome != "before-init" or e.passing is None:
        return None
    text = sentences.collided(e.run, each) if each else sentences.spoke_too_early(e.run)
    return named(e, "init-beside-the-rest", text, code="data-race" if e.is_race else e.outcome)


def spoke_before_init(e: Evidence) -> Diagnosis | None:
    """Somebody spoke before init was served, in every order."""
    if e.outcome != "before-init":
        return None
    return told(e, e.outcome, sentences.spoke_too_early(e.run))


ENDS: tuple[CausePattern, ...] = (
    queue_never_drained,
    task_nobody_awaits,
    nobody_waits_for_the_threads,
    ended_too_early,
)

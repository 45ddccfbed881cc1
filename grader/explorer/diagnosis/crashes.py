"""The patterns of an exception that ended a worker: where it came from, and what others had to do with it."""

from grader.checks.causes import spoken_of
from grader.checks.findings import CODES
from grader.explorer.diagnosis import sentences
from grader.explorer.diagnosis.diagnosis import CausePattern, Diagnosis, named, told
from grader.explorer.diagnosis.evidence import Evidence
from grader.explorer.diagnosis.source_facts import caught_around, is_settled_after_a_look
from grader.explorer.diagnosis.wording import main_task

LEFT_OPEN = ("no-reply", "lost-at-eof", "blocked")
TIME_IS_OVER = {"Empty": ("TimeoutError", ".Timeout"), "TimeoutError": ("Empty",)}  # and how others call it
CHANGED = ("changed size during iteration", "mutated during iteration")  # an error of Python's


def entry_taken_before(e: Evidence) -> Diagnosis | None:
    """An exception, since another had taken out what its worker then missed."""
    if e.crash is None or e.taken is None or e.passing is None:
        return None
    fix = "Another may have taken it: take it out by pop(key, None), or look by get(key), and ask what came."
    return _ended(e, "data-race", fix=fix, lesson="03")


def used_before_it_was_whole(e: Evidence) -> Diagnosis | None:
    """An object was put where others find it before all was in it that they need."""
    if e.crash is None or e.unfinished is None or e.passing is None:
        return None
    fix = "Make it whole first, in a variable of your own, and only then put it where others find it."
    text = sentences.used_too_early(e.run, e.crash, *e.unfinished)
    return told(e, "data-race", text, fix=fix, lesson="03", crash=e.crash)


def caught_by_another_name(e: Evidence) -> Diagnosis | None:
    """A wait was given a time, and what it raises when that is over is caught by another name."""
    if e.crash is None or e.crash.kind not in TIME_IS_OVER:
        return None
    spots = ((e.crash.file, e.crash.line), *e.crash.callers)
    caught = [name for file, line in spots for name in caught_around(e.run, file, line)]
    if not any(name.endswith(TIME_IS_OVER[e.crash.kind]) for name in caught):
        return None
    text, steps = sentences.crashed(e.run, e.crash, None)
    text += f", which except {caught[0]} does not catch"
    return named(e, "timeout-by-another-name", (text, steps), code=e.outcome, crash=e.crash)


def future_settled_before(e: Evidence) -> Diagnosis | None:
    """The result of a future was set that had been cancelled, or had one."""
    if e.crash is None or e.crash.kind != "InvalidStateError":
        return None
    fix = "A future may be settled already, by its time limit, say: ask whether it is done() before you set it."
    if is_settled_after_a_look(e.run, e.crash.file, e.crash.line):
        fix = "Another may settle it between the question whether it is done() and the setting: catch"
        fix += " InvalidStateError where you set it, or let all settle it in one step with the question."
    return _ended(e, e.outcome, fix=fix, lesson="04")


def let_go_meanwhile(e: Evidence) -> Diagnosis | None:
    """What was held weakly was there at the first look, and then another let go of it, the last who knew it."""
    if e.crash is None or e.freed is None:
        return None
    fix = "What is held weakly is there as long as somebody else knows it: take it once, into a variable of"
    fix += " your own (by get, or a call of the reference), and ask whether that is None."
    text = sentences.let_go_meanwhile(e.run, e.crash, *e.freed)
    code = "data-race" if e.passing else e.outcome
    return told(e, code, text, fix=fix, lesson="03", crash=e.crash)


def changed_while_gone_through(e: Evidence) -> Diagnosis | None:
    """Python's own word that a container was changed while somebody iterated over it."""
    if e.crash is None or e.crash.kind != "RuntimeError" or not e.crash.error.endswith(CHANGED):
        return None
    in_tasks = bool(main_task(e.run))
    how = "" if in_tasks else ", made under the lock under which it is changed"
    fix = f"It is changed while you go through it: go through a copy, list(…){how}."
    spot = e.crash.worker, e.crash.file, e.crash.line
    here = [step for step in e.run.steps[: e.crash.n + 1] if (step.worker, step.file, step.line) == spot]
    if not in_tasks and any(step.op == "write" and step.whole for step in here):  # it sorts, or is a heap
        fix = "Another changes it while you do: one lock for it, held around each change and each look."
    return _ended(e, "data-race" if e.is_race else e.outcome, fix=fix, lesson="04" if in_tasks else "03")


def exception_between(e: Evidence) -> Diagnosis | None:
    """An exception in a line in which another worker had a part."""
    if e.crash is None or e.passing is None:
        return None
    spot = e.crash.worker, e.crash.file, e.crash.line
    steps = (e.run.steps[n] for pair in e.races for n in pair)
    if not any((step.worker, step.file, step.line) == spot for step in steps):
        return None
    return _ended(e, "data-race")


def exception_alone(e: Evidence) -> Diagnosis | None:
    """An exception that nobody caught, and that nobody else had a part in."""
    return _ended(e, e.outcome) if e.crash else None


def _ended(e: Evidence, code: str, *, fix: str = "", lesson: str = "") -> Diagnosis:
    crash = e.crash
    assert crash is not None
    # Where it only shows that two came between one another, to catch it mends nothing.
    is_alone = not fix and code != "data-race"
    name = "exception-dies-in-its-thread" if e.outcome in LEFT_OPEN and crash.handler and is_alone else ""
    fix = fix or ((spoken_of.hint(crash.error) or CODES["crashed"].hint) if is_alone else "")
    return told(e, code, sentences.crashed(e.run, crash, e.taken), name, fix=fix, lesson=lesson, crash=crash)


CRASHES: tuple[CausePattern, ...] = (
    entry_taken_before,
    used_before_it_was_whole,
    caught_by_another_name,
    future_settled_before,
    let_go_meanwhile,
    changed_while_gone_through,
    exception_between,
    exception_alone,
)

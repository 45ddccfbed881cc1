"""What each request needs for itself, and all share: a signal that is set already, an object in a queue that is
changed for the next message. Patterns, as in `patterns`.
"""

from grader.checks.causes.source.program import parsed
from grader.checks.causes.source.slips import A_NEW_ONE, put_and_changed
from grader.explorer.diagnosis.conflicts import StepTrio
from grader.explorer.diagnosis.diagnosis import Diagnosis, told
from grader.explorer.diagnosis.evidence import Evidence
from grader.explorer.diagnosis.handing_on import is_anothers
from grader.explorer.diagnosis.wording import at, who
from grader.explorer.runtime.resources import Resource
from grader.explorer.trace.model import Run, Step
from grader.protocol.messages import Message, message_on

GAVE_UP = ("blocked", "wrong-type", "no-reply")  # what an error 0 is found as, where a peer had answered
OF_ITS_OWN = (
    "make one for each request. What stands in a class body, or as the default of a parameter, is made once."
)


def set_for_another(e: Evidence) -> Diagnosis | None:
    """Who gave up, or found nothing, had not waited for its own reply: the event was set for another's, or
    before it had asked.
    """
    found = _set_before(e.run) if e.outcome in GAVE_UP else _woken_too_soon(e)
    if found is None:
        return None
    wake, vain = found
    how = ("was woken", "was set") if vain.waits_for else ("did not wait", "was set already,")
    text = f"{who(e.run, vain)} {how[0]} {at(e.run, vain)}: {vain.place} {how[1]} by {who(e.run, wake)} "
    text += f"{at(e.run, wake)}, for another request"
    fix = f"Several wait for {vain.place}: {OF_ITS_OWN}"
    return told(e, "data-race", (text, [wake, vain]), fix=fix, lesson="03")


def _woken_too_soon(e: Evidence) -> tuple[Step, Step] | None:
    """The signal for what lay there already, and the wait of who then looked for what was put there later."""
    if not e.races:
        return None
    look, put = (e.run.steps[n] for n in e.races[0])
    for vain in reversed(e.run.steps[: look.n]):
        if (vain.worker, vain.op, vain.kind) == (look.worker, "wait", Resource.EVENT):
            given = (s for s in reversed(e.run.steps[: vain.n]) if (s.op, s.datum) == ("wake", vain.datum))
            signal = next(given, None)
            return (signal, vain) if signal and put.op == "write" and is_anothers(e.run, signal, put) else None
    return None


def _set_before(run: Run) -> tuple[Step, Step] | None:
    """The signal that was another's, and the wait of the handler that then gave up."""
    said = [s for s in run.steps if s.op == "out" and run.findings and s.event in run.findings[0].events]
    for last in reversed(said):
        mine = [step for step in run.steps[: last.n] if step.worker == last.worker]
        vain = next((step for step in reversed(mine) if step.op in ("wait", "fire")), None)
        if vain is None or vain.op != "wait" or vain.kind is not Resource.EVENT:
            continue
        asked = max((step.n for step in mine if step.op == "out" and step.n < vain.n), default=-1)
        since = [step for step in run.steps[: vain.n] if step.datum == vain.datum]
        signal = next((step for step in reversed(since) if step.op in ("wake", "clear")), None)
        if signal is None or signal.op != "wake" or signal.worker == vain.worker:
            continue
        if (signal.n < asked and not vain.waits_for) or _named(run, signal) not in (None, _sent(run, asked)):
            return signal, vain
    return None


def _named(run: Run, signal: Step) -> object:
    """The msg_id that the message names which the signal was given for: what its worker had read last."""
    read = [s for s in run.steps[: signal.n] if s.op == "in" and s.worker == signal.worker]
    message = _message(run, read[-1]) if read else None
    return message["body"].get("in_reply_to") if message else None


def _sent(run: Run, asked: int) -> object:
    message = _message(run, run.steps[asked]) if asked >= 0 else None
    return message["body"].get("msg_id") if message else None


def _message(run: Run, step: Step) -> Message | None:
    line = next((event.line for event in run.transcript if event.n == step.event), "")
    return message_on(line)


def changed_in_a_queue(e: Evidence) -> Diagnosis | None:
    """What was put into a queue was changed for the next message before the first was taken out."""
    found = _changed_meanwhile(e.run)
    if found is None:
        return None
    (put, change, got), thing, queue = found
    text = f"{who(e.run, put)} put {thing} into {queue} {at(e.run, put)}, and {who(e.run, change)} changed it "
    text += (
        f"{at(e.run, change)} before {who(e.run, got)} took it out {at(e.run, got)}: a queue keeps the object, "
    )
    return told(e, "data-race", (f"{text}no copy", [put, change, got]), fix=A_NEW_ONE, lesson="05")


def _changed_meanwhile(run: Run) -> tuple[StepTrio, str, str] | None:
    for file, lines in run.sources:
        source = parsed(file, "\n".join(lines))
        for one in put_and_changed(source) if source else ():
            for put in run.steps:
                if (put.op, put.file, put.line) != ("put", file, one.put):
                    continue
                later = run.steps[put.n + 1 :]
                got = next((s for s in later if (s.op, s.datum) == ("get", put.datum)), None)
                change = next((s for s in later if (s.file, s.line) == (file, one.change)), None)
                if got and change and change.n < got.n and got.worker != change.worker:
                    return (put, change, got), one.thing, one.queue
    return None

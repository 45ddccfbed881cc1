"""The judge: from a case and a transcript to a verdict, the leading finding first. A pure function."""

from dataclasses import dataclass, replace

from grader.cases.model import Case
from grader.checks import CHECKS
from grader.checks.causes import followed, of_silence
from grader.checks.findings import CODES, OF_THE_CASE, PRECEDENCE, Finding
from grader.checks.observation import Reading, read
from grader.checks.wording import said_in
from grader.conversation.transcript import Transcript
from grader.protocol.messages import error_code, is_reply

NO_PROXY = "the node answers proxy with error 10 (not supported)"
NO_ECHO = "the node answers echo with error 10 (not supported)"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says. Of the findings the first leads; the others follow from it, and are marked so."""

    findings: tuple[Finding, ...]
    answered_init: bool  # before time was up
    answered_live: bool  # while the input was open
    lacks_proxy: bool  # error 10 in answer to a `proxy`, and no proxy was served
    lacks_echo: bool = False  # error 10 in answer to an `echo`, and no echo was served


def judge(case: Case, transcript: Transcript, language: str = "") -> Verdict:
    """All that is wrong with what the node did.

    The earliest event leads; of several findings that fit one event, the first code of the precedence.
    `language` is the node's, where it is known: hints are given in its words.
    """
    reading = read(case, transcript)
    found: dict[str, Finding] = {}
    for finding in sorted(
        (finding for check in CHECKS for finding in check(reading)),
        key=lambda finding: (finding.at, PRECEDENCE[finding.code]),
    ):
        found.setdefault(finding.code, finding)  # once is enough: a second of a code says nothing new
    ordered = list(found.values())
    if ordered and ordered[0].cause is None:
        ordered[0] = _explained(reading, ordered[0])
    findings = tuple(
        _complete(finding, case, language, follows=place > 0)
        for place, finding in enumerate(ordered)
        if not place or finding.code != ordered[0].code
    )
    if findings and findings[0].cause is None and (way := followed.way(reading, findings[0])):
        findings = (replace(findings[0], hint=followed.hint(way, findings[0].hint)), *findings[1:])
    return Verdict(
        findings,
        _answered_init_before(reading, reading.timeout),
        _answered_init_before(reading, reading.eof.n if reading.eof else None),
        _lacks_proxy(reading),
        _lacks(reading, "echo"),
    )


def _answered_init_before(reading: Reading, event: int | None) -> bool:
    init_ok = reading.script.init_ok
    return init_ok is not None and (event is None or init_ok.event < event)


def _explained(reading: Reading, finding: Finding) -> Finding:
    """With its cause. Who gave up on a peer because it was held up itself has been blocked; whom the reply that
    was read did not find has not.
    """
    cause = of_silence.cause(reading, finding)
    is_held_up = cause is not None and cause.kind in ("lock", "wait", "reading") and not cause.woke_nobody
    if is_held_up and finding.code == "wrong-type":
        return replace(finding, cause=cause, code="blocked", hint="", lesson="")
    return replace(finding, cause=cause)


def _complete(finding: Finding, case: Case, language: str, *, follows: bool) -> Finding:
    code = CODES[finding.code]
    events = tuple(sorted(set(finding.events)))
    of_case = case.lesson if finding.code in OF_THE_CASE else ""
    cause = finding.cause
    lesson = (cause.lesson if cause else "") or finding.lesson or of_case or code.lesson
    hint = (cause.hint if cause else "") or said_in(language, finding.hint or code.hint)
    return replace(finding, hint=hint, lesson=lesson, events=events, follows=follows)


def _lacks_proxy(reading: Reading) -> bool:
    """Whether it does not know `proxy` at all: who asks a peer, or answers one proxy well, knows it."""
    return all(is_reply(heard.message) for heard in reading.script.heard) and _lacks(reading, "proxy")


def _lacks(reading: Reading, kind: str) -> bool:
    """Whether it does not know this type at all: error 10 answers one of the kind, and none was served."""
    said = [heard.message for heard in reading.script.heard]
    if any(message["body"].get("type") == f"{kind}_ok" for message in said):
        return False
    for message in said:
        body = message["body"]
        if body.get("type") != "error" or error_code(body) != 10:
            continue
        request = reading.named_by(message)
        if request is not None and request.message["body"].get("type") == kind:
            return True
    return False

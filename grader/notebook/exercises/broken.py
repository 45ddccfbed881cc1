"""Which sentences of the protocol a failed case shows to be broken: by what was found, and about which request.

A finding's code says what went wrong; of whom and when, the case and the transcript know. `sentences.toml` has
the codes of each sentence, some with one of these behind a colon:

- `echo`, `proxy`, `init`, `other`: the type of the request that it is about, where its good answer is due
- `due-0`, `due-error`: error 0 is due, or another error
- `asked`: it is about a message that the node sends by itself, to a peer
- `src`, `dest`: what is wrong with an address
- `error-0`: error 0 came; `nothing`: no answer at all
- `bad-line`: a line that is no message had been sent
- `end`: the input had ended; `early`: the node ended before it
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from grader.notebook.exercises.lesson_files import LESSONS, load

if TYPE_CHECKING:
    from grader.checks.findings import Finding
    from grader.checks.observation import Reading
    from grader.grading.results import Result
    from grader.protocol.messages import Message

TYPES = ("init", "echo", "proxy")
OF_A_SCHEDULE = ("data-race",)  # why it went wrong, and not what: that is said by what follows


def sentences() -> list[str]:
    """The protocol in sentences."""
    return [one["text"] for one in _known()]


def shown_by(result: "Result") -> frozenset[int]:
    """The sentences, by number, that this failed case shows to be broken; none if that can't be known."""
    finding = telling(result)
    if finding is None:
        return frozenset()
    facts = set(_facts(result, finding))
    return frozenset(
        number
        for number, one in enumerate(_known(), 1)
        for code, _, fact in (each.partition(":") for each in one["shown_by"])
        if code == finding.code and (not fact or fact in facts)
    )


def telling(result: "Result") -> "Finding | None":
    """The finding that says what went wrong; None where only its schedule is known."""
    return next((each for each in result.findings if each.code not in OF_A_SCHEDULE), None)


def _facts(result: "Result", finding: "Finding") -> Iterator[str]:
    """What is known of the request that a finding is about, and of what came before."""
    from grader.checks.observation import read

    reading = read(result.case, result.transcript)
    requests, has_asked = _about(reading, finding)
    if has_asked:
        yield "asked"
    for request in requests:
        yield from _kind(reading, request)
    if finding.code == "wrong-address":
        labels = {line.partition(":")[0] for line in finding.expected.splitlines()}
        yield from labels & ({"src"} if has_asked else {"src", "dest"})
    if finding.code == "missing-error" and finding.actual == "nothing":
        yield "nothing"
    if finding.code == "wrong-type" and "error 0" in finding.message:
        yield "error-0"
    if reading.bad_lines and reading.bad_lines[0][0] < finding.at:
        yield "bad-line"
    has_ended = reading.eof is not None and reading.eof.n < finding.at
    if has_ended:
        yield "end"
    elif finding.code == "crashed":
        yield "early"
        for one in reading.requests.values():  # it may have been the late reply that it died of
            yield from {"due-0"}.intersection(_kind(reading, one.message))


def _about(reading: "Reading", finding: "Finding") -> tuple[list["Message"], bool]:
    """The requests that a finding is about; and whether it is about what the node should have asked, or did."""
    from grader.protocol.messages import is_reply

    sent = {one.event: one.message for one in reading.requests.values()}
    heard = {one.event: one.message for one in reading.script.heard}
    if reading.script.stray is not None:
        heard[reading.script.stray.event] = reading.script.stray.message
    requests = [sent[n] for n in finding.events if n in sent]
    said = [heard[n] for n in finding.events if n in heard]
    if not requests:
        requests = [one.message for one in map(reading.named_by, filter(is_reply, said)) if one]
    if not requests and finding.code in ("crashed", "no-reply", "deadlock"):
        requests = [one.message for one in map(reading.request_of, reading.awaited) if one]
    has_asked = bool(said) and not any(map(is_reply, said))
    if finding.code == "no-reply":
        has_asked = bool(reading.awaited) and "in_reply_to" not in reading.awaited[0].body
    return requests, has_asked


def _kind(reading: "Reading", request: "Message") -> Iterator[str]:
    """What is due to a request: an error, or its good answer, which hangs on its type."""
    kind = request["body"].get("type")
    due = _due(reading, request)
    is_refused = due.get("type") == "error"
    if is_refused:
        yield "due-0" if due.get("code", 0) == 0 else "due-error"
    if kind not in TYPES:
        yield "other"
    elif not is_refused:
        yield kind


def _due(reading: "Reading", request: "Message") -> dict[str, Any]:
    """The body of the answer that the case expects to this request."""
    from grader.cases.model import Expect

    for step in reading.case.steps:
        for pattern in step.patterns if isinstance(step, Expect) else ():
            body = pattern.get("body")
            if not isinstance(body, dict) or pattern.get("dest") not in (request["src"], "$any"):
                continue
            if body.get("in_reply_to") in (request["body"].get("msg_id"), "$any"):
                return body
    return {}


def _known() -> list[dict[str, Any]]:
    known: list[dict[str, Any]] = load(f"{LESSONS}/sentences.toml")["sentences"]
    return known

"""Answers: what is still expected when time is up or the node is gone, and why it did not come."""

from collections.abc import Iterator, Sequence

from grader.checks import peers
from grader.checks.causes import falsy, of_silence, standing
from grader.checks.findings import Finding
from grader.checks.observation import Reading
from grader.checks.wording import GIVE_UP, TOO_SOON
from grader.conversation.patterns import Pattern
from grader.conversation.script import Early
from grader.conversation.thread_dumps import Look, describe
from grader.conversation.transcript import Event
from grader.protocol.json_values import loads, shorten
from grader.protocol.messages import ERRORS, error_code, is_reply, name, sentence

KEPT = "Write and flush each reply at once; sorted at the end, it leaves its client waiting for ever."
OTHERS_WENT_ON = (
    "Others were served meanwhile: look for a lock held, too few workers, or replies kept in order."
)
UNSENT = "Log to stderr when you read the proxy and when you send its inner on: which line is missing?"
IN_A_FUTURE = (
    "An exception in what was given to submit() stays in its future, and is seen by nobody: ask each future "
    "for its result(), or log the exception in the handler."
)
INIT = "Is there a handler for init, under just this name, and does it write its answer?"
UNMATCHED = "Log the in_reply_to of the peer's reply, and the msg_id that is waited for: do they meet?"
ERROR_0 = "A timeout is an error like others: type error, in_reply_to, and code 0."
DUE = {  # what to do where an error with this code is due
    0: ERROR_0,
    10: "Answer a type that you don't know with error 10, so that the client need not wait.",
    12: "Answer a request that lacks a field its type needs with error 12, before you use the field.",
}


def check(reading: Reading) -> Iterator[Finding]:
    """`blocked`, `not-flushed`, `no-reply`, `missing-error`, `bad-input`, for what is missing."""
    if (early := reading.script.early) is not None:
        proxy = reading.named_by(early.heard.message)
        is_stray = reading.script.stray is not None and reading.script.stray.event == early.heard.event
        # A second answer of one that had its first held nobody up: it is found as the stray that it is.
        if not (is_stray and proxy and peers.is_answered(reading, proxy, early.heard.event)):
            yield _blocked_by_timeout(reading, early)
    missing = reading.awaited
    if reading.timeout is None or not missing:
        return
    unanswered = tuple(n for n in (_request_event(reading, p) for p in missing) if n is not None)
    at = reading.timeout  # what comes after it only follows
    seen = of_silence.seen(reading, at)
    stands = describe(seen[-1]) if seen else ()
    stood = standing.cause(seen, "no-reply")
    is_reading = reading.unended is not None or (stood is not None and stood.kind in ("reading", "lock"))
    if reading.is_blocked:
        asked = next(iter(reading.script.asked.values()))
        text = (
            f"While the node waited for the answer to {name(asked.message)}, {_were(reading, missing, 'not')}."
        )
        events = (*unanswered[:3], asked.event)
        went_on = _others_went_on(reading, asked.event, at)
        yield Finding(
            "blocked",
            text,
            at,
            events,
            _expected(missing),
            "nothing",
            hint=OTHERS_WENT_ON if went_on else "",
            stands=stands,
            others_went_on=went_on,
        )
    held_back = [h for h in reading.script.heard if h.event > reading.timeout and h.answers is not None]
    came = {id(heard.answers) for heard in held_back}
    answered = (_request_event(reading, h.answers) for h in held_back if h.answers)
    since = min((n for n in answered if n is not None), default=_last_written_to(reading))
    if held_back and not is_reading and not _wrote_between(reading, since, reading.timeout):
        text = f"{sentence(name(held_back[0].message))} was written only after the end of input."
        if not seen:  # of a node that doesn't say where it stands, nobody can tell
            text += " It stayed in a buffer, or the node reads on to the end, or sleeps, before it answers."
        events = (since, reading.timeout, held_back[0].event)
        is_kept = reading.script.init_ok is not None and reading.script.init_ok.event < reading.timeout
        yield Finding(
            "not-flushed",
            text,
            at,
            events,
            "the reply while the input is open",
            "the reply after its end",
            hint=KEPT if is_kept else "",
            lesson="07" if is_kept else "",
        )
    if (silent := _silent_since_bad_line(reading, unanswered)) is not None:
        n, line = silent
        text = f"After the malformed line {line!r} the node answered nothing more."
        events = (n, *unanswered[:2])
        hint = of_bad_line(line)
        yield Finding("bad-input", text, at, events, _expected(missing), "nothing", hint=hint, stands=stands)
    yield from missing_error(reading, [p for p in missing if id(p) not in came], at)
    text = sentence(f"{_were(reading, missing, 'never')}.")
    replied = (h for h in reading.script.heard if is_reply(h.message) and h.event < at)
    is_kept = id(missing[0]) in came and all(heard is reading.script.init_ok for heard in replied)
    is_kept &= not is_reading
    is_kept &= not missing[0].expects_timeout  # who waits for a reply gives up when the input ends
    yield Finding(
        "no-reply",
        text,
        at,
        unanswered[:3],
        _expected(missing),
        "nothing",
        hint=KEPT if is_kept else _why_missing(reading, missing[0], seen),
        lesson="07" if is_kept else "",
        stands=stands,
        cause=falsy.of_ids(reading, missing, at),
    )


def missing_error(reading: Reading, missing: Sequence[Pattern], at: int) -> Iterator[Finding]:
    """`missing-error`, for a request that must be answered with an error and was not answered."""
    errors = [p for p in missing if p.body.get("type") == "error" and not p.expects_timeout]
    for pattern in errors[:1]:
        request = reading.request_of(pattern)
        asked = name(request.message) if request else f"a request of {pattern.known.get('dest')}"
        code = error_code(pattern.body)
        meaning = f" ({ERRORS[code]})" if code in ERRORS else ""
        text = f"{sentence(asked)} got no answer; error {code}{meaning} is due."
        events = (request.event,) if request else ()
        hint = DUE.get(code, "")
        yield Finding("missing-error", text, at, events, _expected([pattern]), "nothing", hint=hint)


def of_bad_line(line: str) -> str:
    """The hint for a line that is JSON and yet no message; none where the line can't even be parsed."""
    try:
        loads(line)
    except ValueError:
        return ""
    return "JSON may still be no message: see that it is an object with src and body before you use those."


def silent_line(reading: Reading, before: int) -> tuple[int, str] | None:
    """The malformed line sent last before event `before`, if nothing has been written since."""
    lines = [(n, line) for n, line in reading.bad_lines if n < before]
    if not lines or any(heard.event > lines[-1][0] for heard in reading.script.heard):
        return None
    return lines[-1][0], shorten(lines[-1][1], 60)


def _silent_since_bad_line(reading: Reading, unanswered: Sequence[int]) -> tuple[int, str] | None:
    if not unanswered or not reading.bad_lines or max(unanswered) < reading.bad_lines[0][0]:
        return None
    return silent_line(reading, reading.end)


def _blocked_by_timeout(reading: Reading, early: Early) -> Finding:
    proxy = reading.named_by(early.heard.message)
    asked = name(proxy.message) if proxy else "a request"
    awaited = early.awaited[0]
    event = _request_event(reading, awaited)
    text = sentence(f"{_were(reading, early.awaited, 'not')} while {asked} waited for its peer.")
    passed_on = (
        h.event for h in reading.script.heard if not is_reply(h.message) and proxy and h.event > proxy.event
    )
    since = next(passed_on, early.heard.event)  # it waited from then on
    events = [n for n in (event, proxy.event if proxy else None, early.heard.event) if n is not None]
    went_on = _others_went_on(reading, since, early.heard.event)
    hint, lesson = OTHERS_WENT_ON if went_on else "", ""
    waited = peers.gave_up_at_once(reading, proxy, early.heard)
    if waited is not None:  # it held nobody up: it did not wait
        text = f"{sentence(asked)} was answered with error 0 (timeout) {waited:.0f} ms after its peer had been "
        text += f"asked, not after 1 s: {_were(reading, early.awaited, 'not')} yet."
        hint, lesson = TOO_SOON, "03"
    return Finding(
        "blocked",
        text,
        early.heard.event,
        tuple(events),
        _expected(early.awaited),
        name(early.heard.message),
        hint,
        lesson,
        late=True,
        others_went_on=went_on or waited is not None,
    )


def _others_went_on(reading: Reading, since: int, until: int) -> bool:
    """Whether others were served while one waited."""
    return any(since < heard.event < until for heard in reading.script.heard)


def _why_missing(reading: Reading, pattern: Pattern, seen: Sequence[Look]) -> str:
    if pattern.expects_timeout:
        return GIVE_UP
    if seen and any(stack.is_idle_worker for stack in seen[-1].stacks):
        return IN_A_FUTURE
    if "in_reply_to" not in pattern.body:
        return UNSENT
    if pattern.body.get("type") == "init_ok":
        return INIT
    return UNMATCHED if "result" in pattern.body and reading.replies else ""


def _last_written_to(reading: Reading) -> int:
    return max((event.n for event in reading.transcript if event.kind == "in"), default=0)


def _wrote_between(reading: Reading, first: int, last: int) -> bool:
    def is_between(event: Event) -> bool:
        return event.kind == "out" and event.ended and first < event.n < last

    return any(map(is_between, reading.transcript))


def _request_event(reading: Reading, pattern: Pattern) -> int | None:
    request = reading.request_of(pattern)
    return request.event if request else None


def _were(reading: Reading, missing: Sequence[Pattern], never: str) -> str:
    """What was never answered, or never sent: the first by name, the others by number."""
    request = reading.request_of(missing[0])
    first = name(request.message) if request else _expected(missing[:1])
    were = f"and {len(missing) - 1} more were" if len(missing) > 1 else "was"
    return f"{first} {were} {never} {'answered' if request else 'sent'}"


def _expected(missing: Sequence[Pattern]) -> str:
    pattern = missing[0]
    body = {k: v for k, v in pattern.body.items() if k != "msg_id" or v not in ("$any", "$int")}
    known = {"src": "?", "dest": "?", **pattern.known, "body": body}
    more = f", and {len(missing) - 1} more" if len(missing) > 1 else ""
    text = name(known)
    if "in_reply_to" not in pattern.body:
        text = f"{text} to {known['dest']}"
    return text + more

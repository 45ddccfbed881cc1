"""Answers: what is still expected when time is up or the node is gone, and why it did not come."""

from collections.abc import Iterator, Sequence

from grader.findings import Finding
from grader.messages import ERRORS, error_code, name, sentence
from grader.patterns import Pattern
from grader.reading import Reading
from grader.script import Early
from grader.stacks import describe
from grader.transcript import Event


def check(reading: Reading) -> Iterator[Finding]:
    """`blocked`, `not-flushed`, `no-reply`, `missing-error`, `bad-input`, for what is missing."""
    if reading.script.early is not None:
        yield _blocked_by_timeout(reading, reading.script.early)
    missing = reading.awaited
    if reading.timeout is None or not missing:
        return
    unanswered = tuple(n for n in (_request_event(reading, p) for p in missing) if n is not None)
    stands = describe(reading.stderr)
    at = reading.timeout  # what comes after it only follows
    what = listed(reading, missing)
    if reading.is_blocked:
        asked = next(iter(reading.script.asked.values()))
        text = f"While the node waited for the answer to {name(asked.message)}, {what} was not answered."
        events = (*unanswered[:3], asked.event)
        yield Finding("blocked", text, at, events, _expected(missing), "nothing", stands=stands)
    held_back = [h for h in reading.script.heard if h.event > reading.timeout and h.answers is not None]
    came = {id(heard.answers) for heard in held_back}
    answered = (_request_event(reading, h.answers) for h in held_back if h.answers)
    since = min((n for n in answered if n is not None), default=_last_written_to(reading))
    if held_back and not _wrote_between(reading, since, reading.timeout):
        text = f"{sentence(name(held_back[0].message))} was written only after the end of input."
        events = (since, reading.timeout, held_back[0].event)
        yield Finding("not-flushed", text, at, events, "the reply at once", "the reply at the end of input")
    if (silent := _silent_since_bad_line(reading, unanswered)) is not None:
        n, line = silent
        text = f"After the malformed line {line!r} the node answered nothing more."
        yield Finding("bad-input", text, at, (n, *unanswered[:2]), _expected(missing), "nothing", stands=stands)
    yield from missing_error(reading, [p for p in missing if id(p) not in came], at)
    text = f"{what} was never answered."
    yield Finding("no-reply", sentence(text), at, unanswered[:3], _expected(missing), "nothing", stands=stands)


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
        yield Finding("missing-error", text, at, events, _expected([pattern]), "nothing")


def silent_line(reading: Reading, before: int) -> tuple[int, str] | None:
    """The malformed line sent last before event `before`, if nothing has been written since."""
    lines = [(n, line) for n, line in reading.bad_lines if n < before]
    if not lines or any(heard.event > lines[-1][0] for heard in reading.script.heard):
        return None
    return lines[-1][0], lines[-1][1][:60]


def _silent_since_bad_line(reading: Reading, unanswered: Sequence[int]) -> tuple[int, str] | None:
    if not unanswered or not reading.bad_lines or max(unanswered) < reading.bad_lines[0][0]:
        return None
    return silent_line(reading, reading.end)


def _blocked_by_timeout(reading: Reading, early: Early) -> Finding:
    proxy = reading.named_by(early.heard.message)
    asked = name(proxy.message) if proxy else "a request"
    awaited = early.awaited[0]
    event = _request_event(reading, awaited)
    what = listed(reading, early.awaited)
    if "in_reply_to" in awaited.body:
        while_ = f"while {asked} waited for its peer, until that gave up (error 0)"
        text = f"{sentence(what)} was not answered {while_}."
    else:
        text = f"{sentence(asked)} gave up (error 0) before the node sent on what others had asked it to send."
    events = [n for n in (event, proxy.event if proxy else None, early.heard.event) if n is not None]
    return Finding(
        "blocked",
        text,
        early.heard.event,
        tuple(events),
        _expected(early.awaited),
        name(early.heard.message),
        late=True,
    )


def _last_written_to(reading: Reading) -> int:
    return max((event.n for event in reading.transcript if event.kind == "in"), default=0)


def _wrote_between(reading: Reading, first: int, last: int) -> bool:
    def is_between(event: Event) -> bool:
        return event.kind == "out" and first < event.n < last

    return any(map(is_between, reading.transcript))


def _request_event(reading: Reading, pattern: Pattern) -> int | None:
    request = reading.request_of(pattern)
    return request.event if request else None


def listed(reading: Reading, missing: Sequence[Pattern]) -> str:
    """The requests that are not answered, the first by name, the others by number."""
    request = reading.request_of(missing[0])
    if request is not None:
        first = name(request.message)
    else:
        kind, peer = missing[0].body.get("type"), missing[0].known.get("dest")
        first = f"a request that makes the node send “{kind}” to {peer}"
    return f"{first} (and {len(missing) - 1} more)" if len(missing) > 1 else first


def _expected(missing: Sequence[Pattern]) -> str:
    pattern = missing[0]
    body = {k: v for k, v in pattern.body.items() if (k, v) != ("msg_id", "$any")}
    known = {"src": "?", "dest": "?", **pattern.known, "body": body}
    more = f", and {len(missing) - 1} more" if len(missing) > 1 else ""
    text = name(known)
    if "in_reply_to" not in pattern.body:
        text = f"{text} to {known['dest']}"
    return text + more

"""Strays: the message that fits nothing is held against the request that it fits but for one thing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from grader.checks import peers, whose
from grader.checks.answers import DUE, ERROR_0
from grader.checks.causes import falsy, shape, spelling
from grader.checks.differences import ENVELOPE, brief, brief_body, difference, things_of
from grader.checks.findings import Cause, Finding
from grader.checks.observation import Reading, Sent
from grader.checks.wording import BY_NUMBER, NOT_KEPT, NOT_KEPT_AT_INIT, TOO_SOON
from grader.conversation.patterns import KEYS, MSG_ID, Pattern, compile_pattern, is_missing, value_at
from grader.conversation.script import Heard
from grader.protocol.json_values import dumps, freeze, is_integer, same, shorten
from grader.protocol.messages import ERRORS, Message, error_code, is_reply, name, place, sentence

NO_ANSWER_WANTED = "Only a message with a msg_id and without in_reply_to wants an answer."
OF_INIT = "From init on, the src of all that you write is the node_id that init gave."
ANSWER_INIT = "Is init answered at all? init_ok comes first: handle nothing else before it is written."
TARGET = "What a proxy asks you to send goes to its target."
SEND_AS_IS = "Send on what you were given as it is: only the msg_id is yours to add."
ASK_FIRST = "Send inner to target with a msg_id of your own, wait for the reply to that, and only then answer."
OWN_NUMBER = (
    "in_reply_to holds the number of the reply itself: take the request's msg_id before the reply gets its own."
)
NO_MORE = "Leave out what the protocol does not name; remarks go to stderr."
INSTEAD = {  # of the right reply came an error with this code
    0: "Let the peer's reply find who waits: that is noted before the request is sent, under just the msg_id "
    "that in_reply_to names, and woken once the reply is there.",
    1: "The target is one of the node_ids that init gave: is it looked for in just those, and not in node_id?",
    10: "The node does not know this type: is there a handler for it, under just this name?",
    12: "A field was not found that is there: print to stderr which one, and the body that has come.",
    13: "A handler failed: print its exception to stderr, and mend that.",
}
ONCE_MORE = (
    "A line that is no message came between: the message before it was handled once more. Go on with the next "
    "line then (continue), and handle nothing."
)
NOTHING_CAME = (
    "Time was up, and what stands there then was taken for a reply: ask for just that (None, {}, …), and "
    "answer error 0 if you find it."
)
LESSONS = {
    **dict.fromkeys((ERROR_0, NOTHING_CAME, INSTEAD[0]), "05"),
    **dict.fromkeys((whose.WHOLE_RESULT, whose.NOT_SPREAD, SEND_AS_IS, TARGET), "01"),
    **dict.fromkeys((TOO_SOON, whose.SHARED), "03"),
}


def check(reading: Reading) -> Iterator[Finding]:
    """The one finding that says what is wrong with the message that fits nothing."""
    stray = reading.script.stray
    if stray is None:
        return
    open_patterns = list(reading.script.open())
    twin = _twin(reading, stray)
    if is_reply(stray.message):
        yield _reply(reading, stray, open_patterns, twin)
    else:
        yield _request(reading, stray, open_patterns, twin)


def before_init(reading: Reading) -> Iterator[Finding]:
    """`before-init`: a message other than init_ok that came before it."""
    if not reading.case.starts_with_init:
        return
    init = next(iter(reading.requests.values()), None)
    for heard in reading.script.heard:
        if heard is reading.script.init_ok:
            return
        if heard.is_optional:
            continue
        if init and is_reply(heard.message) and reading.named_by(heard.message) is init:
            return  # an answer to init of a kind: what is wrong with it is for others
        text = f"{sentence(name(heard.message))} was written before init was answered."
        events = (init.event, heard.event) if init else (heard.event,)
        is_late = reading.script.init_ok is not None
        lesson = "" if is_reply(heard.message) and is_late else "00"  # nothing of concurrency need be in it
        hint = "" if is_late else ANSWER_INIT
        came = brief(heard.message)
        yield Finding("before-init", text, heard.event, events, "init_ok first", came, hint, lesson)
        return


def _reply(reading: Reading, stray: Heard, open_patterns: list[Pattern], twin: Heard | None) -> Finding:
    message = stray.message
    replies = [pattern for pattern in open_patterns if "in_reply_to" in pattern.body]
    if twin is None and (meant := _meant(reading, stray, replies)) is not None:
        return meant
    named = [p for p in replies if not things_of(p, message) & {"dest", "in_reply_to"}]
    request = reading.named_by(message)
    if twin is not None:
        return _duplicate(reading, stray, twin, request)
    if not named and request is None and (no_request := _answered_reply(reading, message)) is not None:
        return _no_request(stray, no_request)
    if named:
        pattern = min(named, key=lambda p: len(p.misfits(message)))
        others = [p for p in replies if p not in named and _has_content_of(p, message)]
        if others and "content" in things_of(pattern, message):
            return _cross_talk(reading, stray, pattern, others[0])
        return _but_for(reading, stray, pattern)
    for pattern in replies:  # the open request that it fits but for one thing
        if things_of(pattern, message) in ({"dest"}, {"src"}, {"src", "dest"}, {"in_reply_to"}):
            return _but_for(reading, stray, pattern)
    if request is not None:
        others = [p for p in replies if _has_content_of(p, message)]
        if others:
            return _cross_talk(reading, stray, None, others[0])
        first = next((h for h in reading.script.heard if h is not stray and _names_the_same(h, stray)), None)
        if first is not None:
            return _duplicate(reading, stray, first, request)
        optional = [p for p in _optional(reading) if not things_of(p, message) & {"dest", "in_reply_to"}]
        if optional:
            return _but_for(reading, stray, optional[0])
    near = [p for p in replies if _has_content_of(p, message)] or [
        p for p in replies if p.body.get("type") == message["body"].get("type")
    ]
    if near:
        return _but_for(reading, stray, near[0])
    text = f"{sentence(name(message))} answers no request that the node was sent."
    if request is not None:
        text = f"{sentence(name(message))} answers {name(request.message)}, which wants no answer any more."
    return Finding(
        "unasked-message", text, stray.event, (stray.event,), actual=brief(message), hint=NO_ANSWER_WANTED
    )


def _answered_reply(reading: Reading, message: Message) -> Sent | None:
    """What was sent with an in_reply_to, and so is no request, and seems to be answered here."""
    body = message["body"]
    for sent in reading.replies:
        theirs = sent.message["body"]
        is_named = same(theirs.get("msg_id"), body["in_reply_to"])
        is_copied = "echo" in theirs and same(theirs["echo"], body.get("echo"))
        if same(sent.message["src"], message["dest"]) and (is_named or is_copied):
            return sent
    return None


def _no_request(stray: Heard, sent: Sent) -> Finding:
    body = sent.message["body"]
    which = f"{place(sent.message['src'])}'s {_type(body)} has an in_reply_to ({dumps(body['in_reply_to'])})"
    text = f"{sentence(name(stray.message))} answers what is no request: {which}, so it is a reply itself."
    events = (sent.event, stray.event)
    actual = brief(stray.message)
    return Finding("unasked-message", text, stray.event, events, "nothing", actual, hint=NO_ANSWER_WANTED)


def _optional(reading: Reading) -> list[Pattern]:
    """What may come, and has not."""
    script = reading.script
    return [compile_pattern(t, script.bindings, reading.case.match) for t in script.optional]


def _request(reading: Reading, stray: Heard, open_patterns: list[Pattern], twin: Heard | None) -> Finding:
    message = stray.message
    if twin is None:
        if (meant := _meant(reading, stray, open_patterns)) is not None:
            return meant
        for pattern in open_patterns:
            things = things_of(pattern, message)
            if things in ({"in_reply_to"}, {"dest"}, {"src"}, {"src", "dest"}, {"msg_id"}):
                return _but_for(reading, stray, pattern)
        for pattern in open_patterns:
            same_type = pattern.body.get("type") == message["body"].get("type")
            if same_type and things_of(pattern, message) == {"content"} and "in_reply_to" not in pattern.body:
                return _but_for(reading, stray, pattern)
    events = (twin.event, stray.event) if twin else (stray.event,)
    text = f"{sentence(name(message))}, sent to {message['dest']}, is a message that nothing asked for."
    if twin:
        text = f"{sentence(name(message))} was sent to {message['dest']} already; nothing asked for it again."
    hint = ""
    for pattern in open_patterns if twin is None else ():
        request = reading.request_of(pattern)
        if request is not None and pattern.body.get("type") == "error" and error_code(pattern.body) == 12:
            text = f"{text} {sentence(name(request.message))} lacks a field: error 12 is due."
            hint = DUE[12]
            break
    return Finding("unasked-message", text, stray.event, events, actual=brief(message), hint=hint)


def _meant(reading: Reading, stray: Heard, patterns: list[Pattern]) -> Finding | None:
    """What it would be but for a misspelt key, or a value of another type: that is what is wrong with it."""
    for pattern in patterns:
        for cause in (spelling, shape):
            if (mended := cause.mend(pattern, stray.message)) is not None:
                finding = replace(_but_for(reading, stray, pattern), cause=mended[1])
                own = "in_reply_to" not in pattern.body and is_missing(value_at(stray.message, MSG_ID))
                return replace(finding, code="missing-msg-id") if own else finding
    return None


def _but_for(reading: Reading, stray: Heard, pattern: Pattern) -> Finding:
    message, body = stray.message, stray.message["body"]
    things = things_of(pattern, message)
    request = reading.request_of(pattern) if "in_reply_to" in pattern.body else None
    wanted = name(
        pattern.known | {"src": pattern.known.get("src", "?"), "dest": pattern.known.get("dest", "?")}
    )
    what = f"{sentence(name(message))}"
    about = f", in answer to {name(request.message)}," if request else ""
    asked = sentence(name(request.message)) if request else "A request"
    wants_error = pattern.body.get("type") == "error"
    hint, late, cause = "", False, None
    refuses_init = "type" in things and body.get("type") == "error" and _type_of(request) == "init"
    if things & {"src", "dest"} and not refuses_init:
        code, text, hint = "wrong-address", *_address(reading, pattern, stray, what)
    elif "in_reply_to" in things:
        code = "wrong-in-reply-to"
        whom = name(request.message) if request else wanted
        text = f"{what} seems to be the answer to {whom}, but does not name it."
        if is_reply(message) and "msg_id" in body and same(body["in_reply_to"], body["msg_id"]):
            text = f"{what} seems to be the answer to {whom}, but its in_reply_to is its own msg_id."
            hint = OWN_NUMBER
        if not is_reply(message):
            text = f"The {_type(body)} to {message['dest']} has no in_reply_to; it seems to answer {whom}."
    elif wants_error and ("code" in things or ("type" in things and not pattern.expects_timeout)):
        code = "missing-error"
        number = error_code(pattern.body)
        meaning = f" ({ERRORS[number]})" if number in ERRORS else ""
        text = f"{asked} must be answered with error {number}{meaning}."
        hint = DUE.get(number, "")
        if body.get("type") == "error" and "code" in things:
            came = dumps(error_code(body)) if "code" in body else "no code"
            text = f"{text[:-1]}; it was answered with {'error ' * ('code' in body)}{came}."
            hint = whose.CODE_0 if number == 0 else hint
    elif "type" in things:
        code = "wrong-type"
        text = f"{what}{about} has the wrong type."
        hint = ERROR_0 if wants_error else ""
        if pattern.expects_timeout and body.get("type") == "proxy_ok":
            result = shorten(dumps(body.get("result")), 40)
            text = f"{asked} was answered with a result, {result}, though its peer has not replied."
            hint = NOTHING_CAME
        of_peer = whose.of_peer(reading, request, stray) if request and not wants_error else None
        if of_peer is not None:
            text, hint = f"{text[:-1]}: {of_peer[0]}.", of_peer[1]
        elif body.get("type") == "error":
            number = error_code(body)
            meaning = f" ({ERRORS[number]})" if number in ERRORS else ""
            text = f"{asked} was answered with error {dumps(number)}{meaning}."
            late = number == 0  # by a clock: it may be the machine that was busy
            hint = _instead(number, request)
            cause, hint = _refused(body, request, hint) if number == 12 else (None, hint)
            waited = peers.gave_up_at_once(reading, request, stray) if number == 0 else None
            if waited is not None:
                text = f"{text[:-1]} {waited:.0f} ms after its peer had been asked, not after 1 s."
                hint = TOO_SOON
            elif number == 0 and reading.replies:
                text += peers.NOT_FOUND
    elif things == {"msg_id"}:
        given = body.get("msg_id")
        code = "missing-msg-id" if given is None else "wrong-msg-id"
        text = (
            f"{what} has no msg_id, so that no reply can name it."
            if given is None
            else f"{what} has the msg_id {dumps(given)}."
        )
    else:
        code, text, hint = "wrong-payload", *_content(reading, pattern, message, what)
    expected, actual = difference(pattern, message, wanted)
    events = (request.event, stray.event) if request else (stray.event,)
    lesson = LESSONS.get(hint, "")
    return Finding(code, text, stray.event, events, expected, actual, hint, lesson, late=late, cause=cause)


def _instead(number: Any, request: Sent | None) -> str:
    """What to do where the error of this code came instead of the right reply."""
    if number == 10 and request:
        return f"Is there a handler for {_type(request.message['body'])}, under just this name?"
    if number == 1 and _type_of(request) != "proxy":
        return ""
    return INSTEAD.get(number, "") if is_integer(number) else ""


def _refused(body: dict[str, Any], request: Sent | None, hint: str) -> tuple[Cause | None, str]:
    """Why a request lacks nothing and was answered with error 12, if that is known, and what to do."""
    if request is None:
        return None, hint
    return spelling.of_error(body.get("text"), request.message), falsy.of_fields(request) or hint


def _type_of(sent: Sent | None) -> Any:
    return sent.message["body"].get("type") if sent else None


def _address(reading: Reading, pattern: Pattern, stray: Heard, what: str) -> tuple[str, str]:
    """What is wrong with the address, and a hint."""
    message, things = stray.message, things_of(pattern, stray.message)
    if "dest" not in things:
        hint = OF_INIT
        if message["src"] in (None, ""):
            hint = NOT_KEPT_AT_INIT if message["body"].get("type") == "init_ok" else NOT_KEPT
        return f"{what} does not have the node's own name as src.", hint
    text = f"{what} is not addressed to {pattern.known['dest']}, who is to get it."
    if "in_reply_to" not in pattern.body:
        return text, TARGET
    request, other = reading.request_of(pattern), whose.address(reading, stray)
    if request is None or other is None or things - {"dest", "src"}:
        return text, ""
    text += f" It has the address of {name(other.message)}, and the rest is for {name(request.message)}."
    return text, whose.SHARED


def _content(reading: Reading, pattern: Pattern, message: Message, what: str) -> tuple[str, str]:
    """What is wrong with the content, and a hint."""
    if "in_reply_to" not in pattern.body:
        return f"{what} is not what the node was asked to send.", SEND_AS_IS
    paths = pattern.misfits(message)
    if any(path[:2] == ("body", "result") for path in paths):
        if not reading.replies:
            return f"{what} has a result, though its peer was not asked, or has not answered yet.", ASK_FIRST
        return f"{what} has another result than its peer's reply.", whose.WHOLE_RESULT
    if paths == [("body", KEYS)] and set(message["body"]) > set(pattern.body):
        return f"{what} has keys that nobody asked for.", NO_MORE
    return f"{what} came back with other content.", ""


def _cross_talk(reading: Reading, stray: Heard, named: Pattern | None, owner: Pattern) -> Finding:
    addressed = reading.named_by(stray.message)
    belongs = reading.request_of(owner)
    text = f"{sentence(name(stray.message))} carries what belongs to {_who(belongs)}."
    events = tuple(sorted({sent.event for sent in (addressed, belongs) if sent} | {stray.event}))
    expected, actual = "nothing more: that request is answered", brief_body(stray.message["body"])
    if named:
        expected, actual = difference(named, stray.message, "")
    hint = BY_NUMBER if reading.replies else ""
    return Finding("cross-talk", text, stray.event, events, expected, actual, hint=hint)


def _duplicate(reading: Reading, stray: Heard, first: Heard, request: Sent | None) -> Finding:
    asked = name(request.message) if request else f"the request of {stray.message['dest']}"
    text = f"{sentence(asked)} was answered twice."
    events = (*((request.event,) if request else ()), first.event, stray.event)
    actual = f"again {brief_body(stray.message['body'])}"
    hint = whose.of_both(reading, request, first, stray) if request else ""
    if any(first.event < n < stray.event for n, _ in reading.bad_lines):
        hint = ONCE_MORE
    return Finding("duplicate-reply", text, stray.event, events, "one answer", actual, hint=hint)


def _twin(reading: Reading, stray: Heard) -> Heard | None:
    """The earlier message that is the same but for its msg_id."""
    for heard in reading.script.heard:
        if heard is not stray and _without_id(heard.message) == _without_id(stray.message):
            return heard
    return None


def _without_id(message: Message) -> Any:
    body = {key: value for key, value in message["body"].items() if key != "msg_id"}
    return freeze({"src": message["src"], "dest": message["dest"], "body": body})


def _names_the_same(a: Heard, b: Heard) -> bool:
    return (
        is_reply(a.message)
        and a.message["dest"] == b.message["dest"]
        and same(a.message["body"]["in_reply_to"], b.message["body"]["in_reply_to"])
    )


def _has_content_of(pattern: Pattern, message: Message) -> bool:
    """Whether the message carries just what `pattern` expects, wherever it is addressed."""
    carried = {k: v for k, v in pattern.body.items() if k not in ("type", *ENVELOPE)}
    # "", 0 and the like come of many a bug: nobody can say that they belong to another request.
    return any(carried.values()) and not things_of(pattern, message) & {"type", "code", "content"}


def _who(sent: Sent | None) -> str:
    return name(sent.message) if sent else "another request"


def _type(body: dict[str, Any]) -> str:
    kind = body.get("type")
    return shorten(kind, 40) if isinstance(kind, str) else "message"

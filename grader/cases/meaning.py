"""What a suite says that cannot be meant, by line: a reply that no request asks for, say. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from grader.cases.model import Case, Expect, Send, SendRaw
from grader.cases.parser import Problem
from grader.protocol.json_values import dumps, is_integer
from grader.protocol.messages import NotAMessage, parse

TWICE = "{} has two requests with the msg_id {}: no reply's in_reply_to can say which of them it answers"


def doubtful(cases: Sequence[Case], lines: Sequence[str], file: str) -> Iterator[Problem]:
    """What is probably a slip in these cases, which the file's `lines` say."""
    numbers = [number for number, line in enumerate(lines, 1) if line.strip()]
    for case in cases:
        here, numbers = numbers[: len(case.source)], numbers[len(case.source) :]
        if not case.starts_with_init and any(isinstance(step, Send) for step in case.steps):
            text = f"the case {case.id} begins without init: a node may answer nothing before it has a name"
            yield Problem(file, here[0], text)
        yield from _in_the_steps(case, here[1:], file)


def _in_the_steps(case: Case, numbers: Sequence[int], file: str) -> Iterator[Problem]:
    """The expectations that nothing before them gives a cause, and the requests that none can tell apart."""
    sent: set[tuple[Any, Any]] = set()  # requests, by src and msg_id
    asked = False  # whether a request beside init was sent
    raw = ""
    for step, number in zip(case.steps, numbers, strict=True):
        messages: list[Any] = []
        if isinstance(step, Send):
            messages = list(step.messages)
        elif isinstance(step, SendRaw):
            *whole, raw = (raw + step.text).split("\n")
            messages = [message for line in whole if (message := _message(line))]
        for message in messages:
            body = message["body"]
            request = message["src"], _id(body.get("msg_id"))
            if "in_reply_to" not in body:
                if request in sent and "msg_id" in body:
                    yield Problem(file, number, TWICE.format(*request))
                asked |= body.get("type") != "init"
            sent.add(request)
        if isinstance(step, Expect):
            for pattern in step.patterns:
                if problem := _cause_missing(pattern, sent, asked):
                    yield Problem(file, number, problem)
                    break


def _cause_missing(pattern: dict[str, Any], sent: set[tuple[Any, Any]], asked: bool) -> str:
    body, dest = pattern["body"], pattern.get("dest")
    if "in_reply_to" not in body:
        kind = body.get("type")
        return "" if asked else f"nothing was sent that makes a node write {dumps(kind)}: what is its cause?"
    number = body["in_reply_to"]
    if not is_integer(number) or not isinstance(dest, str) or dest.startswith("$"):
        return ""
    if (dest, _id(number)) in sent:
        return ""
    return f"a reply to {dest} with in_reply_to {number}, but no request of {dest} before it has that msg_id"


def _id(value: Any) -> Any:
    return int(value) if is_integer(value) else dumps(value)


def _message(line: str) -> Any:
    try:
        return parse(line)
    except NotAMessage:
        return None

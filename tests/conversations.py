"""Cases and transcripts for tests, written down shortly."""

from collections.abc import Iterable
from typing import Any

from grader.cases.model import Case, Close, Send, SendRaw, Silence
from grader.cases.parser import parse
from grader.conversation.script import Script
from grader.conversation.transcript import Event, Transcript
from grader.protocol.json_values import dumps

Message = dict[str, Any]


def message(src: str, dest: str, **body: Any) -> Message:
    return {"src": src, "dest": dest, "body": body}


def init() -> Message:
    return message("c0", "n1", type="init", msg_id=1, node_id="n1", node_ids=["n1", "n2"])


def init_ok(**more: Any) -> Message:
    return message("n1", "c0", type="init_ok", in_reply_to=1, **more)


def echo(client: str, msg_id: int, value: Any) -> Message:
    return message(client, "n1", type="echo", msg_id=msg_id, echo=value)


def echo_ok(client: str, in_reply_to: int, value: Any, **more: Any) -> Message:
    return message("n1", client, type="echo_ok", echo=value, in_reply_to=in_reply_to, **more)


def send(*messages: Message) -> dict[str, Any]:
    return {"send": list(messages)}


def expect(*messages: Message, **more: Any) -> dict[str, Any]:
    return {"expect": list(messages), **more}


CLOSE = {"close": "stdin"}


def case(*steps: dict[str, Any], suite: str = "mine", **header: Any) -> Case:
    lines = [{"case": "a-case", **header}, *steps]
    return parse("\n".join(map(dumps, lines)), suite, "mine.jsonl").cases[0]


def play(case: Case, answers: Iterable[Message | str], then: str = "") -> Transcript:
    """What is recorded if the node writes these lines, each as soon as the case waits for something.

    `then` is what comes last: "exit 0", "exit 1" and so on, "timeout" (of a node that says nothing more),
    or nothing (the grader ended the node).
    """
    script = Script(case)
    events: list[Event] = []

    def record(kind: Any, line: str = "", **more: Any) -> Event:
        events.append(Event(len(events), float(len(events)), kind, line, **more))
        return events[-1]

    pending = [line if isinstance(line, str) else dumps(line) for line in answers]

    def go_on() -> None:
        while script.stage is not None:
            if isinstance(script.stage, Send | SendRaw):
                for line in script.say().removesuffix("\n").split("\n"):
                    record("in", line)
            elif isinstance(script.stage, Close):
                record("eof")
                script.go_on()
            elif isinstance(script.stage, Silence):
                script.go_on()
            else:
                return

    go_on()
    for line in pending:
        event = record("out", line)
        script.hear(event.n, line)
        if script.is_clear:
            break
        go_on()
    if then == "timeout":
        record("eof")
    elif then.startswith("exit"):
        record("exit", status=int(then.split()[1]))
    return tuple(events)

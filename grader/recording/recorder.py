"""Recording a case: the same steps twice, and what came both times."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from grader.conversation.patterns import fill
from grader.conversation.submission import Submission
from grader.protocol.json_values import dumps
from grader.protocol.messages import Message
from grader.recording.dialogue import Dialogue, NotRight
from grader.recording.script_lines import BadLine, StepLine, init_for, read
from grader.recording.written_case import OtherwiseAgain, StepHeard, both, pattern, same_names, text_of

Show = Callable[[str, str], None]


def record(
    submission: Submission,
    lines: Iterable[str],
    show: Show,
    refuse: Callable[[BadLine], None],
    header: Mapping[str, Any],
) -> str:
    """The case that these lines make of a conversation with a node that is right, below this header.

    `show` is told each line: "in" what is sent, "out" and "err" what the node writes, "as" the name of an id.
    `refuse` is told of a line that says nothing; if it returns, the line is passed over. Raises NotRight.
    """
    with Dialogue(submission, show) as dialogue:
        run = _Rehearsal(dialogue, show)
        for line in lines:
            if line.lstrip().startswith("#"):
                continue
            if not line.strip():
                run.take(None)
                continue
            try:
                step = read(line, dialogue.account)
                if dialogue.is_closed:
                    raise BadLine("the input was closed before: nothing can follow")
            except BadLine as error:
                refuse(error)
                continue
            if not run.exchanges and (first := init_for(step)):
                run.take(first)
            run.take(step)
        run.note(None, dialogue.hear_the_rest())
        if dialogue.account.open:
            who, number = dialogue.account.open[0]
            raise NotRight(f"it has not answered {who}'s request with msg_id {number}")
    if not run.exchanges:
        raise NotRight("nothing was sent to it")
    with Dialogue(submission, _shown_to_nobody) as dialogue:
        again = _Rehearsal(dialogue, _shown_to_nobody)
        for exchange in run.exchanges:
            again.take(exchange.step, exchange.expected)
    try:
        merged = [
            StepHeard(one.step, both(one.expected, other.expected))
            for one, other in zip(run.exchanges, again.exchanges, strict=True)
        ]
    except OtherwiseAgain as error:
        raise NotRight(f"it answers otherwise when it is asked the same again: {error}") from None
    return text_of(header, merged)


class _Rehearsal:
    """The steps with one node, and what came after each."""

    def __init__(self, dialogue: Dialogue, show: Show) -> None:
        self.dialogue, self.show = dialogue, show
        self.exchanges: list[StepHeard] = []
        self.said: list[tuple[Any, Any]] = []  # bodies of peers' replies, and as a case has them

    def take(self, step: StepLine | None, before: Sequence[dict[str, Any]] = ()) -> None:
        """Do it, and note what comes; `before` is what came the last time. Without a step, only wait."""
        account = self.dialogue.account
        heard: list[Message] = []
        if step is not None:
            sent = step.get("send", [])
            templates = sent if isinstance(sent, list) else [sent]
            messages = [fill(template, account.bindings) for template in templates]
            self.show("in", "\n".join(map(dumps, messages)) if messages else dumps(step))
            self.said += [
                (message["body"], template["body"])
                for message, template in zip(messages, templates, strict=True)
                if "in_reply_to" in message["body"]
            ]
            heard = self.dialogue.take(step)
        wanted = len(before) if step is not None or before else 1
        if len(heard) < wanted:
            heard += self.dialogue.hear(wanted - len(heard))
        self.note(step, heard, before)

    def note(self, step: StepLine | None, heard: list[Message], before: Sequence[dict[str, Any]] = ()) -> None:
        """What came after a step."""
        if step is None and not heard and not before:
            return
        account = self.dialogue.account
        for message, name in same_names(heard, before):
            account.call(message, name)
        expected = tuple(pattern(message, account, self.said) for message in heard)
        for one in expected:
            if isinstance(one["body"].get("msg_id"), dict):
                self.show("as", f"${one['body']['msg_id']['$bind']}")
        self.exchanges.append(StepHeard(step, expected))


def _shown_to_nobody(_what: str, _text: str) -> None:
    pass

"""A transcript as the checks see it: the case's script taken through it once more, event by event. Pure."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from grader.cases.model import Case, Close, Send, SendRaw, Silence
from grader.conversation.patterns import Pattern
from grader.conversation.script import Script
from grader.conversation.transcript import REFUSED, Event, Transcript
from grader.protocol.json_values import freeze
from grader.protocol.messages import Message, begins_whole, is_reply, message_on

RequestKey = tuple[Hashable, Hashable]


@dataclass(frozen=True, slots=True)
class Sent:
    """One message that the grader sent, as a client or as a peer."""

    event: int
    message: Message


@dataclass(slots=True)
class Reading:
    """All that the checks need to know. Built by `read`; nobody changes it after."""

    case: Case
    transcript: Transcript
    script: Script
    requests: dict[RequestKey, Sent] = field(default_factory=dict)  # by src and msg_id; the latest counts
    replies: list[Sent] = field(default_factory=list)  # all that were sent with an in_reply_to
    bad_lines: list[tuple[int, str]] = field(default_factory=list)  # sent; number and text
    eof: Event | None = None
    timeout: int | None = None  # the number from which on time was up
    is_blocked: bool = False  # when time was up, the node waited for a peer while others waited for it
    awaited: list[Pattern] = field(default_factory=list)  # when time was up, or the node was gone
    exit: Event | None = None
    closed: Event | None = None
    limit: Event | None = None
    unended: Event | None = None  # a whole message without its newline, when time was up
    stderr: list[Event] = field(default_factory=list)

    @property
    def end(self) -> int:
        """The number of the event at which the conversation was over."""
        ending = self.exit or self.closed
        return ending.n if ending else self.transcript[-1].n + 1 if self.transcript else 0

    @property
    def was_refused(self) -> bool:
        """Whether it never ran: the system (status 126) or what should interpret it (127) was not there."""
        wrote = self.script.heard or self.script.junk
        return self.exit is not None and self.exit.status in REFUSED and not wrote

    def request_of(self, pattern: Pattern) -> Sent | None:
        """The request that the reply which `pattern` expects would answer."""
        key = freeze(pattern.known.get("dest")), freeze(pattern.body.get("in_reply_to"))
        return self.requests.get(key)

    def named_by(self, message: Message) -> Sent | None:
        """The request that a reply names by its `dest` and `in_reply_to`."""
        return self.requests.get((freeze(message["dest"]), freeze(message["body"].get("in_reply_to"))))


def read(case: Case, transcript: Transcript) -> Reading:
    """Take the script through the transcript."""
    script = Script(case)
    reading = Reading(case, transcript, script)
    pieces = _Pieces(reading)
    for event in transcript:
        if event.kind == "in":
            pieces.take(event)
        elif event.kind == "out" and not event.ended:
            if begins_whole(event.line):  # a piece of one stands there because the rest is in a buffer
                reading.unended = event
        elif event.kind == "out":
            script.hear(event.n, event.line)
        elif event.kind == "err":
            reading.stderr.append(event)
        elif event.kind == "eof":
            reading.eof = event
            _skip_silence(script)
            if isinstance(script.stage, Close):
                script.go_on()
            else:
                _time_is_up(reading, event.n)
        elif event.kind == "limit":
            reading.limit = event
        elif event.kind == "exit":
            reading.exit = event
        elif event.kind == "closed":
            reading.closed = event
    gone = reading.exit or reading.closed or reading.limit
    _skip_silence(script)
    if reading.timeout is None and not script.is_clear and (gone or script.stage is not None):
        if gone is None:
            _time_is_up(reading, reading.end)
        else:
            reading.awaited = list(script.open())
    return reading


def _time_is_up(reading: Reading, n: int) -> None:
    reading.timeout = n
    reading.is_blocked = reading.script.is_blocked
    reading.script.given_up = True
    reading.awaited = reading.script.awaited() or list(reading.script.open())


def _skip_silence(script: Script) -> None:
    while isinstance(script.stage, Silence):
        script.go_on()


class _Pieces:
    """Puts together what was sent: the script knows each write to the letter, the events its number."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.due: list[str] = []  # lines of the write that is being recorded, newline included
        self.rest = ""

    def take(self, event: Event) -> None:
        script = self.reading.script
        if not self.due:
            _skip_silence(script)
            if not isinstance(script.stage, Send | SendRaw):
                return  # a transcript that is not of this case; what it lacks will be found missing
            text = script.say()
            self.due = text.removesuffix("\n").split("\n")
            self.due = [f"{line}\n" for line in self.due[:-1]] + [self.due[-1] + "\n" * text.endswith("\n")]
        self.rest += self.due.pop(0)
        if self.rest.endswith("\n"):
            self._line(event, self.rest.removesuffix("\n"))
            self.rest = ""

    def _line(self, event: Event, line: str) -> None:
        message = message_on(line)
        if message is None:
            self.reading.bad_lines.append((event.n, line))
            return
        sent = Sent(event.n, message)
        if is_reply(message):
            self.reading.replies.append(sent)
        elif "msg_id" in message["body"]:
            key = freeze(message["src"]), freeze(message["body"]["msg_id"])
            self.reading.requests[key] = sent

"""What passes in one conversation, written down: the events, and what the node said of where it stood."""

from collections import deque
from dataclasses import replace

from grader.conversation.pipes import ERR_LINE, ERR_LINES
from grader.conversation.thread_dumps import STOOD, is_of_a_look
from grader.conversation.transcript import REFUSED, Event, Kind, Transcript


class Record:
    """Written by one thread. Times are of the monotonic clock; `started` is when the conversation began."""

    def __init__(self, started: float) -> None:
        self.started = started
        self.has_stood = False  # whether the node has said where it stands, since that was set to False
        self._events: list[Event] = []
        self._n = 0  # the next event's
        self._looked: list[tuple[float, str]] = []  # what it said of where it stands, and when
        self._err_tail: deque[Event] = deque(maxlen=ERR_LINES)
        self._err_count = 0

    @property
    def is_flooded(self) -> bool:
        """Whether so much came on stderr that what is said there takes its time to be heard."""
        return self._err_count > ERR_LINES

    def add(self, kind: Kind, at: float, line: str = "") -> Event:
        event = self._event(kind, at, line)
        self._events.append(event)
        return event

    def add_unended(self, at: float, text: str) -> None:
        """What stood behind the last newline of its output."""
        self._events.append(replace(self._event("out", at, text), ended=False))

    def add_exit(self, at: float, status: int | None, left: tuple[str, ...]) -> None:
        self._events.append(replace(self._event("exit", at), status=status, left=left))

    def add_err(self, at: float, line: bytes) -> None:
        """A line of its stderr: of many the first and the last are kept."""
        text = line.decode("utf-8", "replace")[:ERR_LINE]
        if is_of_a_look(text):
            self._looked.append((at, text))
            self.has_stood |= text == STOOD
            return
        event = self._event("err", at, text)
        self._err_count += 1
        if self._err_count <= ERR_LINES:
            self._events.append(event)
        else:
            self._err_tail.append(event)

    def refused(self, at: float, why: str) -> Transcript:
        """As a shell tells it: what the system said, and status 126."""
        self.add("err", at, f"cannot be started: {why}")
        return (*self._events, replace(self._event("exit", at), status=REFUSED[0]))

    def transcript(self, *, with_looks: bool) -> Transcript:
        """All of it. Where the node stood comes last, so that the other events keep their numbers."""
        events = sorted((*self._events, *self._err_tail), key=lambda event: event.n)
        looks = (
            Event(self._n + place, (at - self.started) * 1000, "err", line)
            for place, (at, line) in enumerate(self._looked if with_looks else ())
        )
        return (*events, *looks)

    def _event(self, kind: Kind, at: float, line: str = "") -> Event:
        t_ms = (at - self.started) * 1000
        if self._events:
            t_ms = max(t_ms, self._events[-1].t_ms)  # read before, taken after: the order is what counts
        event = Event(self._n, t_ms, kind, line)
        self._n += 1
        return event

"""The environment of a run: plays the case to the node, on a virtual clock, and keeps the transcript.

It follows the same script as the conversation with a process, so the judge reads its transcripts as any other.
"""

from collections import deque
from dataclasses import dataclass

from grader.cases.model import EXIT_MS, FLUSH_MS, START_MS, Case, Send, Silence
from grader.conversation.script import Script, advance
from grader.conversation.transcript import Event, Kind, Transcript
from grader.explorer.runtime.context import scheduler
from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.scheduler import START
from grader.explorer.runtime.vector_clocks import MASK, Clock, join, mix
from grader.explorer.runtime.worker import Named
from grader.sandbox.policy import LIMITED, Limits

INPUT = Named(Resource.INPUT, "input")
PIPE_BUF = 65_536  # bytes that one read takes at most
ERR_BYTES = 1 << 15  # of stderr that are kept of its beginning: each run tells them
ERR_LINES = 40  # and of its end, where Python says why it ended
ERR_LINE = 4_000  # bytes of one line of it


@dataclass(frozen=True, slots=True)
class Chunk:
    """A line in the pipe to the node, with its sender's clock and history. `more`: the same write goes on."""

    data: bytes
    clock: Clock
    seen: int
    event: int
    more: bool


class CaseEnvironment:
    """One case under way."""

    def __init__(self, case: Case, limits: Limits = LIMITED.limits) -> None:
        self.case, self.limits = case, limits
        self.script = Script(case)
        self.events: list[Event] = []  # but for the end of a long stderr
        self.n = 0  # the next event's
        self.err_tail: deque[Event] = deque(maxlen=ERR_LINES)
        self.err_kept = 0  # bytes of its beginning
        self.pipe: deque[Chunk] = deque()
        self.eof = False  # the input has ended, behind what is in the pipe
        self.eof_event = -1
        self.rest = bytearray()  # a line that the node has not ended yet
        self.said = b""  # the same, on stderr
        self.written = self.complained = 0  # bytes, on stdout and on stderr
        self.clock: Clock = {}  # of those who wrote
        self.seen = 0
        self.is_over = False  # nothing that comes now changes the verdict
        self.started: float | None = None  # when init_ok came
        self.due: float | None = None  # when the clock brings the next thing

    def begin(self) -> None:
        """Send what is due at the start."""
        if not any(
            message["body"].get("type") == "init"
            for step in self.case.steps
            if isinstance(step, Send)
            for message in step.messages
        ):
            self.started = scheduler().now
        self._advance()

    # To the node.

    def readable(self) -> bool:
        return bool(self.pipe) or self.eof

    def writes(self) -> int:
        """How many writes of ours wait in the pipe; the end of input is one."""
        return sum(not chunk.more for chunk in self.pipe) + self.eof

    def take(self, size: int = PIPE_BUF, writes: int = 1) -> bytes:
        """What a read of at most `size` bytes returns, if `writes` writes have arrived."""
        run = scheduler()
        data = b""
        while self.pipe and writes and len(data) < size:
            chunk = self.pipe.popleft()
            room = size - len(data)
            if len(chunk.data) > room:
                rest = Chunk(chunk.data[room:], chunk.clock, chunk.seen, chunk.event, chunk.more)
                self.pipe.appendleft(rest)
            data += chunk.data[:room]
            writes -= not chunk.more
            run.hear(chunk.clock, mix(chunk.seen, chunk.data))
            run.observer.note("in", event=chunk.event)
        if not data:
            run.hear(self.clock, "eof")
            run.observer.note("eof", event=self.eof_event)
        return data

    def send(self, text: str) -> None:
        """Put this text into the pipe to the node."""
        run = scheduler()
        lines = text.removesuffix("\n").split("\n")
        for place, line in enumerate(lines):
            last = place == len(lines) - 1
            event = self._record("in", line)
            data = line + ("" if last and not text.endswith("\n") else "\n")
            clock, seen = dict(self.clock), self.seen
            self.pipe.append(Chunk(data.encode("utf-8", "surrogatepass"), clock, seen, event.n, not last))
        self.seen = mix(self.seen, text)
        run.current.tick()

    def end_input(self) -> None:
        """End of input: the node will read what is in the pipe, and no more."""
        self.eof_event = self._record("eof").n
        self.eof = True
        self.seen = mix(self.seen, "eof")

    # From the node.

    def write(self, data: bytes) -> None:
        """The node writes this to its stdout."""
        run = scheduler()
        run.be_seen()
        run.sleepers.touch(INPUT)  # it may be answered
        self.written += len(data)
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = bytes(self.rest) + lines[0]
            self.rest.clear()
        self.rest += rest
        for line in lines:
            worker = run.current
            join(self.clock, worker.clock)
            worker.tick()
            self.seen = (self.seen + mix(worker.seen, line)) & MASK
            event = self._record("out", line.decode("utf-8", "backslashreplace"))
            run.observer.note("out", event=None if self.is_over else event.n)
            if self.is_over:
                continue
            self.script.hear(event.n, event.line)
            if self.started is None and self.script.init_ok is not None:
                self.started = run.now
            if self.script.is_clear:
                self._end()
        self._look_at_limits(self.limits.beyond("out", self.written, len(self.rest)))
        if lines and not self.is_over:
            self._advance()

    def complain(self, data: bytes) -> None:
        """The node writes this to its stderr."""
        scheduler().be_seen()
        self.complained += len(data)
        self._look_at_limits(self.limits.beyond("err", self.complained))
        if len(data) > 2 * ERR_BYTES:
            data = data[:ERR_BYTES] + b"\n" + data[-ERR_BYTES:]
        *lines, said = (self.said + data).split(b"\n")
        self.said = said[-ERR_LINE:]
        for line in lines:
            self._record("err", line[:ERR_LINE].decode("utf-8", "replace"))

    def say_error(self, error: BaseException, thread: str | None) -> None:
        """An exception that nobody caught, as Python reports it; `thread` is None for the main one."""
        import traceback

        told = traceback.TracebackException.from_exception(error)
        told.stack = traceback.StackSummary.from_list(
            [frame for frame in told.stack if "/grader/explorer/" not in frame.filename]
        )
        text = "".join(told.format())
        if thread is not None:
            text = f"Exception in thread {thread}:\n{text}"
        self.complain(text.encode("utf-8", "replace"))

    def exit(self, status: int) -> None:
        """The node ends by itself. Never returns."""
        scheduler().be_seen()
        if self.rest:
            self.write(b"\n")
        if self.said:
            self.complain(b"\n")
        self._record("exit", status=status)
        run = scheduler()
        run.finish(run, "")

    # How the case goes on.

    def _advance(self) -> None:
        self.due = None
        run = scheduler()
        stage = advance(self.script, self)
        if isinstance(stage, Silence):
            self.due = run.now + stage.ms / 1000
        elif stage is None and not self.case.closes:
            self._end()
        elif stage is None:
            self.due = run.now + EXIT_MS / 1000
        elif self.started is None:
            self.due = START_MS / 1000 + START
        else:
            self.due = self.started + self.case.timeout_ms / 1000

    def may_go_on(self) -> bool:
        return not self.is_over

    def next_time(self) -> float | None:
        """When, by the virtual clock, the environment acts although the node writes nothing."""
        return scheduler().now if self.is_over else self.due

    def time_has_come(self) -> None:
        """The virtual clock has reached `next_time`."""
        if self.is_over:
            self._end()
        elif self.script.given_up or self.script.stage is None:
            self._note_who_is_stuck()
            self._end()
        elif isinstance(self.script.stage, Silence):
            self.script.go_on()
            self._advance()
        else:
            self._time_is_up()

    def _time_is_up(self) -> None:
        """Time is up. As in a real conversation: end the input, and see what had been held back."""
        self._note_who_is_stuck()
        self.script.given_up = True
        blocked = self.script.is_blocked
        self.end_input()
        if blocked:
            self._end()
            return
        self.due = scheduler().now + FLUSH_MS / 1000

    def _note_who_is_stuck(self) -> None:
        """Tell the observer that all wait, if no timeout can change that."""
        run = scheduler()
        if not any(worker.deadline is not None for worker in run.workers):
            run.observer.all_wait()

    def _look_at_limits(self, passed: str) -> None:
        """Who has passed a limit is ended, there and then."""
        if not passed:
            return
        if not self.is_over:
            self._record("limit", passed)
            self.is_over = True
        run = scheduler()
        run.finish(run, "")

    def _end(self) -> None:
        """The verdict is clear. A recorded run goes on all the same, to show what the workers would do next."""
        was_over, self.is_over = self.is_over, True
        run = scheduler()
        if not run.observer.is_recording or was_over:
            run.finish(run, "")

    def key(self) -> int:
        """A hash of the environment's state: the input not yet read, and the progress of the case."""
        pending = tuple([chunk.data for chunk in self.pipe]) if self.pipe else ()
        return hash((pending, self.eof, self.script.at, self.script.given_up, bytes(self.rest)))

    # The transcript.

    def transcript(self) -> Transcript:
        """All that has passed so far; where much was said on stderr, without its middle."""
        return (*sorted((*self.events, *self.err_tail), key=lambda event: event.n),)

    def _record(self, kind: Kind, line: str = "", status: int | None = None) -> Event:
        event = Event(self.n, round((scheduler().now - START) * 1000, 3), kind, line, status)
        if not self.is_over:
            self.n += 1
            if kind == "err":
                self.err_kept += len(line)
            (self.err_tail if kind == "err" and self.err_kept > ERR_BYTES else self.events).append(event)
        return event

"""One conversation with a node: starts the process, drives the case's steps, records what passes.

The conversation is an actor. Threads that only read, write or wait put what they see into its mailbox;
it alone decides and records. It knows what is due next, and nothing of right and wrong.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

from grader.cases.model import (
    BURST_IDLE_MS,
    EXIT_MS,
    FLUSH_MS,
    START_MS,
    Case,
    Close,
    Send,
    SendRaw,
    Silence,
)
from grader.conversation import at_rest
from grader.conversation.exhausted import lack
from grader.conversation.node_process import NodeProcess
from grader.conversation.patience import Look, Patience
from grader.conversation.script import Group, Script
from grader.conversation.submission import Submission, environment
from grader.conversation.transcript import REFUSED, Event, Kind, Transcript

CHUNK = 65_536  # bytes read at once
MAX_LINE = 8 << 20  # bytes of one line of the node's
MAX_OUTPUT = 64 << 20  # bytes that a node may write in one case
ERR_BYTES = 1 << 20  # of stderr that are taken as they come; of what is beyond, only the end
ERR_LINES = 200  # lines of stderr kept at the beginning, and as many at the end
ERR_LINE = 4_000  # characters of one line of stderr
STACKS_MS = 2_000  # for a Python node to write where its threads stand
STDERR_MS = 1_000  # after an exit, for the rest of what it wrote there


class Interrupted(Exception):
    """The conversation was told to stop; the node has been ended."""


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines that a node wrote, to stdout or stderr, and when they were read."""

    at: float
    kind: Kind
    lines: list[bytes]


@dataclass(frozen=True, slots=True)
class _Ended:
    """Something is over: a pipe (closed), the process (exit), or our patience with its output (limit)."""

    at: float
    what: str
    status: int = 0
    text: str = ""


_STOP = _Ended(0.0, "interrupt")


class Conversation:
    """Drives one case, once. `slow` multiplies every time limit. `stop` may be called from any thread."""

    process: NodeProcess
    patience: Patience
    threads: Sequence[threading.Thread]  # those that see and tell: stdout, stderr, who writes, who waits

    def __init__(
        self,
        case: Case,
        submission: Submission,
        tmpdir: str,
        slow: float = 1.0,
        leave_place: Callable[[], None] = lambda: None,
    ) -> None:
        self.case, self.submission, self.tmpdir, self.slow = case, submission, tmpdir, slow
        self.leave_place = leave_place  # told whenever the node has come to rest
        self.mailbox: SimpleQueue[_Lines | _Ended] = SimpleQueue()
        self.outbox: SimpleQueue[bytes | None] = SimpleQueue()  # what is to be written; None is the end
        self.script = Script(case)
        self.events: list[Event] = []
        self.n = 0  # the next event's
        self.err_tail: deque[Event] = deque(maxlen=ERR_LINES)
        self.err_count = 0
        self.over: set[str] = set()  # what has ended: stdout, stderr, exit, limit, interrupt
        self.exit: _Ended | None = None
        self.left: tuple[str, ...] = ()
        self.we_ended_it = False
        self.started = self.heard_at = 0.0
        self.clock: float | None = None  # when the case's time began to run
        self.queued = self.written = 0  # writes: handed to who writes, and done

    def stop(self) -> None:
        """End the node at once; `run` then raises Interrupted."""
        self.mailbox.put(_STOP)

    def run(self) -> Transcript:
        """The transcript of the whole conversation. Raises Interrupted if it was stopped."""
        self.started = self.heard_at = time.monotonic()
        if not self.case.has_init:
            self.clock = self.started
        env = environment(self.tmpdir)
        try:
            self.process = NodeProcess(self.submission.command, self.submission.folder, env)
        except OSError as error:
            if lack(error):
                raise
            return self._refused(error)
        limit = max(START_MS, self.case.timeout_ms) / 1000 * self.slow
        self.patience = Patience(self.process, self._is_drained, limit)
        self.threads = [
            threading.Thread(target=work, args=args, daemon=True)
            for work, args in (
                (self._watch, (self.process.stdout, "out")),
                (self._watch, (self.process.stderr, "err")),
                (self._write, ()),
                (self._wait, ()),
            )
        ]
        for thread in self.threads:
            thread.start()
        try:
            self._drive()
            self._end()
        finally:
            self.process.end()
            self.outbox.put(None)
            # The pipes end with the last process that holds them; one that hid from us must not hold us up.
            for thread in self.threads:
                thread.join(timeout=1.0)
            if not any(thread.is_alive() for thread in self.threads):
                self.process.close()
        del self.script  # with all messages that were heard: the judge reads the transcript anew
        if "interrupt" in self.over:
            raise Interrupted
        return tuple(sorted((*self.events, *self.err_tail), key=lambda event: event.n))

    # The threads that only see and tell.

    def _watch(self, fd: int, kind: Kind) -> None:
        rest, total, limit = bytearray(), 0, ""
        tail: deque[bytes] = deque(maxlen=ERR_LINES)  # of a stderr that never ends
        while not limit:
            try:
                chunk = os.read(fd, CHUNK)
            except OSError:
                break
            if not chunk:
                break
            at = time.monotonic()
            total += len(chunk)
            *lines, last = chunk.split(b"\n")
            if lines:
                lines[0] = bytes(rest) + lines[0]
                rest = bytearray()
                if kind == "err" and total > ERR_BYTES:
                    tail.extend(lines)
                else:
                    self.mailbox.put(_Lines(at, kind, lines))
            rest += last
            if kind == "err":
                rest = rest[-ERR_LINE:]
            elif len(rest) > MAX_LINE:
                limit = f"output: a line of more than {MAX_LINE >> 20} MiB"
            elif total > MAX_OUTPUT:
                limit = f"output: more than {MAX_OUTPUT >> 20} MiB"
        at = time.monotonic()
        if limit:
            self.mailbox.put(_Ended(at, "limit", text=limit))
        elif rest or tail:
            self.mailbox.put(_Lines(at, kind, [*tail, bytes(rest)] if rest else [*tail]))
        self.mailbox.put(_Ended(at, "stdout" if kind == "out" else "stderr"))

    def _write(self) -> None:
        while (data := self.outbox.get()) is not None:
            view = memoryview(data)
            with suppress(OSError):  # it closed its stdin, or is gone: its exit or its silence will tell
                while view:
                    view = view[os.write(self.process.stdin, view) :]
            self.written += 1
        self.process.close_stdin()
        self.written += 1

    def _wait(self) -> None:
        status = self.process.wait()
        self.mailbox.put(_Ended(time.monotonic(), "exit", status))

    # The actor.

    def _drive(self) -> None:
        """Take the case's steps until they are done, or the verdict is clear, or time is up."""
        while (stage := self.script.stage) is not None:
            self._take_what_came()
            if self._is_over():
                return
            if stage is not self.script.stage:
                continue
            if isinstance(stage, Group):
                self._wait_for(lambda: self._is_over() or self.script.stage is not stage, self._deadline)
                if self.script.stage is stage:
                    if not self._is_over():
                        self._time_is_up()
                    return
            elif isinstance(stage, Silence):
                self._keep_silent(stage)
                if self._is_over():
                    return
                self.script.go_on()
            elif isinstance(stage, Close):
                self._end_input()
                self.script.go_on()
            elif isinstance(stage, Send | SendRaw):
                self._send(self.script.say())
        self._take_what_came()

    def _time_is_up(self) -> None:
        """Close stdin: what comes now was held back. Then ask a Python node where it stands.

        A node that is blocked is asked at once, where it stands now: nobody need look for what it held back.
        """
        self.script.given_up = True
        if self.script.is_blocked:
            self._ask_where_it_stands()
            self._end_input()
            return
        self._end_input()  # recorded even where input has ended before: it says that time was up here
        self._wait_for(lambda: self._is_over() or self.script.stage is None, self._within(FLUSH_MS))
        if self.exit is None and not self._gave_up():
            self._ask_where_it_stands()

    def _ask_where_it_stands(self) -> None:
        self.we_ended_it = True
        if self.process.ask_where_it_stands():
            self._listen_for(STACKS_MS, lambda: "stderr" in self.over)

    def _end(self) -> None:
        """Once the steps are done or given up: see how the node ends where that is judged."""
        done = self.script.stage is None
        if self._gave_up() or self.we_ended_it or (done and not self.case.closes):
            return
        if done:
            end = self._within(EXIT_MS)
            if not self.script.heard:  # perhaps it has not seen the end of input yet: it may still be starting
                end = _at(max(end(), self._start_deadline()))
            self._wait_for(self._has_exited, end)
        elif "stdout" in self.over:
            self._listen_for(EXIT_MS, self._has_exited)  # most often the exit is on its way
        if self._gave_up():
            return
        if self.exit is not None:
            self._listen_for(STDERR_MS, lambda: "stderr" in self.over)
            event = self._event("exit", self.exit.at)
            self.events.append(replace(event, status=self.exit.status, left=self.left))
        elif "stdout" in self.over:
            self._record("closed", time.monotonic())

    def _has_exited(self) -> bool:
        return self.exit is not None and "stdout" in self.over

    def _gave_up(self) -> bool:
        return self.script.is_clear or bool({"limit", "interrupt"} & self.over)

    def _is_over(self) -> bool:
        return self._gave_up() or "stdout" in self.over

    def _send(self, text: str) -> None:
        at = time.monotonic()
        for line in text.removesuffix("\n").split("\n"):
            self._record("in", at, line)
        self._put(text.encode("utf-8", "surrogatepass"))
        self.heard_at = self._now()

    def _end_input(self) -> None:
        self._record("eof", time.monotonic())
        self._put(None)

    def _put(self, data: bytes | None) -> None:
        self.queued += 1
        self.outbox.put(data)
        self.patience.heard()

    def _deadline(self) -> float:
        if self.clock is None:
            return self._start_deadline()
        deadline = self.clock + self.case.timeout_ms / 1000 * self.slow
        stage = self.script.stage
        if isinstance(stage, Group) and stage.is_burst:
            deadline = min(deadline, self.heard_at + BURST_IDLE_MS / 1000 * self.slow)
        return deadline

    def _start_deadline(self) -> float:
        return self.started + START_MS / 1000 * self.slow

    def _take_what_came(self) -> None:
        while not self.mailbox.empty():
            self._take(self.mailbox.get())

    def _wait_for(self, done: Callable[[], bool], deadline: Callable[[], float]) -> None:
        """Take from the mailbox until `done()`, or until nothing more can come, or the deadline by our clock.

        That stands still while the node is ready to run and is given no core.
        """
        while not done() and "interrupt" not in self.over:
            until = min(deadline() - self._now(), self.patience.next - time.monotonic())
            try:
                self._take(self.mailbox.get(timeout=max(until, 0)))
                continue
            except Empty:
                pass
            if self.patience.next <= time.monotonic() and self._look() is Look.OVER:
                return
            if deadline() <= self._now():
                self.patience.count()
                if deadline() <= self._now():
                    return

    def _keep_silent(self, silence: Silence) -> None:
        """Take what comes meanwhile. At the end of a case, no longer than something can come."""
        end = time.monotonic() + silence.ms / 1000
        while not self._is_over() and time.monotonic() < end:
            self._listen(self._is_over, _at(min(end, max(self.patience.next, time.monotonic()))))
            is_due = not self._is_over() and self.patience.next <= time.monotonic() < end
            if is_due and self._look() is Look.OVER and self.script.is_last:
                return

    def _look(self) -> Look:
        look = self.patience.look(self._is_written)
        if look in (Look.RESTS, Look.COMPUTES, Look.OVER):
            self.leave_place()
        if look is Look.COMPUTES:
            self.process.yield_the_processor()
        return look

    def _is_written(self) -> bool:
        """Whether all is written that was to be, or the node takes no more of it."""
        writer = self.threads[2].native_id
        return self.written == self.queued or (
            writer is not None and at_rest.sleeps_in("write", writer, self.process.stdin)
        )

    def _is_drained(self) -> bool:
        """Whether all that the node has written so far has been taken."""
        readers = ((self.threads[0], self.process.stdout), (self.threads[1], self.process.stderr))
        return (
            all(
                not thread.is_alive() or at_rest.sleeps_in("read", thread.native_id or 0, fd)
                for thread, fd in readers
            )
            and self.mailbox.empty()
        )

    def _listen(self, done: Callable[[], bool], deadline: Callable[[], float]) -> None:
        """Take from the mailbox until `done()`, or until the verdict is clear, or the deadline."""
        while not done() and "interrupt" not in self.over:
            try:
                self._take(self.mailbox.get(timeout=max(deadline() - time.monotonic(), 0)))
            except Empty:
                if deadline() <= time.monotonic():
                    return

    def _listen_for(self, ms: float, done: Callable[[], bool]) -> None:
        self._listen(done, _at(time.monotonic() + ms / 1000 * self.slow))

    def _now(self) -> float:
        """The time by our clock."""
        return time.monotonic() - self.patience.delay

    def _within(self, ms: float) -> Callable[[], float]:
        return _at(self._now() + ms / 1000 * self.slow)

    def _take(self, item: _Lines | _Ended) -> None:
        if isinstance(item, _Ended):
            self.over.add(item.what)
            if item.what == "exit" and not self.we_ended_it:
                self.exit = item
                self.left = self.process.end_what_is_left()
                # What it wrote is read to the end; a process that hid from us may hold the pipe for ever.
                self._listen_for(STDERR_MS, lambda: "stdout" in self.over)
                self.over.add("stdout")
            elif item.what == "limit":
                self._record("limit", item.at, item.text)
            return
        for line in item.lines:
            if item.kind == "err":
                self._record_err(item.at, line)
            elif not self._gave_up():
                # What is not UTF-8 becomes what is not JSON: the transcript must tell the judge the same.
                event = self._record("out", item.at, line.decode("utf-8", "backslashreplace"))
                self.script.hear(event.n, event.line)
                if self.clock is None and self.script.init_ok is not None:
                    self.patience.count()  # what it was kept from until now is not the case's
                    self.clock = item.at - self.patience.delay
        if item.kind == "out":
            self.heard_at = item.at - self.patience.delay
            self.patience.heard()

    # The record.

    def _event(self, kind: Kind, at: float, line: str = "") -> Event:
        t_ms = (at - self.started) * 1000
        if self.events:
            t_ms = max(t_ms, self.events[-1].t_ms)  # read before, taken after: the order is what counts
        event = Event(self.n, t_ms, kind, line)
        self.n += 1
        return event

    def _record(self, kind: Kind, at: float, line: str = "") -> Event:
        event = self._event(kind, at, line)
        self.events.append(event)
        return event

    def _record_err(self, at: float, line: bytes) -> None:
        event = self._event("err", at, line.decode("utf-8", "replace")[:ERR_LINE])
        self.err_count += 1
        if self.err_count <= ERR_LINES:
            self.events.append(event)
        else:
            self.err_tail.append(event)

    def _refused(self, error: OSError) -> Transcript:
        """As a shell tells it: what the system said, and status 126."""
        at = time.monotonic()
        self._record("err", at, f"cannot be started: {error.strerror}")
        return (*self.events, replace(self._event("exit", at), status=REFUSED[0]))


def _at(deadline: float) -> Callable[[], float]:
    return lambda: deadline

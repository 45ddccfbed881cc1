"""One conversation with a node: starts the process, drives the case's steps, records what passes.

The conversation is an actor. The pump's threads, which only read, write or wait, put what they see into its
mailbox; it alone decides and records. It knows what is due next, and nothing of right and wrong.
"""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

from grader.cases.model import (
    BURST_IDLE_MS,
    EXIT_MS,
    FLUSH_MS,
    START_MS,
    Case,
    Silence,
)
from grader.conversation import patience
from grader.conversation.exhausted import lack
from grader.conversation.farewell import HURRIED_LEAVE_S, LEAVE_S, let_go, names_in
from grader.conversation.node_process import NodeProcess, begun
from grader.conversation.patience import Patience, Shown
from grader.conversation.pipes import Ended, Pump, Written
from grader.conversation.record import Record
from grader.conversation.script import Group, Script, advance
from grader.conversation.submission import Submission
from grader.conversation.transcript import Transcript
from grader.sandbox.policy import Used

MAX_UNENDED = 4_000  # bytes that are shown of a line that has no end


class Interrupted(Exception):
    """The conversation was told to stop; the node has been ended."""


_STOP = Ended(0.0, "interrupt")
_HURRY = Ended(0.0, "hurry")


class Conversation:
    """Drives one case, once. `slow` multiplies every time limit. `stop` may be called from any thread.

    `follows`: a Python node keeps in mind what it catches, and says so with where it stands.
    """

    process: NodeProcess
    pump: Pump
    patience: Patience
    record: Record

    def __init__(
        self,
        case: Case,
        submission: Submission,
        tmpdir: str,
        slow: float = 1.0,
        leave_place: Callable[[Shown], None] = lambda _: None,
        *,
        follows: bool = False,
    ) -> None:
        self.case, self.submission, self.tmpdir, self.slow = case, submission, tmpdir, slow
        self.follows = follows
        self.used = Used()  # by the node, all in all
        self.held: frozenset[str] = frozenset()  # what went from its folder when it ended: a lock file, say
        self.leave_place = leave_place  # told whenever the node is seen to rest, or to compute and say nothing
        self.mailbox: SimpleQueue[Written | Ended] = SimpleQueue()
        self.script = Script(case)
        self.over: set[str] = set()  # what has ended: stdout, stderr, exit, limit, interrupt
        self.exit: Ended | None = None
        self.left: tuple[str, ...] = ()
        self.we_ended_it = False
        self.heard_at = 0.0
        self.clock: float | None = None  # when the case's time began to run
        self.stage_began = 0.0  # the stage that is due; by our clock
        self.hurried_at: float | None = None  # when it was told to hurry, by our clock
        self.rests = False  # it was given up on since it waits for ever
        self.was_cut_short = False  # it might have had more time
        self.was_held_up = False  # time was up while lines still came, and the machine was busy
        self.shown = Shown.MOVES  # by the last look at it

    def hurry(self) -> None:
        """Give up sooner on a node that goes round in a loop, and on a burst. May be called from any thread."""
        self.mailbox.put(_HURRY)

    def stop(self) -> None:
        """End the node at once; `run` then raises Interrupted."""
        self.mailbox.put(_STOP)

    def run(self) -> Transcript:
        """The transcript of the whole conversation. Raises Interrupted if it was stopped."""
        self.heard_at = time.monotonic()
        self.record = Record(self.heard_at)
        if not self.case.has_init:
            self.clock = self.record.started
        tell = self.mailbox.put
        try:
            self.process = begun(
                self.submission,
                self.tmpdir,
                lambda text: tell(Ended(time.monotonic(), "limit", text=text)),
                followed_since=self.record.started if self.follows else None,
            )
        except OSError as error:
            if lack(error):
                raise
            return self.record.refused(time.monotonic(), str(error.strerror))
        self.pump = Pump(self.process, self.mailbox.put, self.submission.policy.limits)
        limit = max(START_MS, self.case.timeout_ms) / 1000 * self.slow
        self.pump.start()
        self.patience = Patience(self.process, self._is_drained, limit, self._threads)
        try:
            self._drive()
            self._end()
            self._let_it_go()
        finally:
            self.process.end()
            self.used = self.process.used
            self.pump.close()
        if "interrupt" in self.over:
            raise Interrupted
        hangs = self.script.stage is None and self.case.closes and not self._has_exited()
        matters = self.script.given_up or self.script.is_clear or hangs or "limit" in self.over
        del self.script  # with all messages that were heard: the judge reads the transcript anew
        return self.record.transcript(with_looks=self.follows or matters)

    # The actor.

    def _drive(self) -> None:
        """Take the case's steps until they are done, or the verdict is clear, or time is up."""
        while (stage := advance(self.script, self)) is not None:
            self.stage_began = self._now()
            if isinstance(stage, Group):
                self._wait_for(lambda: self._is_over() or self.script.stage is not stage, self._look_at)
                if self.script.stage is stage and not self._is_over():
                    self._look()
                self._wait_for(lambda: self._is_over() or self.script.stage is not stage, self._deadline)
                if self.script.stage is stage:
                    if not self._is_over():
                        self._time_is_up()
                    return
            else:
                self._keep_silent(stage)
                if self._is_over():
                    return
                self.script.go_on()

    def may_go_on(self) -> bool:
        """Whether to take the next step. What has arrived meanwhile is recorded before."""
        while not self.mailbox.empty():
            self._take(self.mailbox.get())
        return not self._is_over()

    def _time_is_up(self) -> None:
        """Close stdin: what comes now was held back. Then ask a Python node where it stands.

        A node that is blocked is asked at once, where it stands now: nobody need look for what it held back.
        """
        self.script.given_up = True
        self.rests = self.shown is Shown.OVER
        self.was_cut_short = not self.rests and self.clock is not None and self._now() < self._full_time()
        self.was_held_up = (
            not (self.rests or self.was_cut_short)
            and self.patience.delay > patience.HELD_UP_S
            and self._now() - self.heard_at < patience.MOVING_S
        )
        self._look()
        if rest := bytes(self.pump.unended):
            text = rest[:MAX_UNENDED].decode("utf-8", "backslashreplace")
            self.record.add_unended(time.monotonic(), text)
        if self.script.is_blocked:
            if not self.record.has_stood:
                self._ask_where_it_stands()
            self.end_input()
            return
        self.end_input()  # recorded even where input has ended before: it says that time was up here
        flush_ms = patience.HURRIED_FLUSH_MS if self.was_cut_short else FLUSH_MS
        self._wait_for(lambda: self._is_over() or self.script.stage is None, self._within(flush_ms))
        if self.exit is None and not self._gave_up() and not self.record.has_stood:
            self._ask_where_it_stands()

    def _look_at(self) -> float:
        """When silence begins to be worth a look; never, where the node is to be silent for a second.

        By the clock on the wall, as the node counts its own second after which it gives up.
        """
        deadline = self._deadline()
        if all(pattern.expects_timeout for pattern in self.script.awaited()):
            return deadline
        return min(deadline, self.patience.since + patience.LOOK_MS / 1000 * self.slow - self.patience.delay)

    def _look(self) -> None:
        """Ask a Python node where it stands, and let it go on: once in silence, once when time is up.

        What it says is waited for although the verdict comes meanwhile: it is the reason of it.
        """
        self.record.has_stood = False
        if self.process.look():
            ms = patience.STACKS_MS if self.record.is_flooded else patience.LOOKED_MS
            self._listen_for(ms, lambda: self.record.has_stood or "stdout" in self.over)

    def _ask_where_it_stands(self) -> None:
        self.we_ended_it = True
        if self.process.ask_where_it_stands():
            self._listen_for(patience.STACKS_MS, lambda: "stderr" in self.over)

    def _end(self) -> None:
        """Once the steps are done or given up: see how the node ends where that is judged."""
        done = self.script.stage is None
        if ("limit" in self.over or self.follows) and self.exit is None and not self.we_ended_it:
            self._look()
        if self._gave_up() or self.we_ended_it or (done and not self.case.closes):
            return
        if done:
            end = self._within(EXIT_MS)
            if not self.script.heard:  # perhaps it has not seen the end of input yet: it may still be starting
                end = _at(max(end(), self._start_deadline()))
            self._wait_for(self._has_exited, end)
            if not self._has_exited() and not self._gave_up():
                self._look()
        elif "stdout" in self.over:
            self._listen_for(EXIT_MS, self._has_exited)  # most often the exit is on its way
        if self._gave_up():
            return
        if self.exit is not None:
            self._listen_for(patience.STDERR_MS, lambda: "stderr" in self.over)
            self.record.add_exit(self.exit.at, self.exit.status, self.left)
        elif "stdout" in self.over:
            self.record.add("closed", time.monotonic())

    def _let_it_go(self) -> None:
        """All is known. Its input ends, and it may clean up; that is neither recorded nor judged."""
        if self.exit is None and not self.we_ended_it and not {"limit", "interrupt"} & self.over:
            there = names_in(self.submission.folder)  # before it may have gone
            self.pump.end_input()
            time_s = LEAVE_S if self.hurried_at is None else HURRIED_LEAVE_S
            if let_go(self.process, self.patience, self._pays_no_heed, time_s):
                self.held = there - names_in(self.submission.folder)

    def _pays_no_heed(self) -> bool:
        """Forget what has come. Whether to wait on: not if it was stopped, or the node waits for ever."""
        while not self.mailbox.empty():
            if self.mailbox.get() is _STOP:
                self.over.add("interrupt")
        is_due = self.patience.next <= time.monotonic()
        return "interrupt" not in self.over and not (is_due and self._see() is Shown.OVER)

    def _has_exited(self) -> bool:
        return self.exit is not None and "stdout" in self.over

    def _gave_up(self) -> bool:
        return self.script.is_clear or bool({"limit", "interrupt"} & self.over)

    def _is_over(self) -> bool:
        return self._gave_up() or "stdout" in self.over

    def send(self, text: str) -> None:
        """Record it, and have it written."""
        at = time.monotonic()
        for line in text.removesuffix("\n").split("\n"):
            self.record.add("in", at, line)
        self.pump.say(text.encode("utf-8", "surrogatepass"))
        self.heard_at = self._now()
        self.patience.heard()

    def end_input(self) -> None:
        """Record it, and have the pipe closed."""
        self.record.add("eof", time.monotonic())
        self.pump.end_input()
        self.patience.heard()

    def _deadline(self) -> float:
        if self.clock is None:
            return self._start_deadline()
        deadline = self._full_time()
        if self.hurried_at is not None and self.shown is Shown.COMPUTES:
            # By the clock on the wall: it counts only if the node stands where others stood.
            hurried = self.patience.since + patience.HURRIED_MS / 1000 * self.slow - self.patience.delay
            deadline = min(deadline, hurried)
        if self.hurried_at is not None and self._is_in_burst():
            began = max(self.stage_began, self.hurried_at)
            deadline = min(deadline, began + patience.HURRIED_BURST_MS / 1000 * self.slow)
        return deadline

    def _full_time(self) -> float:
        """Until when it is waited for if nobody hurries."""
        assert self.clock is not None
        deadline = self.clock + self.case.timeout_ms / 1000 * self.slow
        return (
            min(deadline, self.heard_at + BURST_IDLE_MS / 1000 * self.slow) if self._is_in_burst() else deadline
        )

    def _is_in_burst(self) -> bool:
        stage = self.script.stage
        return isinstance(stage, Group) and stage.is_burst

    def _start_deadline(self) -> float:
        return self.record.started + START_MS / 1000 * self.slow

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
            if self.patience.next <= time.monotonic() and self._see() is Shown.OVER:
                return
            if deadline() <= self._now():
                self.patience.count()
                if deadline() <= self._now():
                    return

    def _keep_silent(self, silence: Silence) -> None:
        """Record what comes during this time; at the end of a case only as long as something can come."""
        end = time.monotonic() + silence.ms / 1000
        while not self._is_over() and time.monotonic() < end:
            self._listen(self._is_over, _at(min(end, max(self.patience.next, time.monotonic()))))
            is_due = not self._is_over() and self.patience.next <= time.monotonic() < end
            if is_due and self._see() is Shown.OVER and self.script.is_last:
                return

    def _see(self) -> Shown:
        self.shown = look = self.patience.look(self.pump.is_written)
        # A JVM that compiles first computes for seconds: of forty at once none would answer init in time.
        is_starting = look is Shown.COMPUTES and self.clock is None
        if look in (Shown.RESTS, Shown.COMPUTES, Shown.OVER) and not is_starting:
            self.leave_place(look)
        if look is Shown.COMPUTES and not is_starting:
            self.process.yield_the_processor()
        return look

    def _threads(self) -> list[int]:
        """Those of ours that talk to the node: each line has to go through them."""
        numbers = [thread.native_id for thread in self.pump.threads.values()]
        return [threading.get_native_id(), *(number for number in numbers if number is not None)]

    def _is_drained(self) -> bool:
        """Whether all that the node has written so far has been taken."""
        return self.pump.is_drained() and self.mailbox.empty()

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

    def _take(self, item: Written | Ended) -> None:
        if isinstance(item, Ended) and item.what == "hurry":
            self.hurried_at = self._now()
            return
        if isinstance(item, Ended):
            is_news = item.what not in self.over
            self.over.add(item.what)
            if item.what == "exit" and not self.we_ended_it:
                self.exit = item
                self.left = self.process.end_what_is_left()
                # What it wrote is read to the end; a process that hid from us may hold the pipe for ever.
                self._listen_for(patience.STDERR_MS, lambda: "stdout" in self.over)
                self.over.add("stdout")
            elif item.what == "limit" and is_news:
                self.record.add("limit", item.at, item.text)
            return
        for line in item.lines:
            if item.stream == "err":
                self.record.add_err(item.at, line)
            elif not self._gave_up():
                # What is not UTF-8 becomes what is not JSON: the transcript must tell the judge the same.
                event = self.record.add("out", item.at, line.decode("utf-8", "backslashreplace"))
                self.script.hear(event.n, event.line)
                if self.clock is None and self.script.init_ok is not None:
                    self.patience.count()  # what it was kept from until now is not the case's
                    self.clock = item.at - self.patience.delay
        if item.stream == "out":
            self.heard_at = item.at - self.patience.delay
            self.patience.heard()


def _at(deadline: float) -> Callable[[], float]:
    return lambda: deadline

"""The keeper: a process that has one node below it, and everything that the node starts, by whatever name.

Whoever is orphaned below it becomes its child, whatever session and environment it hides in; so it knows all,
ends all, and learns what all have used. It is told to end them, or ends them since whoever asked is gone. It
says in lines of JSON what it sees. It is forked from the launcher: a process of one thread. Linux only.
"""

import json
import os
import resource
import select
import signal
import socket
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from grader.sandbox import family
from grader.sandbox.confinement import Means, adopt_orphans, become
from grader.sandbox.policy import MIB, THREADS, Policy

GRACE_S = 0.5  # for what a node left behind to end by itself, and for one beyond a limit to say where it stands
# Between two looks at what is used: of a node that grows, of one that doesn't.
LOOK_S, LOOK_RARELY_S = 0.05, 0.1
FAR_BEYOND = 1.5  # times a limit: then there is no grace
COSTLY = 10  # times as long as a look has taken, it isn't repeated
AT_LAST_S = 10.0  # for all to be gone once they are killed; in the middle of a broken disk's call nobody dies


@dataclass(frozen=True, slots=True)
class ToKeep:
    """What is to be kept: the command, and what holds for it."""

    command: tuple[str, ...]
    folder: str
    env: Mapping[str, str]
    policy: Policy
    private: str = ""  # the folder that counts as files of its own, beside what it writes elsewhere


class Keeper:
    """Keeps one node. `line` leads to whoever asked, `caller` is a file that can be read once they are gone."""

    def __init__(self, order: ToKeep, line: socket.socket, caller: int, given: Means) -> None:
        self.order, self.line, self.caller, self.given = order, line, caller, given
        self.policy = order.policy
        self.is_limited = self.policy.strength != "off"
        self.pid = -1
        self.status: int | None = None
        self.ending_at: float | None = None  # when all that is left is to be ended
        self.is_told_to_end = False
        self.is_beyond = False
        self.processes = 1  # at the last look
        self.memory = 0
        self.next_look = self.interval = LOOK_S

    def keep(self, files: Sequence[int]) -> NoReturn:
        """Start the node with these files, and keep it to its end."""
        waking, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        adopt_orphans()
        self.start(files)
        poll = select.poll()
        for fd in (self.line.fileno(), self.caller, waking):
            poll.register(fd, select.POLLIN)
        now = time.monotonic()
        self.next_look = now + self.interval if self.is_limited else float("inf")
        while not self.is_over():
            due = min(self.next_look, self.ending_at or float("inf"))
            wait = None if due == float("inf") else max(0.0, (due - time.monotonic()) * 1000)
            for fd, _ in poll.poll(wait):
                self.take(fd, waking)
            self.reap()
            now = time.monotonic()
            if now >= self.next_look and self.status is None:
                self.look()
            if self.ending_at is not None and now >= self.ending_at:
                break
        left = self.left()
        self.end_all()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        memory = max(self.memory, used.ru_maxrss * 1024)
        self.tell(gone=True, left=left, memory=memory, cpu_s=used.ru_utime + used.ru_stime)
        os._exit(0)

    def start(self, files: Sequence[int]) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                order = self.order
                become(order.command, order.folder, dict(order.env), files, order.policy, self.given, theirs)
            finally:
                os._exit(1)
        theirs.close()
        for fd in files:
            os.close(fd)
        refused = 0
        with ours:  # closed at the other end when the node's own program begins
            if data := ours.recv(64):
                refused = int(data)
        if refused:
            self.tell(refused=refused)
            os._exit(0)
        self.tell(pid=self.pid, keeper=os.getpid())

    # What happens.

    def is_over(self) -> bool:
        """Whether there is nothing left to keep."""
        return self.is_told_to_end or (self.status is not None and not family.children(os.getpid()))

    def take(self, fd: int, waking: int) -> None:
        if fd == waking:
            with suppress(OSError):
                if bytes([signal.SIGTERM]) in os.read(waking, 4096):
                    self.is_told_to_end = True
        else:  # a word is the word to end; and so is silence for ever
            self.is_told_to_end = True

    def reap(self) -> None:
        """Wait for all that have ended. What the node itself has used is looked at before it is gone."""
        while True:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None:
                return
            is_node = ended.si_pid == self.pid
            on_disk = family.written(self.pid) if is_node else 0
            _, status, used = os.wait4(ended.si_pid, 0)
            if is_node:
                self.memory = max(self.memory, used.ru_maxrss * 1024)
                if self.is_limited:
                    self.compare(self.memory, 0, on_disk)
                self.status = os.waitstatus_to_exitcode(status)
                self.tell(exit=self.status)
                self.ending_at = time.monotonic() + GRACE_S

    def alive(self) -> list[int]:
        return [pid for pid in family.descendants(os.getpid()) if not family.is_zombie(pid)]

    # What is used.

    def look(self) -> None:
        """Compare with the limits what all use at this moment."""
        began = time.monotonic()
        pids = family.descendants(os.getpid())
        uses = {pid: used for pid in pids if (used := family.use(pid)) is not None}
        memory = sum(used.memory for used in uses.values())
        if len(uses) > 1 and memory > max(self.policy.limits.memory, self.memory):
            memory = family.shared_out(uses)
        threads = sum(used.threads for used in uses.values())
        grew = memory > self.memory or len(uses) > self.processes
        self.memory, self.processes = max(self.memory, memory), len(uses)
        self.count(uses)
        self.compare(memory, threads, sum(map(family.written, uses)))
        took = time.monotonic() - began
        self.interval = max(LOOK_S if grew else LOOK_RARELY_S, COSTLY * took)
        self.next_look = time.monotonic() + self.interval

    def count(self, pids: Collection[int]) -> None:
        """If they are too many: no more may start, where the system counts; far too many are ended now."""
        most = self.policy.limits.processes
        if len(pids) > most:
            self.go_beyond("processes", f"{len(pids)} at once, and {most} are allowed")
            for pid in pids:
                with suppress(OSError):
                    resource.prlimit(pid, resource.RLIMIT_NPROC, (0, 0))
            if len(pids) > FAR_BEYOND * most:
                self.is_told_to_end = True

    def compare(self, memory: int, threads: int, on_disk: int) -> None:
        limits = self.policy.limits
        if memory > limits.memory:
            self.go_beyond("memory", f"{memory / MIB:.0f} MiB, and {limits.memory / MIB:.0f} are allowed")
            if memory > FAR_BEYOND * limits.memory:
                self.is_told_to_end = True
        if threads > THREADS:
            self.go_beyond("processes", f"{threads} threads, and {THREADS} are allowed")
        if self.order.private:
            on_disk = max(on_disk, family.held_by(self.order.private))
        if on_disk >= limits.files:
            self.go_beyond("files", f"{on_disk / MIB:.0f} MiB, and {limits.files / MIB:.0f} are allowed")

    def go_beyond(self, what: str, text: str) -> None:
        """It is told once. What goes on is ended a moment later: until then it may say where it stands."""
        if not self.is_beyond:
            self.is_beyond = True
            self.tell(beyond=what, text=f"{what}: {text}")
            self.ending_at = time.monotonic() + GRACE_S

    # The end.

    def left(self) -> list[str]:
        """Of a node that ended by itself: what it left behind, each by its command line."""
        if self.status is None or self.is_told_to_end:
            return []
        return [family.describe(pid) for pid in self.alive()]

    def end_all(self) -> None:
        """Until nobody is left."""
        until = time.monotonic() + AT_LAST_S
        while time.monotonic() < until:
            pids = family.descendants(os.getpid())
            for number in (signal.SIGSTOP, signal.SIGKILL):  # who is stopped starts nobody meanwhile
                for pid in pids:
                    with suppress(OSError):
                        os.kill(pid, number)
            with suppress(ChildProcessError):
                while True:
                    if os.waitpid(-1, os.WNOHANG) == (0, 0):
                        time.sleep(0.001)
                        break
                continue
            return

    def tell(self, **what: Any) -> None:
        with suppress(OSError):
            self.line.sendall(json.dumps(what).encode() + b"\n")

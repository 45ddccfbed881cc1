"""A node's process, its pipes, and where it stands. What it may use, and who ends it, is the sandbox's."""

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from grader.conversation.submission import FOLLOW, Submission, environment
from grader.sandbox.begin import begin, begin_early
from grader.sandbox.policy import LIMITED, Policy, Used

LINUX = sys.platform == "linux"
POSIX = os.name == "posix"

LOOK_SIGNAL = 63  # for which injected/sitecustomize.py has a handler in a node that runs on Python


def prepare() -> None:
    """Before the first node: it starts sooner then."""
    begin_early()


def begun(
    submission: Submission,
    tmpdir: str,
    beyond: Callable[[str], object] = lambda _: None,
    *,
    followed_since: float | None = None,
) -> "NodeProcess":
    """This submission's node, under its policy; `tmpdir` is its folder for temporary files. Raises OSError.

    `followed_since`: a Python node keeps in mind what it catches, and when, counted from this monotonic time.
    """
    policy = submission.policy
    env = environment(tmpdir, is_private=policy.strength == "full")
    if followed_since is not None:
        env[FOLLOW] = repr(followed_since)
    return NodeProcess(submission.command, submission.folder, env, policy, beyond)


class NodeProcess:
    """A node that runs. Whoever starts it calls `end`, on every path.

    `beyond` is called, in another thread, with a text if the node passes a limit of `policy`: it is ended a
    moment later. Raises OSError from the constructor if the system refuses the command.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        env: Mapping[str, str],
        policy: Policy = LIMITED,
        beyond: Callable[[str], object] = lambda _: None,
    ) -> None:
        theirs: list[int] = []
        ours: list[int] = []
        try:
            for is_input in (True, False, False):
                reading, writing = os.pipe()
                theirs.append(reading if is_input else writing)
                ours.append(writing if is_input else reading)
            self._process = begin(command, folder, env, theirs, policy, env.get("TMPDIR", ""), beyond)
        except BaseException:
            for fd in ours:
                os.close(fd)
            raise
        finally:
            for fd in theirs:
                os.close(fd)
        self.stdin, self.stdout, self.stderr = ours
        self._open = set(ours)
        self.pid = self._process.pid
        self.input = f"pipe:[{os.fstat(self.stdin).st_ino}]"  # as /proc names it
        self.ended_input = ""  # the same, once it is over

    @property
    def used(self) -> Used:
        """What it has used, all in all; known after `end`."""
        return self._process.used

    def wait(self, timeout: float | None = None) -> int | None:
        """Until the process has ended: its exit status, negative for a signal. None if it goes on."""
        return self._process.wait(timeout)

    def close_stdin(self) -> None:
        self.ended_input = self.input
        self._close(self.stdin)

    def end_what_is_left(self) -> tuple[str, ...]:
        """After its own exit: end the processes that it left behind; each by its command line.

        A helper that ends with its parent (as `multiprocessing` has one) is given a moment to do so.
        """
        self._process.wait_for_all()
        return self._process.left

    def look(self) -> int:
        """Have each Python among its processes say on stderr where it stands, and go on. How many were asked.

        Only those are that have the signal's handler by now: others would die of it.
        """
        asked = 0
        for pid in self.pids():
            with suppress(OSError):
                if _is_python(pid) and _catches(pid, LOOK_SIGNAL):
                    os.kill(pid, LOOK_SIGNAL)
                    asked += 1
        return asked

    def ask_where_it_stands(self) -> bool:
        """Have each Python among its processes write its threads' stacks to stderr, and die of it.

        False where there is none, or no such signal.
        """
        if not POSIX:
            return False
        pythons = [pid for pid in self.pids() or [self.pid] if _is_python(pid)]
        for pid in pythons:
            with suppress(OSError):
                os.kill(pid, signal.SIGABRT)
        return bool(pythons)

    def pids(self) -> list[int]:
        """The process and all that it has started, by whatever name. Linux only: elsewhere none."""
        return self._process.pids()

    def yield_the_processor(self) -> None:
        """Let others go first from now on: it computes, and nobody knows whether it will ever end."""
        if POSIX:
            with suppress(OSError):
                os.setpriority(os.PRIO_PGRP, self.pid, 19)

    def end(self) -> None:
        """End it and everything that it has started, at once. Pipes stay readable."""
        self._process.end()

    def close(self) -> None:
        """Let go of the pipes; after `end`, when nobody reads them any more."""
        for fd in list(self._open):
            self._close(fd)

    def _close(self, fd: int) -> None:
        if fd in self._open:  # its number may be somebody else's by now
            self._open.discard(fd)
            os.close(fd)


def _catches(pid: int, number: int) -> bool:
    """Whether the process has a handler for this signal."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        caught = next((line.split()[1] for line in status if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) >> (number - 1) & 1)


def _is_python(pid: int) -> bool:
    with suppress(psutil.Error, OSError):
        exe = os.readlink(f"/proc/{pid}/exe") if LINUX else psutil.Process(pid).exe()
        return "python" in os.path.basename(exe).lower()
    return False

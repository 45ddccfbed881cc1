"""A node's process and all that it starts: begun, watched and ended here and nowhere else.

What only POSIX or only Linux has is kept in this file. Elsewhere a process that leaves its parent and
its session can't be found again; everything else works alike.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from grader.conversation import at_rest

LINUX = sys.platform == "linux"
POSIX = os.name == "posix"

GRACE_S = 0.5  # for what a node left behind to end by itself
LOOK_SIGNAL = 63  # for which injected/sitecustomize.py has a handler in a node that runs on Python
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


def prepare() -> None:
    """Once, before the first node: orphans of nodes become children of ours, and nobody dumps core."""
    if POSIX:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if LINUX:
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_all_children() -> None:
    """For a program that ends: what a node hid so well that nobody can tell whose it is, is ended with it.

    Only Linux hands us such orphans: those in a session of their own, with another environment.
    """
    while LINUX and (orphans := _own_children()):
        for process in orphans:
            with suppress(psutil.Error):
                process.kill()
        for process in orphans:
            with suppress(ChildProcessError):
                os.waitpid(process.pid, 0)


class NodeProcess:
    """A node that runs. Whoever starts it calls `end`, on every path.

    Raises OSError from the constructor if the system refuses the command.
    """

    def __init__(self, command: Sequence[str], folder: Path, env: Mapping[str, str]) -> None:
        self.tmpdir = env["TMPDIR"]
        self.popen = subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=dict(env),
            start_new_session=POSIX,
        )
        self.pipes = [pipe for pipe in (self.popen.stdin, self.popen.stdout, self.popen.stderr) if pipe]
        self.stdin, self.stdout, self.stderr = (pipe.fileno() for pipe in self.pipes)
        self.input = f"pipe:[{os.fstat(self.stdin).st_ino}]"  # as /proc names it
        self.ended_input = ""  # the same, once it is over

    def wait(self) -> int:
        """Blocks until the process has ended; its exit status, negative for a signal."""
        return self.popen.wait()

    def close_stdin(self) -> None:
        self.ended_input = self.input
        with suppress(OSError):
            self.pipes[0].close()

    def end_what_is_left(self) -> tuple[str, ...]:
        """After its own exit: end the processes that it left behind; each by its command line.

        A helper that ends with its parent (as `multiprocessing` has one) is given a moment to do so.
        """
        left = [p for p in self._family() if p.pid != self.popen.pid]
        alive = psutil.wait_procs(left, timeout=GRACE_S)[1] if left else []
        names = tuple(_describe(p) for p in alive if _is_alive(p))
        self.end()
        return names

    def look(self) -> int:
        """Have each Python among its processes say on stderr where it stands, and go on. How many were asked.

        Only those are that have the signal's handler by now: others would die of it.
        """
        asked = 0
        for process in self._family() if LINUX else []:
            with suppress(psutil.Error, OSError):
                if _is_python(process) and _catches(process.pid, LOOK_SIGNAL):
                    process.send_signal(LOOK_SIGNAL)
                    asked += 1
        return asked

    def ask_where_it_stands(self) -> bool:
        """Have each Python among its processes write its threads' stacks to stderr, and die of it.

        False where there is none, or no such signal.
        """
        if not POSIX:
            return False
        pythons = [p for p in self._family() if _is_python(p)]
        for process in pythons:
            with suppress(psutil.Error):
                process.send_signal(signal.SIGABRT)
        return bool(pythons)

    def pids(self) -> list[int]:
        """The process and all that it has started, but for those whose parent is gone."""
        return at_rest.tree(self.popen.pid)

    def has_orphans(self) -> bool:
        """Whether processes live on whose parent, a process of the node's, is gone."""
        return any(self._is_ours(process) for process in _own_children())

    def yield_the_processor(self) -> None:
        """Let others go first from now on: it computes, and nobody knows whether it will ever end."""
        if POSIX:
            with suppress(OSError):
                os.setpriority(os.PRIO_PGRP, self.popen.pid, 19)

    def end(self) -> None:
        """End it and everything that it has started, at once. Pipes stay readable."""
        escaped = [] if LINUX else self._family()
        if POSIX:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.popen.pid, signal.SIGKILL)
        else:
            self.popen.kill()
        for process in escaped:
            with suppress(psutil.Error):
                process.kill()
        if LINUX:
            self._end_orphans()

    def close(self) -> None:
        """Let go of the pipes; after `end`, when nobody reads them any more."""
        for pipe in self.pipes:
            with suppress(OSError):
                pipe.close()

    def _end_orphans(self) -> None:
        # Its children become ours once it is dead, and on a busy machine a kill takes its time.
        with suppress(ChildProcessError):
            os.waitid(os.P_PID, self.popen.pid, os.WEXITED | os.WNOWAIT)
        # An orphan's own children become orphans in turn, until none is left.
        while orphans := [p for p in _own_children() if self._is_ours(p)]:
            for process in orphans:
                with suppress(psutil.Error):
                    process.kill()
            for process in orphans:
                with suppress(ChildProcessError):
                    os.waitpid(process.pid, 0)

    def _is_ours(self, process: psutil.Process) -> bool:
        """Whether an orphan comes from this node: by its session, or by the folder it was given."""
        if process.pid == self.popen.pid:
            return False
        with suppress(psutil.Error, OSError):
            if os.getsid(process.pid) == self.popen.pid:
                return True
            return _environment(process).get("TMPDIR") == self.tmpdir
        return False

    def _family(self) -> list[psutil.Process]:
        family: list[psutil.Process] = []
        with suppress(psutil.Error):
            node = psutil.Process(self.popen.pid)
            family = [node, *node.children(recursive=True)]
        if LINUX:
            for orphan in (p for p in _own_children() if self._is_ours(p)):
                with suppress(psutil.Error):
                    family += [orphan, *orphan.children(recursive=True)]
        return family


def _own_children() -> list[psutil.Process]:
    """Our direct children, from the kernel's own lists: to walk all processes takes ten times as long."""
    pids: list[str] = []
    for task in os.listdir("/proc/self/task"):
        with suppress(OSError), open(f"/proc/self/task/{task}/children") as children:
            pids += children.read().split()
    found = []
    for pid in pids:
        with suppress(psutil.Error):
            found.append(psutil.Process(int(pid)))
    return found


def _environment(process: psutil.Process) -> dict[str, str]:
    """Its environment. In the middle of an exec a process shows none, for as long as it gets no processor.

    It shows no command line then either, which tells it from one that was started with an empty environment.
    """
    for _ in range(100):
        if environment := process.environ():
            return dict(environment)
        if process.cmdline() or not _is_alive(process):
            break
        time.sleep(0.01)
    return {}


def _describe(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return f"{' '.join(process.cmdline())[:200]} (pid {process.pid})"
    return f"pid {process.pid}"


def _is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def _catches(pid: int, number: int) -> bool:
    """Whether the process has a handler for this signal."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        caught = next((line.split()[1] for line in status if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) >> (number - 1) & 1)


def _is_python(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return "python" in os.path.basename(process.exe()).lower()
    return False

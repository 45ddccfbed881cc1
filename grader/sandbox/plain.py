"""A process without a keeper, where the system is not Linux: it is ended with those below it that still are.

What leaves its parent and its session can't be found again there, and nothing is limited.
"""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from grader.sandbox.policy import Used

POSIX = os.name == "posix"
GRACE_S = 0.5  # for what a node left behind to end by itself


class Plain:
    """One process and what it starts. Raises OSError if the system refuses the command."""

    def __init__(
        self, command: Sequence[str], folder: Path, env: Mapping[str, str], files: Sequence[int]
    ) -> None:
        stdin, stdout, stderr, *more = files
        self._popen = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=folder,
            env=dict(env),
            pass_fds=more,
            start_new_session=POSIX,
        )
        self.pid = self._popen.pid
        self.left: tuple[str, ...] = ()
        self.used = Used()

    def wait(self, timeout: float | None = None) -> int | None:
        """Until it has ended: its exit status, negative for a signal. None if it goes on."""
        with suppress(subprocess.TimeoutExpired):
            return self._popen.wait(timeout)
        return None

    def wait_for_all(self) -> None:
        """After its own exit: end what it left behind. What ends with its parent is given a moment to do so."""
        left = [process for process in self._family() if process.pid != self.pid]
        alive = psutil.wait_procs(left, timeout=GRACE_S)[1] if left else []
        self.left = tuple(_describe(process) for process in alive)
        self.end()

    def pids(self) -> list[int]:
        """None: those that have left it would be missing."""
        return []

    def end(self) -> None:
        """End it and all that it has started, as far as they are found."""
        escaped = self._family()
        if POSIX:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        else:
            self._popen.kill()
        for process in escaped:
            with suppress(psutil.Error):
                process.kill()
        self._popen.wait()

    def _family(self) -> list[psutil.Process]:
        with suppress(psutil.Error):
            node = psutil.Process(self.pid)
            return [node, *node.children(recursive=True)]
        return []


def _describe(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return f"{' '.join(process.cmdline())[:200]} (pid {process.pid})"
    return f"pid {process.pid}"

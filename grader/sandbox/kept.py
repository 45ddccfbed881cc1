"""A process that is kept: started by the launcher, watched and ended by its keeper. Linux only.

Of the launcher there is one for this process, started with the first node. It and all keepers end what they
have when we are gone, whatever ended us.
"""

import atexit
import errno
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from grader.sandbox.family import descendants
from grader.sandbox.policy import Policy, Used

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("landlockpy", "seccompy")  # what the launcher needs of other people's
GONE_S = 15.0  # for a keeper to say that all are gone: it gives up before
START = "import sys; sys.path[:0] = {folders!r}; from grader.sandbox.launcher import main; main()"


class Kept:
    """One process and all that it starts. `files` are its stdin, stdout, stderr and so on; they stay ours.

    Raises OSError if the system refuses the command. `beyond` is called, in a thread of its own, with a text
    once a limit is passed; who starts it calls `end`, on every path.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        env: Mapping[str, str],
        files: Sequence[int],
        policy: Policy,
        private: str = "",
        beyond: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.beyond = beyond
        self.pid = -1
        self.status: int | None = None
        self.left: tuple[str, ...] = ()
        self.used = Used()
        self._line, theirs = socket.socketpair()
        self._started, self._exited, self._gone = threading.Event(), threading.Event(), threading.Event()
        self._refused = 0
        order = {
            "command": list(command),
            "folder": str(folder),
            "env": dict(env),
            "policy": policy.as_json(),
            "private": private,
        }
        with theirs:
            _give(order, [theirs.fileno(), *files])
        self.keeper = -1
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self._started.wait()
        if self._refused:
            self._thread.join()
            self._line.close()
            raise OSError(self._refused, os.strerror(self._refused), command[0])

    def wait(self, timeout: float | None = None) -> int | None:
        """Until the process itself has ended: its exit status, negative for a signal. None if it goes on."""
        return self.status if self._exited.wait(timeout) else None

    def wait_for_all(self) -> None:
        """Until the process and all that it has started are gone: a moment after its own end."""
        self._gone.wait(GONE_S)
        self._thread.join(GONE_S)

    def pids(self) -> list[int]:
        """It and all that it has started, by whatever name."""
        return descendants(self.keeper)

    def end(self) -> None:
        """End it and all that it has started, and wait until they are gone."""
        with suppress(OSError):
            self._line.send(b"e")
        self.wait_for_all()

    def _listen(self) -> None:
        try:
            with self._line.makefile("rb") as lines:
                for line in lines:
                    self._hear(told := json.loads(line))
                    if "gone" in told:
                        break
        except (OSError, ValueError):
            pass
        finally:
            if not self._started.is_set():
                self._refused = errno.EAGAIN  # there was no keeper: the system has no more processes
            if self.status is None:
                self.status = -signal.SIGKILL  # the keeper was ended, and what it kept with it
            for event in (self._started, self._exited, self._gone):
                event.set()
            self._line.close()

    def _hear(self, told: dict[str, Any]) -> None:
        if "pid" in told:
            self.pid, self.keeper = told["pid"], told["keeper"]
            self._started.set()
        elif "refused" in told:
            self._refused = told["refused"]
            self._started.set()
        elif "beyond" in told:
            self.beyond(told["text"])
        elif "exit" in told:
            self.status = told["exit"]
            self._exited.set()
        elif "gone" in told:
            self.left = tuple(told["left"])
            self.used = Used(told["memory"], told["cpu_s"])


class _LauncherProcess:
    """The launcher, as its caller sees it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.popen = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", START.format(folders=_folders())],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
                start_new_session=True,
            )
        self.line = ours
        self.owner = os.getpid()
        self.lock = threading.Lock()

    def order(self, what: Mapping[str, Any], files: Sequence[int]) -> None:
        data = json.dumps(what).encode("utf-8", "surrogateescape")
        with self.lock:
            socket.send_fds(self.line, [len(data).to_bytes(4, "big")], list(files))
            self.line.sendall(data)

    def end(self) -> None:
        """It ends by itself once nobody can give it an order."""
        self.line.close()
        if self.owner == os.getpid():
            with suppress(subprocess.TimeoutExpired):
                self.popen.wait(GONE_S)


_lock = threading.Lock()
_running: list[_LauncherProcess] = []  # one at most


def launch_early() -> None:
    """Start the launcher, so that the first node need not wait for it."""
    _launcher()


def missing_for(policy: Policy) -> tuple[str, ...]:
    """What the launcher lacks for this policy."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            _give({"asks": policy.as_json()}, [theirs.fileno()])
        with ours.makefile("rb") as told:
            return tuple(json.loads(told.readline()))


def _give(order: Mapping[str, Any], files: Sequence[int]) -> None:
    """To the launcher; if it has been ended, by whoever, to another one."""
    try:
        _launcher().order(order, files)
    except OSError:
        with _lock:
            _running.clear()
        try:
            _launcher().order(order, files)
        except OSError:
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from None


def _launcher() -> _LauncherProcess:
    with _lock:
        if _running and (_running[0].owner != os.getpid() or _running[0].popen.poll() is not None):
            _running.clear()  # we are a fork, or it was ended
        if not _running:
            _running.append(_LauncherProcess())
            atexit.register(_end_launcher)
        return _running[0]


def _end_launcher() -> None:
    while _running:
        _running.pop().end()


def _folders() -> list[str]:
    """Where our own package is, and the others."""
    from importlib.util import find_spec

    specs = [find_spec(name) for name in PACKAGES]
    found = [str(Path(spec.origin).parents[1]) for spec in specs if spec and spec.origin]
    return [str(ROOT), *dict.fromkeys(found)]

"""The launcher: a small process of one thread that forks a keeper for each node it is told to start.

Whoever grades has many threads, and a fork of theirs would be slow and unsafe; and what holds for a node would
hold for them. It lives as long as they do. Linux only.
"""

import array
import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from types import ModuleType
from typing import Any, NoReturn

from grader.sandbox.confinement import Means, adopt_orphans, leave_places, means, missing
from grader.sandbox.family import children
from grader.sandbox.keeper import Keeper, ToKeep
from grader.sandbox.policy import from_json

# Of the packages: what helps to test programs with them loads much else, and each page of ours costs each fork.
UNUSED = ("landlockpy.testing", "seccompy.testing")
MOST_FILES = 16  # that come with one order
LOOK_MS = 500  # between two looks at who is left below us
KEPT_MEANS = 16  # policies at once


def main() -> NoReturn:
    """Serve whoever started this, on stdin, until they are gone."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how keepers and orphans have ended
    sys.modules |= {name: ModuleType(name) for name in UNUSED}
    gc.disable()
    leave_places()
    orders = socket.socket(fileno=os.dup(0))
    caller = os.pidfd_open(os.getppid())
    adopt_orphans()
    launcher = _Launcher(orders, caller)
    with suppress(OSError):
        while launcher.serve():
            pass
    os._exit(0)


class _Launcher:
    def __init__(self, orders: socket.socket, caller: int) -> None:
        self.orders, self.caller = orders, caller
        self.keepers: dict[int, int] = {}  # a pidfd for each
        self.is_alone = True  # as far as the last look went
        self.known: dict[str, Means] = {}

    def serve(self) -> bool:
        """Carry out the next order. False once nobody can give any."""
        waiting = select.poll()
        for fd in (self.orders.fileno(), self.caller):
            waiting.register(fd, select.POLLIN)
        while not (ready := dict(waiting.poll(None if self.is_alone else LOOK_MS))):
            self.take_leave()
        if self.caller in ready:
            return False
        head, files = _receive(self.orders, 4)
        if len(head) < 4:
            return False
        size = int.from_bytes(head, "big")
        data = b""
        while len(data) < size:
            chunk = self.orders.recv(min(size - len(data), 1 << 20))
            if not chunk:
                return False
            data += chunk
        self.launch(json.loads(data), files)
        self.take_leave()
        return True

    def launch(self, asked: dict[str, Any], files: list[int]) -> None:
        line, *given = files
        if "asks" in asked:
            with socket.socket(fileno=line) as teller:
                teller.sendall(json.dumps(missing(from_json(asked["asks"]))).encode() + b"\n")
            return
        policy = from_json(asked["policy"])
        key = json.dumps(asked["policy"], sort_keys=True)
        if key not in self.known:
            if len(self.known) >= KEPT_MEANS:
                self.known.clear()
            self.known[key] = means(policy)
            gc.freeze()
        order = ToKeep(tuple(asked["command"]), asked["folder"], asked["env"], policy, asked["private"])
        pid = os.fork()
        if pid == 0:
            try:
                os.setsid()
                self.orders.close()
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                Keeper(order, socket.socket(fileno=line), self.caller, self.known[key]).keep(given)
            finally:
                os._exit(1)
        with suppress(ProcessLookupError):  # it has ended already
            self.keepers[pid] = os.pidfd_open(pid)
        for fd in files:
            os.close(fd)

    def take_leave(self) -> None:
        """Of keepers that have ended. What one that was killed left behind has become ours, and is ended.

        Who is not listed below us may be there all the same: the list skips some while others end.
        """
        for pid, fd in list(self.keepers.items()):
            if has_ended(fd):
                del self.keepers[pid]
                os.close(fd)
        below = children(os.getpid())
        self.is_alone = not (below or self.keepers)
        for pid in below:
            if pid not in self.keepers:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)


def has_ended(process: int) -> bool:
    """Whether the process of this pidfd has."""
    poll = select.poll()
    poll.register(process, select.POLLIN)
    return bool(poll.poll(0))


def _receive(line: socket.socket, size: int) -> tuple[bytes, list[int]]:
    """So many bytes, and the files that came with them."""
    space = socket.CMSG_SPACE(MOST_FILES * array.array("i").itemsize)
    data, ancillary, _, _ = line.recvmsg(size, space)
    files = array.array("i")
    for level, kind, packed in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            files.frombytes(packed[: len(packed) - len(packed) % files.itemsize])
    for fd in files:
        os.set_inheritable(fd, False)
    return data, list(files)

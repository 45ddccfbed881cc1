"""Whether a node is at rest, and for good: read from what the kernel tells of its threads. Linux only.

A node whose threads all sleep in calls without a deadline, with its input read to the last byte, will
never write again until something is written to it: its verdict is clear, and no time need be spent. That
is a proof, not a guess: two looks between which no thread has run, each finding every thread in a wait
that nothing but the node itself, or its input, can end. Where a thread sleeps until a time, or waits for
something outside (a socket, a file's lock, a terminal), nothing is claimed.
"""

import os
import platform
import stat
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

LINUX = sys.platform == "linux"

_INFINITE = frozenset((0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF))  # -1, as a 32 or a 64 bit argument
_FUTEX_WAITS = frozenset((0, 6, 9))  # FUTEX_WAIT, FUTEX_LOCK_PI, FUTEX_WAIT_BITSET
_FUTEX_COMMAND = 0x7F  # without its flags
_ALARMS = 1 << 13 | 1 << 25 | 1 << 26  # SIGALRM, SIGVTALRM, SIGPROF, as /proc shows a set of signals

# The calls by their numbers: reads of one file, waits with the place of their deadline and what means none.
_X86 = {
    0: "read",
    1: "write",
    19: "read",
    7: "poll",
    23: "select",
    270: "select",
    271: "ppoll",
    232: "epoll",
    281: "epoll",
    202: "futex",
    61: "wait",
    247: "wait",
}
_ARM = {
    63: "read",
    65: "read",
    64: "write",
    73: "ppoll",
    72: "select",
    22: "epoll",
    98: "futex",
    260: "wait",
    95: "wait",
}
# Files that only a node itself, or its input, can make ready: all its pipes are its own.
_OWN = ("pipe:[", "anon_inode:[eventfd]", "anon_inode:[eventpoll]")
_ALWAYS_READY = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")

_CALLS: Mapping[int, str] = {"x86_64": _X86, "aarch64": _ARM}.get(platform.machine(), {})


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread at one moment: how long it has run, how long it was runnable without a core, and where
    it sleeps.
    """

    ran_ns: int
    ready_ns: int
    turns: int
    call: str


@dataclass(frozen=True, slots=True)
class Standing:
    """All threads of some processes at one moment, by process and thread."""

    threads: Mapping[tuple[int, int], Thread] = field(default_factory=dict)

    def is_still(self, before: "Standing") -> bool:
        """Whether no thread has run since."""
        return self._turns() == before._turns()

    def ran_since(self, before: "Standing") -> float:
        """The CPU seconds that they have used since."""
        return self._sum("ran_ns", before) / 1e9

    def ready_since(self, before: "Standing") -> float:
        """For how many seconds, summed over all threads, they have been runnable since without a core."""
        return self._sum("ready_ns", before) / 1e9

    def _turns(self) -> dict[tuple[int, int], tuple[int, int]]:
        return {key: (thread.ran_ns, thread.turns) for key, thread in self.threads.items()}

    def _sum(self, name: str, before: "Standing") -> int:
        none = Thread(0, 0, 0, "")
        return sum(
            getattr(thread, name) - getattr(before.threads.get(key, none), name)
            for key, thread in self.threads.items()
        )


def look(pids: Iterable[int]) -> Standing | None:
    """Where these processes stand. None where the system doesn't tell."""
    if not LINUX:
        return None
    threads = {}
    for pid in pids:
        try:
            tids = os.listdir(f"/proc/{pid}/task")
        except OSError:
            continue  # it has ended
        for tid in tids:
            folder = f"/proc/{pid}/task/{tid}"
            try:
                ran, ready, turns = map(int, _read(f"{folder}/schedstat").split())
            except ValueError:
                return None  # a kernel that doesn't count
            except OSError:
                continue
            try:
                call = _read(f"{folder}/syscall").strip()
            except OSError:
                call = ""
            threads[pid, int(tid)] = Thread(ran, ready, turns, call)
    return Standing(threads)


def waited(threads: Iterable[int]) -> float:
    """For how many seconds these threads of our own have been runnable without a core, each since its start."""
    total = 0
    for thread in threads:
        try:
            total += int(_read(f"/proc/self/task/{thread}/schedstat").split()[1])
        except (OSError, ValueError, IndexError):
            continue
    return total / 1e9


def tree(pid: int) -> list[int]:
    """The process and all that it has started, but for those that have left it."""
    pids = [pid]
    for parent in pids:  # grows while it is walked
        try:
            for task in os.listdir(f"/proc/{parent}/task"):
                pids += map(int, _read(f"/proc/{parent}/task/{task}/children").split())
        except OSError:
            continue
    return pids


def waits_for_ever(standing: Standing, ended: str = "") -> bool:
    """Whether each thread waits without a deadline for what only the node itself or its input can bring.

    `ended` is an input that is over, as /proc names it: whoever still waits for it will hear of its end, once
    nobody holds its other side (a process that is just being started does, for a moment).
    """
    if not standing.threads:
        return False
    for pid in {pid for pid, _ in standing.threads}:
        calls = [thread.call for (owner, _), thread in standing.threads.items() if owner == pid]
        if not all(_has_no_deadline(pid, call, ended) for call in calls) or _has_timers(pid):
            return False
        if any(_watches_files(call) for call in calls) and not _all_files_are_its_own(pid, ended):
            return False
    return True


def sleeps_in(kind: str, thread: int, fd: int) -> bool:
    """Whether this thread of our own sleeps in a call of this kind on the file `fd`."""
    try:
        words = _read(f"/proc/self/task/{thread}/syscall").split()
    except OSError:
        return False
    return len(words) > 1 and _CALLS.get(_number(words[0])) == kind and int(words[1], 16) == fd


def _has_no_deadline(pid: int, call: str, ended: str) -> bool:
    words = call.split()
    if len(words) < 7:  # it runs, or the kernel doesn't say
        return False
    kind = _CALLS.get(_number(words[0]))
    arguments = [int(word, 16) for word in words[1:7]]
    if kind == "read":
        target = _target(pid, arguments[0])
        return target.startswith("pipe:[") and target != ended
    if kind == "futex":
        return arguments[1] & _FUTEX_COMMAND in _FUTEX_WAITS and arguments[3] == 0
    if kind == "wait":
        return True
    if kind == "epoll":
        return arguments[3] in _INFINITE
    if kind == "poll":
        return arguments[2] in _INFINITE
    return (kind == "select" and arguments[4] == 0) or (kind == "ppoll" and arguments[2] == 0)


def _watches_files(call: str) -> bool:
    return _CALLS.get(_number(call.split()[0])) in ("epoll", "poll", "select", "ppoll")


def _has_timers(pid: int) -> bool:
    """Whether a signal may come at a time that was set."""
    try:
        if _read(f"/proc/{pid}/timers").strip():
            return True
        status = _read(f"/proc/{pid}/status")
    except OSError:
        return True
    caught = next(line.split()[1] for line in status.split("\n") if line.startswith("SigCgt:"))
    return bool(int(caught, 16) & _ALARMS)


def _all_files_are_its_own(pid: int, ended: str) -> bool:
    """Whether nobody outside can write to any file that it has open: no socket to elsewhere, no timer."""
    sockets = set()
    try:
        fds = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return False
    for fd in fds:
        target = _target(pid, int(fd))
        if target == ended:
            return False
        if target.startswith("socket:["):
            sockets.add(int(target[8:-1]))
        elif not (target.startswith(_OWN) or _is_always_ready(pid, int(fd))):
            return False
    # The two ends of a socketpair are made one after the other; any other socket leads elsewhere.
    return not sockets or (
        all(inode + 1 in sockets or inode - 1 in sockets for inode in sockets) and sockets <= _local(pid)
    )


def _is_always_ready(pid: int, fd: int) -> bool:
    try:
        mode = os.stat(f"/proc/{pid}/fd/{fd}").st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode) or _target(pid, fd) in _ALWAYS_READY


def _local(pid: int) -> set[int]:
    """The sockets of this machine only (AF_UNIX), by inode."""
    try:
        lines = _read(f"/proc/{pid}/net/unix").split("\n")[1:]
    except OSError:
        return set()
    return {int(words[6]) for line in lines if len(words := line.split()) > 6}


def _target(pid: int, fd: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/fd/{fd}")
    except OSError:
        return ""


def _number(word: str) -> int:
    return int(word) if word.lstrip("-").isdigit() else -1


def _read(path: str) -> str:
    with open(path, "rb", buffering=0) as file:
        return file.readall().decode("ascii", "replace")

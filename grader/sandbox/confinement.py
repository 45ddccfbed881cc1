"""What a node's process does to itself before it becomes the node: limits, rights, and calls that it gives up.

It runs between fork and exec, in a process of one thread. Linux only.
"""

import ctypes
import errno
import fcntl
import os
import resource
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from grader.sandbox.policy import Policy, Reach

if TYPE_CHECKING:
    from landlockpy import Ruleset
    from seccompy import Filter

OPEN_FILES = 1024  # at once, in one process: more than that needs a limit of the system's own to be raised
SIGNALS_SINCE = 6  # the version of Landlock that keeps signals in
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_CAPBSET_DROP = 1, 36, 24
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_LAST_CAP = 63
_SPARE = 100  # where files wait until their places are free
PLACES = 16  # for what a node has open from its start; the launcher's own files lie behind them

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Means:
    """What the kernel and the packages give, as far as this policy asks for it."""

    ruleset: "Ruleset | None" = None
    filter: "Filter | None" = None


def leave_places() -> None:
    """Take the low numbers, so that no file of ours stands where a node's are to be."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    while nothing < PLACES:
        nothing = os.dup(nothing)


def adopt_orphans() -> None:
    """From now on what is orphaned below this process becomes its child."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """At the death of the thread that started this process it is killed."""
    parent = os.getppid()
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def means(policy: Policy) -> Means:
    """All that this policy can have here; what is missing is left out: `missing` tells beforehand."""
    if policy.strength == "off":
        return Means()
    ruleset: Any = None
    made: Any = None
    with suppress(ImportError, OSError):
        ruleset = _rules(policy.reach)
    with suppress(ImportError, OSError):
        from grader.sandbox import filters

        made = filters.build(is_full=policy.strength == "full")
    return Means(ruleset, made)


def missing(policy: Policy) -> list[str]:
    """What this system lacks for the policy, in words."""
    if policy.strength == "off":
        return []
    lacks = []
    try:
        import seccompy

        if not seccompy.supported():
            lacks.append("seccomp, which refuses what nobody could count")
    except ImportError:
        lacks.append("the package seccompy, which refuses what nobody could count")
    except OSError:
        lacks.append("seccomp for this machine's processor")
    if policy.strength != "full":  # beyond what it promises, `limits` keeps signals in where it can
        return lacks
    try:
        from landlockpy import abi_version

        version = abi_version()
        if version < SIGNALS_SINCE:
            has = "has none" if version == 0 else f"has version {version}"
            lacks.append(
                f"Landlock {SIGNALS_SINCE} (Linux 6.12), which keeps files and signals in; this kernel {has}"
            )
    except ImportError:
        lacks.append("the package landlockpy, which keeps files and signals in")
    return lacks


def become(
    command: Sequence[str],
    folder: str,
    env: dict[str, str],
    files: Sequence[int],
    policy: Policy,
    given: Means,
    teller: socket.socket,
) -> NoReturn:
    """Become the node: `files` are its stdin, stdout, stderr, and what it has open beyond them, from 3 on.

    `teller` is told why there is no node if there is none.
    """
    os.setsid()
    for number in (
        signal.SIGPIPE,
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGHUP,
        signal.SIGCHLD,
        signal.SIGXFSZ,
    ):
        signal.signal(number, signal.SIG_DFL)
    die_with_parent()
    spare = [_moved(fd) for fd in files]
    with socket.socket(fileno=_moved(teller.fileno())) as telling:
        for place, fd in enumerate(spare):
            os.dup2(fd, place, inheritable=True)
        start = len(spare)
        for fd in sorted({telling.fileno(), *_own(given)}):
            os.closerange(start, fd)
            start = fd + 1
        os.closerange(start, 1 << 20)
        try:
            _confine(folder, policy, given)
            os.execve(command[0], list(command), env)
        except OSError as error:
            telling.send(str(error.errno or errno.EIO).encode())
        os._exit(1)


def _confine(folder: str, policy: Policy, given: Means) -> None:
    os.chdir(folder)
    if policy.strength != "off":
        _limit(policy)
    if policy.strength == "full" and os.geteuid() == 0:
        _drop_privileges()
    if given.ruleset is not None:
        given.ruleset.restrict()
        given.ruleset.close()
    if given.filter is not None:
        given.filter.load()


def _limit(policy: Policy) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (policy.limits.files, policy.limits.files))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")  # if the machine runs out of memory, the node goes first


def _rules(reach: Reach | None) -> "Ruleset":
    """In `full` what may be touched; else a fence around signals and other processes alone."""
    from landlockpy import AccessFS, AccessNet, Ruleset, Scope, fs_for_abi, net_for_abi
    from landlockpy.flags import LATEST_ABI as LATEST

    scoped = Scope.SIGNAL | Scope.ABSTRACT_UNIX_SOCKET
    if reach is None:
        return Ruleset(handled_fs=AccessFS.NONE, handled_net=AccessNet.NONE, scoped=Scope.SIGNAL)
    all_of_it = fs_for_abi(LATEST)
    read = AccessFS.READ_FILE | AccessFS.READ_DIR | AccessFS.EXECUTE
    own = all_of_it & ~(AccessFS.MAKE_CHAR | AccessFS.MAKE_BLOCK | AccessFS.IOCTL_DEV)
    ruleset = Ruleset(handled_fs=all_of_it, handled_net=net_for_abi(LATEST), scoped=scoped)
    for paths, access in (
        (reach.readable, read),
        (reach.listed, AccessFS.READ_DIR),
        (reach.writable, own),
        (reach.devices, AccessFS.READ_FILE | AccessFS.WRITE_FILE),
    ):
        for path in paths:
            _allow(ruleset, path, access)
    return ruleset


def _allow(ruleset: "Ruleset", path: str, access: Any) -> None:
    from landlockpy import AccessFS

    if not os.path.isdir(path):
        access &= AccessFS.READ_FILE | AccessFS.WRITE_FILE | AccessFS.EXECUTE | AccessFS.TRUNCATE
    with suppress(OSError):  # what is not there, or not for us, is not for the node
        ruleset.allow_path(path, access)


def _drop_privileges() -> None:
    """Root's own: who is not root has none to lose. No program that is run afterwards has them again."""
    for capability in range(_LAST_CAP + 1):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)


def _own(given: Means) -> list[int]:
    return [given.ruleset.fileno()] if given.ruleset is not None else []


def _moved(fd: int) -> int:
    return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _SPARE)

"""Which system calls a node may not make: seccomp filters."""

import errno
import struct
from collections.abc import Iterable

from seccompy import (
    Action,
    ArgCmp,
    CmpOp,
    Filter,
    FilterFlag,
    syscall_nr,
)

NEW_NAMESPACES = (0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x00020000, 0x80)
X32 = 0x40000000  # the second set of numbers for the same calls, on x86-64

# What nobody counts and nobody frees. The errors are those of a system that has not got them: programs cope.
_UNCOUNTED = {
    "memfd_create": errno.ENOSYS,
    "memfd_secret": errno.ENOSYS,
    "shmget": errno.ENOSYS,
    "msgget": errno.ENOSYS,
    "semget": errno.ENOSYS,
    "mq_open": errno.ENOSYS,
    "fallocate": errno.EOPNOTSUPP,
    "io_uring_setup": errno.ENOSYS,  # does what other calls do, and no filter sees it
    "io_uring_enter": errno.ENOSYS,
    "io_uring_register": errno.ENOSYS,
}

# What reaches beyond a node's own processes and files, and no rule on paths can hold.
_BEYOND = [
    "socket",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_getfd",
    "kcmp",
    "process_madvise",
    "process_mrelease",
    "move_pages",
    "migrate_pages",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "keyctl",
    "add_key",
    "request_key",
    "setns",
    "unshare",
    "mount",
    "umount2",
    "chroot",
    "pivot_root",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "open_tree",
    "move_mount",
    "mount_setattr",
    "reboot",
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "swapon",
    "swapoff",
    "sethostname",
    "setdomainname",
    "settimeofday",
    "clock_settime",
    "adjtimex",
    "clock_adjtime",
    "acct",
    "quotactl",
    "quotactl_fd",
    "open_by_handle_at",
    "syslog",
    "iopl",
    "ioperm",
    "vhangup",
    "chmod",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "chown",
    "fchown",
    "lchown",
    "fchownat",
    "utime",
    "utimes",
    "utimensat",
    "futimesat",
    "setxattr",
    "lsetxattr",
    "fsetxattr",
    "setxattrat",
    "removexattr",
    "lremovexattr",
    "fremovexattr",
    "removexattrat",
]

# Calls on a process by its number, at this place among the arguments: its own is 0.
_ON_A_PROCESS = {
    "setpriority": 1,
    "sched_setaffinity": 0,
    "sched_setscheduler": 0,
    "sched_setattr": 0,
    "sched_setparam": 0,
    "ioprio_set": 1,
}


class NodeFilter(Filter):
    """A filter that refuses, before all else, the calls that it does not know by their numbers."""

    @property
    def program(self) -> bytes:
        return _refuse_x32() + super().program


def build(*, is_full: bool) -> NodeFilter:
    """The filter for a node. It asks nobody: who waits for an answer can be interrupted, as a fork never is."""
    made = NodeFilter(Action.ALLOW, flags=FilterFlag.SPEC_ALLOW)
    if is_full:
        for space in NEW_NAMESPACES:
            made.errno("clone", errno.EPERM, args=[ArgCmp(0, CmpOp.MASKED_EQ, space, space)])
        made.errno("clone3", errno.ENOSYS)  # its flags lie in memory, unseen; clone is called then
    for name in _known(_UNCOUNTED):
        made.errno(name, _UNCOUNTED[name])
    made.errno("prlimit64", errno.EPERM, args=[ArgCmp(0, CmpOp.NE, 0)])  # the limits of others
    if is_full:
        for name in _known(_BEYOND):
            made.errno(name, errno.EACCES if name == "socket" else errno.EPERM)
        for name in _known(_ON_A_PROCESS):
            made.errno(name, errno.EPERM, args=[ArgCmp(_ON_A_PROCESS[name], CmpOp.NE, 0)])
    return made


def _known(names: Iterable[str]) -> list[str]:
    """Those that this machine has."""
    found = []
    for name in names:
        try:
            syscall_nr(name)
        except (KeyError, ValueError, OSError):
            continue
        found.append(name)
    return found


def _refuse_x32() -> bytes:
    """In front of a filter that knows calls by their usual numbers only."""
    program = ((0x20, 0, 0, 0), (0x35, 0, 1, X32), (0x06, 0, 0, int(Action.ERRNO) | errno.ENOSYS))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)

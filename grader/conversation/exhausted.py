"""What this system has no more of: nobody's node is to blame for that."""

import errno

_LEFT = {
    errno.EMFILE: "no file descriptors are left (ulimit -n)",
    errno.ENFILE: "no file descriptors are left on this system",
    errno.EAGAIN: "no processes are left (ulimit -u)",
    errno.ENOMEM: "no memory is left",
}


class Exhausted(Exception):
    """The system lacks what the grader needs; the text says what."""


def lack(error: BaseException) -> str:
    """What the system lacked when it raised this; empty if it is about something else."""
    if isinstance(error, OSError):
        return _LEFT.get(error.errno or 0, "")
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return "no threads are left (ulimit -u)"
    return "no memory is left" if isinstance(error, MemoryError) else ""

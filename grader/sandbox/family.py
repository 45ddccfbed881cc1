"""The processes below another one, and what they use: read from /proc. Linux only."""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(frozen=True, slots=True)
class Use:
    """What one process uses at this moment."""

    memory: int
    threads: int


def children(pid: int) -> list[int]:
    """The direct children of all threads of a process, those that have ended and were not waited for, too."""
    found: list[int] = []
    with suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with suppress(OSError):
                found += map(int, _read(f"/proc/{pid}/task/{task}/children").split())
    return found


def descendants(pid: int) -> list[int]:
    """All below a process, each behind its parent."""
    found = children(pid)
    for parent in found:  # grows while it is walked
        found += children(parent)
    return found


def use(pid: int) -> Use | None:
    """What a process uses. None if it has ended."""
    try:
        words = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
        return Use(int(words[21]) * _PAGE, int(words[17]))
    except (OSError, ValueError, IndexError):
        return None


def shared_out(pids: Iterable[int]) -> int:
    """The memory of processes in bytes, where what several of them share counts once."""
    total = 0
    for pid in pids:
        try:
            lines = _read(f"/proc/{pid}/smaps_rollup").split(b"\n")
            total += next(int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Pss:"))
        except (OSError, StopIteration):
            if (used := use(pid)) is not None:
                total += used.memory
    return total


def written(pid: int) -> int:
    """Bytes that a process has had written to disk, less those of files that it removed before."""
    with suppress(OSError, ValueError):
        values = dict(line.split(b": ") for line in _read(f"/proc/{pid}/io").splitlines())
        return max(int(values[b"write_bytes"]) - int(values[b"cancelled_write_bytes"]), 0)
    return 0


def held_by(folder: str) -> int:
    """Bytes that the files in a folder take, each at least a page."""
    total, folders = 0, [folder]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    total += max(status.st_blocks * 512, _PAGE)
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
    return total


def describe(pid: int) -> str:
    """A process by its command line."""
    with suppress(OSError):
        words = _read(f"/proc/{pid}/cmdline").decode("utf-8", "replace").split("\0")
        if text := " ".join(words).strip():
            return f"{text[:200]} (pid {pid})"
    return f"pid {pid}"


def is_zombie(pid: int) -> bool:
    """Whether it has ended, and nobody has waited for it; also if it is not there at all."""
    try:
        return _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[0] in (b"Z", b"X")
    except (OSError, IndexError):
        return True


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:
        return file.read()

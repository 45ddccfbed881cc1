"""The folder that a run has for itself: one for all that it puts aside, locked for as long as it lives.

A run that is killed leaves it behind. The next one removes it, and never another run's: it tells by the lock,
which the system lets go of whenever a process ends.
"""

import itertools
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

if sys.platform != "win32":
    import fcntl

PREFIX = "grader-run-"


class RunFolder:
    """A new folder, for the length of a `with` or until `close`. `name` is its whole path.

    `within` is the folder of the run that it belongs to, if it has one already.
    """

    def __init__(self, within: str = "") -> None:
        if not within:
            for left in _left_behind(tempfile.gettempdir()):
                remove(left)
        while True:
            self.name = os.path.realpath(tempfile.mkdtemp(prefix=PREFIX, dir=within or None))
            self._lock = _locked(self.name)
            if self._lock is not None:
                return

    @property
    def path(self) -> Path:
        return Path(self.name)

    def close(self) -> None:
        """Remove it, whatever lies in it."""
        remove(self.name)
        if self._lock is not None and self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def remove(folder: str) -> None:
    """Remove a folder in which a node may have written: however deep it is, and though it was closed to us.

    Folders in it are brought to the top one after another, so that nothing is walked down. What can't be
    removed stays.
    """
    numbers = itertools.count()
    _open_up(folder)
    while folders := _emptied(folder):
        moved = False
        for inner in folders:
            _open_up(inner)
            for deeper in _emptied(inner):
                _open_up(deeper)  # who moves it writes into it, too
                with suppress(OSError):
                    os.rename(deeper, os.path.join(folder, f".{os.getpid()}-{next(numbers)}"))
                    moved = True
            with suppress(OSError):
                os.rmdir(inner)
                moved = True
        if not moved:
            break
    with suppress(OSError):
        os.rmdir(folder)


def _emptied(folder: str) -> list[str]:
    """Remove the files in a folder; the folders in it, which are left."""
    folders = []
    with suppress(OSError):
        with os.scandir(folder) as entries:
            found = list(entries)
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
                continue
            with suppress(OSError):
                os.unlink(entry.path)
    return folders


def _open_up(folder: str) -> None:
    with suppress(OSError):
        if stat.S_IMODE(os.lstat(folder).st_mode) & 0o700 != 0o700:
            os.chmod(folder, 0o700)


def _left_behind(where: str) -> Iterator[str]:
    """Folders of runs that are no more."""
    if sys.platform == "win32":
        return
    with suppress(OSError), os.scandir(where) as entries:
        for entry in list(entries):
            if not entry.name.startswith(PREFIX) or not entry.is_dir(follow_symlinks=False):
                continue
            lock = _locked(entry.path)
            if lock is not None:
                yield entry.path
                os.close(lock)


def _locked(folder: str) -> int | None:
    """The lock on a folder, -1 where there are none; None if another run has it, or the folder is gone."""
    if sys.platform == "win32":
        return -1
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), os.lstat(folder)):
            return lock
    except OSError:
        pass
    os.close(lock)
    return None

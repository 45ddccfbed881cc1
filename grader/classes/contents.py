"""What is in a submission: a file, a folder or a zip, read without following what leads out of it."""

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

IGNORED = {"__pycache__", "node_modules", "__MACOSX", "Thumbs.db", "desktop.ini"}  # and what begins with a dot
LARGEST = 20 << 20  # bytes of one submission, with all its files
MOST = 5_000  # files of one submission


class CantRead(Exception):
    """What was handed in can't be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The files by their paths, and those of them that may be run as they are."""

    files: dict[str, bytes]
    can_run: frozenset[str]


def is_ignored(name: str) -> bool:
    """Whether what has this name is nobody's work: what an editor, a system or an interpreter leaves there."""
    return name.startswith(".") or name in IGNORED


def is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip" and path.is_file()


def contents_of(path: Path) -> Contents:
    """All that is in it. Raises CantRead."""
    try:
        if is_zip(path):
            found = list(_unpacked(path))
        elif path.is_file():
            found = [(path.name, _read(path, LARGEST), _may_run(path.stat().st_mode))]
        else:
            found = list(_in_folder(path))
    except OSError as error:
        raise CantRead(f"can't be read: {error.strerror or error}") from None
    files = {name: data for name, data, _ in found}
    can_run = {name for name, data, may in found if may or data.startswith((b"#!", b"\x7fELF"))}
    return Contents(files, frozenset(can_run))


def _in_folder(path: Path) -> Iterator[tuple[str, bytes, bool]]:
    room, left = LARGEST, MOST
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not is_ignored(name))
        for name in sorted(name for name in names if not is_ignored(name)):
            file = Path(folder, name)
            if file.is_symlink() or not file.is_file():
                continue  # what it leads to is not the submission's
            data = _read(file, room)
            room, left = room - len(data), left - 1
            if left < 0:
                raise CantRead(f"more than {MOST:,} files")
            yield file.relative_to(path).as_posix(), data, _may_run(file.stat().st_mode)


def _unpacked(path: Path) -> Iterator[tuple[str, bytes, bool]]:
    """The files of an archive. None is written anywhere, and none may have a place outside."""
    try:
        with zipfile.ZipFile(path) as archive:
            room, left = LARGEST, MOST
            for info in archive.infolist():
                mode = info.external_attr >> 16
                parts = PurePosixPath(info.filename).parts
                if (
                    info.filename.startswith("/")
                    or ".." in parts
                    or "\\" in info.filename
                    or ":" in info.filename
                ):
                    raise CantRead(f"the archive has a file that would lie outside of it: {info.filename}")
                if info.is_dir() or stat.S_ISLNK(mode) or any(map(is_ignored, parts)):
                    continue
                if info.flag_bits & 1:
                    raise CantRead("the archive is locked by a password")
                room, left = room - info.file_size, left - 1
                if room < 0 or left < 0:
                    raise CantRead(f"larger than {LARGEST >> 20} MiB, or more than {MOST:,} files")
                yield PurePosixPath(info.filename).as_posix(), archive.read(info), _may_run(mode)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, zlib.error) as error:
        raise CantRead(f"the archive can't be opened: {error}") from None


def _read(path: Path, room: int) -> bytes:
    if path.stat().st_size > room:
        raise CantRead(f"larger than {LARGEST >> 20} MiB")
    return path.read_bytes()


def _may_run(mode: int) -> bool:
    return bool(mode & 0o100)

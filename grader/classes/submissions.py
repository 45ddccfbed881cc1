"""The submissions of a class: each file and folder in one folder, and which file of a folder is the node."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.classes.roster import Student

STARTED = (".py", ".js", ".mjs", ".cjs")  # what an interpreter that is known starts
USUAL = ("node", "main", "__main__", "app")  # how the file that starts a node is called, most often
IGNORED = {"__pycache__", "node_modules"}
LARGEST = 20 << 20  # bytes of one submission, with all its files


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One submission. `entry` is the file to start, below `path` where that is a folder.

    `refusal` says why it can't be graded; empty if it can. `chosen`: the entry was found, and not named.
    """

    student: Student
    path: Path
    entry: str = ""
    chosen: bool = False
    refusal: str = ""


def find(
    folder: Path, students: Mapping[str, Student], entry: str = "", skip: Sequence[Path] = ()
) -> list[HandedIn]:
    """All submissions in a folder, by their names; those of the roster that are missing, too.

    `entry` names the file to start in submissions that are folders; `skip` are paths that are none.
    """
    left_out = {path.resolve() for path in skip}
    found = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in IGNORED or path.resolve() in left_out:
            continue
        student = students.get(path.name) or Student(path.name, path.stem if path.is_file() else path.name)
        found.append(_handed_in(student, path, entry))
    there = {one.student.file for one in found}
    missing = [
        HandedIn(student, folder / student.file, refusal="nothing was handed in")
        for student in students.values()
        if student.file not in there
    ]
    return found + missing


def files_of(one: HandedIn) -> dict[str, bytes]:
    """The contents of a submission, by the paths of its files. Raises OSError; ValueError if too large."""
    if one.path.is_file():
        return {one.path.name: _read(one.path, LARGEST)}
    found: dict[str, bytes] = {}
    room = LARGEST
    for folder, folders, names in os.walk(one.path):
        folders[:] = sorted(name for name in folders if name not in IGNORED and not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_symlink() or not path.is_file():
                continue  # what it leads to is not the submission's
            data = _read(path, room)
            room -= len(data)
            found[path.relative_to(one.path).as_posix()] = data
    return found


def _read(path: Path, room: int) -> bytes:
    if path.stat().st_size > room:
        raise ValueError(f"larger than {LARGEST >> 20} MiB")
    return path.read_bytes()


def _handed_in(student: Student, path: Path, entry: str) -> HandedIn:
    if path.is_symlink():
        return HandedIn(student, path, refusal="a link, and no file of its own")
    if path.is_file():
        return HandedIn(student, path, path.name)
    if not path.is_dir():
        return HandedIn(student, path, refusal="neither a file nor a folder")
    below = _folder_of_the_node(path, entry)
    lies = below.relative_to(path)
    if entry:
        if (below / entry).is_file():
            return HandedIn(student, path, (lies / entry).as_posix())
        return HandedIn(student, path, refusal=f"has no file {entry}")
    can_start = _started_in(below)
    named = [name for stem in USUAL for name in can_start if Path(name).stem == stem]
    if named or len(can_start) == 1:
        return HandedIn(student, path, (lies / (named or can_start)[0]).as_posix(), chosen=True)
    if not can_start:
        return HandedIn(student, path, refusal="has no file that can be started; --entry names it")
    return HandedIn(student, path, refusal=f"{', '.join(can_start)}: which one is the node? --entry names it")


def _folder_of_the_node(path: Path, entry: str) -> Path:
    """Where its files lie: an archive often holds one folder, and that holds all."""
    inner = [one for one in path.iterdir() if one.name not in IGNORED and not one.name.startswith(".")]
    is_alone = len(inner) == 1 and inner[0].is_dir() and not inner[0].is_symlink()
    if is_alone and not (entry and (path / entry).is_file()):
        return _folder_of_the_node(inner[0], entry)
    return path


def _started_in(folder: Path) -> list[str]:
    return sorted(
        inner.name
        for inner in folder.iterdir()
        if inner.is_file()
        and (inner.suffix.lower() in STARTED or (not inner.suffix and os.access(inner, os.X_OK)))
    )

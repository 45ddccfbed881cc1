"""The submissions of a class: each file, folder and zip in one folder, and whose it is."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.classes.contents import CantRead, contents_of, is_ignored, is_zip
from grader.classes.entries import Entry, entry_of, why_not
from grader.classes.roster import Student

PACKAGE = "package.json"
NOTHING = "nothing was handed in"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One submission. `entry` is the file to start, below `path` where that is a folder or a zip.

    `refusal` says why it can't be graded; empty if it can. `chosen`: the entry was found, and not named.
    """

    student: Student
    path: Path
    entry: str = ""
    chosen: bool = False
    refusal: str = ""
    is_missing: bool = False  # nothing was handed in


def find(
    folder: Path,
    roster: Mapping[str, Sequence[Student]],
    entries: Sequence[str] = (),
    skip: Sequence[Path] = (),
) -> list[HandedIn]:
    """All submissions in a folder, by their names; those of the roster that are missing, too.

    What several students handed in together is there once for each. `entries` name the file to start in
    submissions that are folders, the first that is there; `skip` are paths that are none.
    """
    left_out = {path.resolve() for path in skip}
    found: list[HandedIn] = []
    there: set[str] = set()
    nobodys: list[str] = []
    for path in sorted(folder.iterdir(), key=lambda path: (path.name.casefold(), path.name)):
        if is_ignored(path.name) or path.resolve() in left_out:
            continue
        name = unicodedata.normalize("NFC", path.name)  # some systems take letters and accents apart
        there.add(name)
        if not (students := roster.get(name)):
            nobodys.append(path.name)
            students = [Student(name, path.name if path.is_dir() else path.stem)]
        entry = _entry(path, entries)
        found += [HandedIn(student, path, entry.name, entry.chosen, entry.refusal) for student in students]
    missing = [
        HandedIn(student, folder / name, refusal=_nothing(name, nobodys), is_missing=True)
        for name, students in roster.items()
        if name not in there
        for student in students
    ]
    return found + missing


def _entry(path: Path, wanted: Sequence[str]) -> Entry:
    if path.is_symlink():
        return Entry(refusal="a link, and no file of its own")
    if path.is_file() and not is_zip(path):
        may_run = path.name in contents_of(path).can_run if not path.suffix else False
        return Entry(path.name, refusal=why_not(path.name, is_executable=may_run))
    if not path.is_dir() and not is_zip(path):
        return Entry(refusal="neither a file nor a folder")
    return entry_in(path, wanted)


def entry_in(path: Path, wanted: Sequence[str] = ()) -> Entry:
    """The file to start in a folder or a zip."""
    try:
        contents = contents_of(path)
    except CantRead as error:
        return Entry(refusal=str(error))
    packages = [name for name in contents.files if name.rpartition("/")[2] == PACKAGE]
    package = contents.files[min(packages, key=len)] if packages else None
    return entry_of(contents.files, wanted, contents.can_run, package)


def _nothing(name: str, nobodys: Iterable[str]) -> str:
    """That nothing was handed in; and what there is of a near name that is in no line of the roster."""
    near = [other for other in nobodys if _plain(other) == _plain(name)]
    return f"{NOTHING} as {name}; is it {near[0]}?" if near else NOTHING


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", Path(name).stem).casefold().replace(" ", "_")

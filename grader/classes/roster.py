"""The roster: who handed in which file. A CSV with the columns file, id, name and email, in any order."""

import csv
import unicodedata
from dataclasses import dataclass
from pathlib import Path

COLUMNS = ("file", "id", "name", "email")


class BadRoster(Exception):
    """The roster can't be used; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Student:
    """One line of the roster."""

    file: str
    id: str
    name: str = ""
    email: str = ""


def read(path: Path) -> dict[str, list[Student]]:
    """The students by the names of their files; several where they handed one in together. Raises BadRoster."""
    try:
        text = path.read_text("utf-8-sig")  # spreadsheets begin with a mark
    except OSError as error:
        raise BadRoster(f"--roster {path}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadRoster(f"--roster {path}: is not UTF-8; save it as CSV in UTF-8") from None
    rows = csv.DictReader(text.splitlines())
    known = [(name or "").strip().lower() for name in rows.fieldnames or ()]
    if "file" not in known or "id" not in known:
        raise BadRoster(
            f"--roster {path}:1: expected the columns {', '.join(COLUMNS)}; it has {', '.join(known)}"
        )
    students: dict[str, list[Student]] = {}
    ids: dict[str, int] = {}
    for row in rows:
        values = {(key or "").strip().lower(): (value or "").strip() for key, value in row.items() if key}
        student = Student(*(values.get(column, "") for column in COLUMNS))
        if not student.file or not student.id:
            raise BadRoster(f"--roster {path}:{rows.line_num}: a line needs a file and an id")
        if student.id in ids:
            raise BadRoster(f"--roster {path}:{rows.line_num}: {student.id} stands there twice")
        students.setdefault(unicodedata.normalize("NFC", student.file), []).append(student)
        ids[student.id] = rows.line_num
    return students

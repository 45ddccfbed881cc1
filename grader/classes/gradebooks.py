"""Grades into the file that a gradebook gave: their cells are filled in, and no other byte changes."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from grader.classes.ledger import GradeRow
from grader.classes.roster import Student

_NUMBERED = re.compile(r".*\(\d+\)\s*$", re.DOTALL)  # Canvas: an assignment with its id


class BadGradebook(Exception):
    """The file is not what that gradebook gives; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a CSV file: its text, and where it stands in the file."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Gradebook:
    """How one gradebook's file is filled in. `who` are columns that say whose line it is, the surest first.

    `most` is what a line says of the most points that can be had, in its own words; nothing if it doesn't.
    """

    who: tuple[str, ...]
    needs: tuple[str, ...]
    fills: Callable[[Sequence[str], str], Mapping[str, Callable[[GradeRow, float], str]]]
    passed_over: Callable[[Mapping[str, str]], bool] = lambda _: False
    most: Callable[[Mapping[str, str], str], str] = lambda _line, _column: ""


def fill_in(
    kind: str, text: str, rows: Iterable[GradeRow], students: Iterable[Student], column: str = ""
) -> tuple[str, list[str]]:
    """The file with the grades filled in, and who of the class has no line in it.

    Where the file says how many points there are, grades are in proportion: so a node that could not have some
    of the points, being written in another language than Python, is not the worse for it. `column` names the
    column of the assignment, where there are several. Raises BadGradebook.
    """
    book = BOOKS[kind]
    lines = cells(text)
    if not lines:
        raise BadGradebook("the file is empty")
    header = [cell.text.removeprefix("\ufeff").strip() for cell in lines[0]]
    missing = [name for name in book.needs if name not in header]
    if missing:
        raise BadGradebook(f"it has no column {', '.join(missing)}: is it the file from {kind}?")
    fills = book.fills(header, column)
    grades = {row.id: row for row in rows}
    keys = {
        key.casefold(): student.id
        for student in students
        for key in (student.name, student.email, student.id)
        if key
    }
    changes: list[tuple[Cell, str]] = []
    found = set()
    most = 0.0  # 0: nobody says
    for line in lines[1:]:
        values = {name: cell.text.strip() for name, cell in zip(header, line, strict=False)}
        most = _number(book.most(values, next(iter(fills)))) or most
        if book.passed_over(values):
            continue
        names = (values.get(name, "") for name in book.who)
        id_ = next((keys[name.casefold()] for name in names if name.casefold() in keys), None)
        if id_ is None or id_ not in grades:
            continue
        found.add(id_)
        for name, grade in fills.items():
            place = header.index(name)
            if place < len(line):
                changes.append((line[place], grade(grades[id_], most)))
    return _changed(text, changes), sorted(set(grades) - found)


def cells(text: str) -> list[list[Cell]]:
    """The cells of a CSV file, line by line, each with its place in the text, quotes included."""
    lines: list[list[Cell]] = []
    line: list[Cell] = []
    at = 0
    while at < len(text) or line:
        start = at
        if text.startswith('"', at):
            at += 1
            while at < len(text) and not (text[at] == '"' and not text.startswith('""', at)):
                at += 2 if text.startswith('""', at) else 1
            at = min(at + 1, len(text))
            value = text[start + 1 : at - 1].replace('""', '"')
        else:
            while at < len(text) and text[at] not in ",\r\n":
                at += 1
            value = text[start:at]
        line.append(Cell(value, start, at))
        if at < len(text) and text[at] == ",":
            at += 1
            continue
        lines.append(line)
        line = []
        if text.startswith("\r\n", at):
            at += 2
        elif at < len(text):
            at += 1
    return [line for line in lines if len(line) > 1 or line[0].text]


def _changed(text: str, changes: Iterable[tuple[Cell, str]]) -> str:
    for cell, value in sorted(changes, key=lambda change: -change[0].start):
        quote = '"' if text.startswith('"', cell.start) else ""
        text = f"{text[: cell.start]}{quote}{value}{quote}{text[cell.end :]}"
    return text


def _number(text: str) -> float:
    try:
        return max(float(text), 0.0)
    except ValueError:
        return 0.0


def _points(row: GradeRow, most: float) -> str:
    points = row.points / row.max_points * most if most and row.max_points else row.points
    return f"{Decimal(str(round(points, 4))).normalize():f}"


def _most(row: GradeRow, _most: float) -> str:
    return f"{Decimal(str(round(row.max_points, 4))).normalize():f}"


def _canvas(header: Sequence[str], column: str) -> Mapping[str, Callable[[GradeRow, float], str]]:
    candidates = [
        name for name in header if _NUMBERED.fullmatch(name) and (not column or name.startswith(column))
    ]
    if len(candidates) != 1:
        what = ", ".join(candidates) or "none"
        raise BadGradebook(f"which column is the assignment's? --column names it (there is {what})")
    return {candidates[0]: _points}


def _moodle(_header: Sequence[str], _column: str) -> Mapping[str, Callable[[GradeRow, float], str]]:
    return {"Grade": _points}


def _nbgrader(_header: Sequence[str], _column: str) -> Mapping[str, Callable[[GradeRow, float], str]]:
    return {"raw_score": _points, "score": _points, "max_score": _most}


def _is_possible(values: Mapping[str, str]) -> bool:
    """Whether it is Canvas' line of the points that can be had."""
    return values.get("Student", "").strip().startswith("Points Possible")


BOOKS = {
    "canvas": Gradebook(
        ("SIS User ID", "SIS Login ID", "ID", "Student"),
        ("Student", "ID"),
        _canvas,
        _is_possible,
        lambda values, column: values.get(column, "") if _is_possible(values) else "",
    ),
    "moodle": Gradebook(
        ("Email address", "ID number", "Identifier", "Full name"),
        ("Identifier", "Grade"),
        _moodle,
        most=lambda values, _: values.get("Maximum Grade", ""),
    ),
    "nbgrader": Gradebook(
        ("student_id", "email"), ("assignment", "student_id", "raw_score", "score", "max_score"), _nbgrader
    ),
}

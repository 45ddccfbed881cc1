"""Grades into the file that a gradebook gave: their cells are filled in, and no other byte changes."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite

from grader.classes.csv_cells import Cell, cells, changed, delimiter_of
from grader.classes.ledger import GradeRow
from grader.classes.roster import Student

_NUMBERED = re.compile(r".*\(\d+\)\s*$", re.DOTALL)  # Canvas: an assignment with its id
ROUNDED = 0.01  # gradebooks keep two decimals
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(,\d{3})+")


class BadGradebook(Exception):
    """The file is not what that gradebook gives; the text says what is missing."""


Values = Mapping[str, str]  # a line's cells, by the headings that the gradebook's own files have


@dataclass(frozen=True, slots=True)
class Gradebook:
    """How one gradebook's file is filled in. `who` are columns that say whose line it is, the surest first.

    `assignment` says, of the headings, the lines and what --column names, which assignment is meant; `is_line`
    whether a line is one of its; `most` what a line says of the most points that can be had, in its own words,
    nothing if it doesn't; `grades` what goes into which cells, for so many points of that line.
    `blank` are numbers in a cell that say no more than that there is no grade yet.
    """

    who: tuple[str, ...]
    needs: tuple[str, ...]
    assignment: Callable[[Sequence[str], Sequence[Values], str], str]
    grades: Callable[[Values, str, float], Mapping[str, float]]
    most: Callable[[Values, str], str]
    is_line: Callable[[Values, str], bool] = lambda _values, _assignment: True
    blank: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptGrade:
    """A grade that stood in the file and is another than ours."""

    id: str
    stands: str
    ours: str


@dataclass(frozen=True, slots=True)
class Filled:
    """The file with the grades filled in, and what the one who gives them should know of it."""

    text: str
    written: tuple[str, ...]  # the ids of those whose grade is there now
    kept: tuple[KeptGrade, ...]  # of those whose grade was there, and is another
    unlisted: tuple[str, ...]  # of those who have no line in it
    strangers: tuple[str, ...]  # who stands in it, and is not of this class
    is_raw: bool  # it does not say how many points there are: ours went in


class Book:
    """A gradebook's file, read and found to be one. Raises BadGradebook."""

    def __init__(
        self, kind: str, text: str, column: str = "", headings: Mapping[str, str] | None = None
    ) -> None:
        """`headings`: what the file calls a column, by what it is called in English."""
        self.book, self.text = BOOKS[kind], text
        self.delimiter = delimiter_of(text)
        lines = cells(text, self.delimiter)
        if not lines:
            raise BadGradebook("the file is empty")
        ours = {theirs: name for name, theirs in (headings or {}).items()}
        header = [cell.text.removeprefix("\ufeff").strip() for cell in lines[0]]
        if absent := [theirs for theirs in ours if theirs not in header]:
            raise BadGradebook(f"it has no column {', '.join(absent)}; it has {', '.join(header)}")
        self.header = [ours.get(name, name) for name in header]
        if missing := [name for name in self.book.needs if name not in self.header]:
            raise BadGradebook(
                f"it has no column {', '.join(missing)}: is it the file from {kind}? "
                f"Where it calls them otherwise: --heading '{missing[0]}=ITS NAME'"
            )
        self.lines = [
            (line, {name: cell.text.strip() for name, cell in zip(self.header, line, strict=False)})
            for line in lines[1:]
        ]
        self.assignment = self.book.assignment(self.header, [values for _, values in self.lines], column)
        said = [self.book.most(values, self.assignment) for _, values in self.lines]
        self.most = [self._points(text) for text in said]
        self.has_commas = any(map(_has_comma, said))  # in its decimals

    def fill_in(
        self, rows: Iterable[GradeRow], students: Iterable[Student], *, overwrite: bool = False
    ) -> Filled:
        """The file with the grades of `rows` filled in.

        Where it says how many points there are, grades are in proportion: so a node that could not have some of
        the points, being written in another language than Python, is not the worse for it. Who was not graded
        gets no grade. A grade that stands there is kept, unless `overwrite`.
        """
        grades = {row.id: row for row in rows}
        keys = _by_key(students)
        changes: list[tuple[Cell, str]] = []
        written, kept, found, strangers = [], [], set(), []
        of_all, is_raw = 0.0, False  # Canvas says it once, in a line of its own
        for (line, values), most in zip(self.lines, self.most, strict=True):
            of_all = most or of_all
            if not self.book.is_line(values, self.assignment):
                continue
            names = [values[name] for name in self.book.who if values.get(name)]
            id_ = next((keys[name.casefold()] for name in names if keys.get(name.casefold())), None)
            if id_ is None:
                strangers.append(names[-1] if names else "a line without a name")
                continue
            found.add(id_)
            row = grades.get(id_)
            if row is None or not row.max_points:
                continue
            is_raw |= not of_all
            points = row.points / row.max_points * of_all if of_all else row.points
            new = self.book.grades(values, self.assignment, points)
            of_line = [
                (line[place], values[name], self._text(value))
                for name, value in new.items()
                if (place := self.header.index(name)) < len(line)
            ]
            if not overwrite and any(self._is_other(stands, ours) for _, stands, ours in of_line):
                kept.append(KeptGrade(id_, *of_line[-1][1:]))
                continue
            changes += [(cell, ours) for cell, stands, ours in of_line if not _are_same(stands, ours)]
            written.append(id_)
        unlisted = tuple(sorted(id_ for id_ in grades if id_ not in found))
        text = changed(self.text, changes, self.delimiter)
        return Filled(text, tuple(written), tuple(kept), unlisted, tuple(strangers), is_raw)

    def _points(self, text: str) -> float:
        """The most points that can be had, as a line says; 0 if it doesn't."""
        if not text:
            return 0.0
        value = number(text)
        if value is None or value < 0:
            raise BadGradebook(
                f"of {self.assignment or 'it'} it says that “{text}” points can be had: no number"
            )
        return value

    def _is_other(self, stands: str, ours: str) -> bool:
        """Whether a grade stands there, and is not ours as the gradebook has rounded it."""
        is_blank = stands in ("", "-") or number(stands) in self.book.blank
        return not is_blank and not _are_same(stands, ours)

    def _text(self, value: float) -> str:
        text = f"{Decimal(str(round(value, 4))).normalize():f}"
        return text.replace(".", ",") if self.has_commas else text


def number(text: str) -> float | None:
    """The number that a cell holds, whether its decimals have a point or a comma."""
    point, comma = text.rfind("."), text.rfind(",")
    if _THOUSANDS.fullmatch(text) or -1 < comma < point:
        text = text.replace(",", "")
    elif comma > -1:
        text = text.replace(".", "").replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def _has_comma(text: str) -> bool:
    return text.rfind(",") > text.rfind(".") and not _THOUSANDS.fullmatch(text)


def _are_same(stands: str, ours: str) -> bool:
    one, other = number(stands), number(ours)
    return one is not None and other is not None and abs(one - other) < ROUNDED


def _by_key(students: Iterable[Student]) -> dict[str, str]:
    """Ids by all that may stand in a gradebook for them; nothing where it would be two people's."""
    keys: dict[str, str] = {}
    for student in students:
        for key in {word.casefold() for word in (student.name, student.email, student.id) if word}:
            keys[key] = student.id if keys.get(key, student.id) == student.id else ""
    return keys


def _column_of_canvas(header: Sequence[str], _lines: Sequence[Values], column: str) -> str:
    numbered = [name for name in header if _NUMBERED.fullmatch(name)]
    exact = [name for name in numbered if column in (name, name.rpartition(" (")[0])]
    return _one_of(exact or [name for name in numbered if name.startswith(column)], numbered, "column")


def _none_of_moodle(_header: Sequence[str], _lines: Sequence[Values], column: str) -> str:
    if column:
        raise BadGradebook("Moodle's file is of one assignment: leave out --column")
    return ""


def _assignment_of_nbgrader(_header: Sequence[str], lines: Sequence[Values], column: str) -> str:
    names = list(dict.fromkeys(values.get("assignment", "") for values in lines))
    chosen = _one_of([name for name in names if name == column or not column], names, "assignment")
    for values in lines:
        if values.get("assignment") == chosen and not number(values.get("max_score", "")):
            raise BadGradebook(f"{chosen} has no points in it (max_score): grades would be a part of nothing")
    return chosen


def _one_of(candidates: Sequence[str], there: Sequence[str], what: str) -> str:
    if len(candidates) != 1:
        found = ", ".join(there) or "none"
        raise BadGradebook(f"which {what} is the assignment's? --column names it (there is {found})")
    return candidates[0]


def _is_possible(values: Values) -> bool:
    """Whether it is Canvas' line of the points that can be had."""
    return values.get("Student", "").strip().startswith("Points Possible")


def _of_nbgrader(values: Values, _assignment: str, points: float) -> Mapping[str, float]:
    """As nbgrader adds them up: what was reached, and that less what it takes for being late."""
    penalty = number(values.get("late_submission_penalty", "")) or 0.0
    return {"raw_score": points, "score": max(points - penalty, 0.0)}


BOOKS = {
    "canvas": Gradebook(
        ("SIS User ID", "SIS Login ID", "ID", "Student"),
        ("Student", "ID"),
        _column_of_canvas,
        lambda _values, column, points: {column: points},
        lambda values, column: values.get(column, "") if _is_possible(values) else "",
        lambda values, _: not _is_possible(values) and bool(values.get("ID", "")),
    ),
    "moodle": Gradebook(
        ("Email address", "ID number", "Identifier", "Full name"),
        ("Identifier", "Grade"),
        _none_of_moodle,
        lambda _values, _assignment, points: {"Grade": points},
        lambda values, _: values.get("Maximum Grade", ""),
    ),
    "nbgrader": Gradebook(
        ("student_id", "email"),
        ("assignment", "student_id", "raw_score", "score", "max_score"),
        _assignment_of_nbgrader,
        _of_nbgrader,
        lambda values, assignment: values["max_score"] if values["assignment"] == assignment else "",
        lambda values, assignment: values["assignment"] == assignment,
        blank=(0.0,),
    ),
}  # fmt: skip

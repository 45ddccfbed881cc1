"""Grades go into their cells, and no other byte of a gradebook's file changes."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.classes.gradebooks import BadGradebook, cells, fill_in
from grader.classes.ledger import GradeRow
from grader.classes.roster import Student

STUDENTS = [Student("ada.py", "17", "Ada L.", "ada@x.org"), Student("ben.py", "18", "Ben", "ben@x.org")]
ROWS = [GradeRow("17", "Ada L.", 41.5, 64.0), GradeRow("18", "Ben", 64.0, 64.0)]
CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Echo (4711),Final\r\n"
    "    Points Possible,,,,,64.00,(read only)\r\n"
    '"L., Ada",1001,17,ada@x.org,A,,\r\n'
    "Student Nobody,1003,99,no@x.org,A,,\r\n"
    '"Ben",1002,18,ben@x.org,A,"3",\r\n'
)
MOODLE = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Last modified (grade)"\n'
    '"Participant 5",Ada,ADA@x.org,Submitted,,64.00,-\n'
)
NBGRADER = (
    "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,"
    "score,max_score\n"
    "echo,,,18,,,,0.0,0.0,0.0,10.0\n"
)


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("canvas", CANVAS, CANVAS.replace("x.org,A,,\r\n", "x.org,A,41.5,\r\n", 1).replace('"3"', '"64"')),
        ("moodle", MOODLE, MOODLE.replace("Submitted,,", "Submitted,41.5,")),
        ("nbgrader", NBGRADER, NBGRADER.replace("0.0,0.0,0.0,10.0", "64,0.0,64,64")),
    ],
)
def test_only_the_grades_change(kind: str, before: str, after: str) -> None:
    filled, missing = fill_in(kind, before, ROWS, STUDENTS)
    assert filled == after
    assert missing == {"canvas": [], "moodle": ["18"], "nbgrader": ["17"]}[kind]


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("canvas", CANVAS.replace("64.00", "100.0"), ["80", "100"]),
        ("moodle", MOODLE.replace("64.00", "10.00"), ["8"]),
    ],
)
def test_grades_are_in_proportion_to_the_points_that_the_gradebook_has(
    kind: str, before: str, after: list[str]
) -> None:
    """A right node in another language could have fewer points, and has all of them."""
    rows = [GradeRow("17", "Ada L.", 51.2, 64.0), GradeRow("18", "Ben", 47.0, 47.0)]
    filled, _ = fill_in(kind, before, rows, STUDENTS)
    now, then = ([cell.text for line in cells(text) for cell in line] for text in (filled, before))
    assert [new for new, old in zip(now, then, strict=True) if new != old] == after


def test_of_several_assignments_one_must_be_named() -> None:
    two = CANVAS.replace("Final", "Broadcast (4712)")
    with pytest.raises(BadGradebook, match=r"--column names it \(there is Echo \(4711\), Broadcast"):
        fill_in("canvas", two, ROWS, STUDENTS)
    filled, _ = fill_in("canvas", two, ROWS, STUDENTS, "Broadcast")
    assert filled == two.replace("ada@x.org,A,,\r\n", "ada@x.org,A,,41.5\r\n").replace('"3",', '"3",64')


@pytest.mark.parametrize("kind", ["canvas", "moodle", "nbgrader"])
def test_another_file_is_refused(kind: str) -> None:
    with pytest.raises(BadGradebook, match="it has no column"):
        fill_in(kind, "a,b\n1,2\n", ROWS, STUDENTS)


TEXTS = st.lists(st.lists(st.text(st.sampled_from('a,"\n 1é')), min_size=2, max_size=4), min_size=1)


@given(TEXTS, st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_cells_are_those_that_a_csv_reader_finds(table: list[list[str]], end: str, quoting: int) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=end, quoting=quoting).writerows(table)  # type: ignore[arg-type]
    found = cells(text.getvalue())
    assert [[cell.text for cell in line] for line in found] == table
    spans = [(cell.start, cell.end) for line in found for cell in line]
    assert spans == sorted(spans)

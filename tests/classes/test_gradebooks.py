"""Grades go into their cells, and no other byte of a gradebook's file changes."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.classes.csv_cells import cells
from grader.classes.gradebooks import BadGradebook, Book, Filled, KeptGrade, number
from grader.classes.ledger import GradeRow
from grader.classes.roster import Student

STUDENTS = [Student("ada.py", "17", "Ada L.", "ada@x.org"), Student("ben.py", "18", "Ben", "ben@x.org")]
ROWS = [GradeRow("17", "Ada L.", 41.5, 64.0), GradeRow("18", "Ben", 64.0, 64.0)]
CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Echo (4711),Final\r\n"
    ",,,,,Manual Posting,\r\n"
    "    Points Possible,,,,,64.00,(read only)\r\n"
    '"L., Ada",1001,17,ada@x.org,A,,\r\n'
    "Student Nobody,1003,99,no@x.org,A,,\r\n"
    '"Ben",1002,18,ben@x.org,A,"",\r\n'
)
MOODLE = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Last modified (grade)"\n'
    '"Participant 5",Ada,ADA@x.org,Submitted,,64.00,-\n'
)
NBGRADER = (
    "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,"
    "score,max_score\n"
    "echo,,,18,,,,0.0,2.0,0.0,10.0\n"
    "other,,,18,,,,3.0,0.0,3.0,5.0\n"
)


def filled_in(
    kind: str, text: str, rows: list[GradeRow] | None = None, column: str = "", *, overwrite: bool = False
) -> Filled:
    return Book(kind, text, column).fill_in(rows or ROWS, STUDENTS, overwrite=overwrite)


@pytest.mark.parametrize(
    ("kind", "column", "before", "after"),
    [
        ("canvas", "", CANVAS, CANVAS.replace("x.org,A,,\r\n", "x.org,A,41.5,\r\n", 1).replace('""', '"64"')),
        ("moodle", "", MOODLE, MOODLE.replace("Submitted,,", "Submitted,41.5,")),
        ("nbgrader", "echo", NBGRADER, NBGRADER.replace("0.0,2.0,0.0,10.0", "10,2.0,8,10.0")),
    ],
)
def test_only_the_grades_change(kind: str, column: str, before: str, after: str) -> None:
    filled = filled_in(kind, before, column=column)
    assert filled.text == after
    assert filled.unlisted == {"canvas": (), "moodle": ("18",), "nbgrader": ("17",)}[kind]
    assert filled.strangers == (("Student Nobody",) if kind == "canvas" else ())
    assert (filled.written, filled.kept, filled.is_raw) == (
        {"canvas": ("17", "18"), "moodle": ("17",), "nbgrader": ("18",)}[kind], (), False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("canvas", CANVAS.replace("64.00", "100.0"), ["80", "100"]),
        ("moodle", MOODLE.replace("64.00", "10.00"), ["8"]),
        ("moodle", MOODLE.replace("64.00", '"1.024,00"'), ["819,2"]),
        ("moodle", MOODLE.replace(",", ";").replace("64.00", "1,00"), ["0,8"]),
    ],
)
def test_grades_are_in_proportion_to_the_points_that_the_gradebook_has(
    kind: str, before: str, after: list[str]
) -> None:
    """A right node in another language could have fewer points, and has all of them."""
    filled = filled_in(kind, before, [GradeRow("17", "Ada L.", 51.2, 64.0), GradeRow("18", "Ben", 47.0, 47.0)])
    delimiter = ";" if ";" in before else ","
    now, then = (
        [cell.text for line in cells(text, delimiter) for cell in line] for text in (filled.text, before)
    )
    assert [new for new, old in zip(now, then, strict=True) if new != old] == after


def test_a_file_that_does_not_say_how_many_points_there_are_gets_ours() -> None:
    filled = filled_in("moodle", MOODLE.replace("64.00", ""))
    assert (filled.is_raw, "Submitted,41.5,," in filled.text) == (True, True)
    with pytest.raises(BadGradebook, match="“many” points can be had: no number"):
        Book("moodle", MOODLE.replace("64.00", "many"))


def test_who_was_not_graded_gets_no_grade() -> None:
    rows = [GradeRow("17", "Ada L.", 0.0, 0.0, status="not-gradable"), ROWS[1]]
    filled = filled_in("canvas", CANVAS, rows)
    assert filled.text == CANVAS.replace('""', '"64"')
    assert (filled.written, filled.unlisted) == (("18",), ())


def test_a_grade_that_stands_there_is_kept_but_where_it_may_be_overwritten() -> None:
    by_hand = CANVAS.replace('""', '"3"').replace("ada@x.org,A,,", "ada@x.org,A,41.50,")
    filled = filled_in("canvas", by_hand)
    assert (filled.text, filled.written, filled.kept) == (by_hand, ("17",), (KeptGrade("18", "3", "64"),))
    over = filled_in("canvas", by_hand, overwrite=True)
    assert (over.text, over.kept) == (by_hand.replace('"3"', '"64"'), ())


def test_of_several_assignments_one_must_be_named() -> None:
    two = CANVAS.replace("Final", "Echo 2 (4712)").replace("(read only)", "128")
    with pytest.raises(BadGradebook, match=r"--column names it \(there is Echo \(4711\), Echo 2"):
        Book("canvas", two)
    assert [Book("canvas", two, column).assignment for column in ("Echo", "Echo 2")] == [
        "Echo (4711)", "Echo 2 (4712)",
    ]  # fmt: skip
    assert filled_in("canvas", two, column="Echo 2").text == two.replace(
        "ada@x.org,A,,\r\n", "ada@x.org,A,,83\r\n"
    ).replace('"",', '"",128')
    for column in ("", "ps1"):
        with pytest.raises(BadGradebook, match=r"which assignment .* \(there is echo, other\)"):
            Book("nbgrader", NBGRADER, column)
    with pytest.raises(BadGradebook, match="echo has no points in it"):
        Book("nbgrader", NBGRADER.replace("10.0", "0.0"), "echo")


def test_a_gradebook_may_have_headings_in_another_language() -> None:
    german = MOODLE.replace("Grade,", "Bewertung,").replace("Maximum Grade", "Bestwertung")
    with pytest.raises(BadGradebook, match=r"no column Grade: .* --heading 'Grade=ITS NAME'"):
        Book("moodle", german)
    headings = {"Grade": "Bewertung", "Maximum Grade": "Bestwertung"}
    filled = Book("moodle", german, headings=headings).fill_in(ROWS, STUDENTS)
    assert (filled.text, filled.is_raw) == (german.replace("Submitted,,", "Submitted,41.5,"), False)
    with pytest.raises(BadGradebook, match="it has no column Note; it has Identifier, Full name"):
        Book("moodle", german, headings={"Grade": "Note"})


def test_who_has_another_s_name_is_known_by_what_is_only_theirs() -> None:
    namesakes = [Student("a.py", "1", "Kim Lee", "a@x.org"), Student("b.py", "2", "Kim Lee")]
    text = 'Identifier,"Full name","Email address",Grade\nP1,Kim Lee,,\nP2,Kim Lee,a@x.org,\n'
    filled = Book("moodle", text).fill_in([GradeRow("1", "", 1.0, 1.0), GradeRow("2", "", 2.0, 2.0)], namesakes)
    assert (filled.written, filled.strangers) == (("1",), ("Kim Lee",))


@pytest.mark.parametrize("kind", ["canvas", "moodle", "nbgrader"])
def test_another_file_is_refused(kind: str) -> None:
    with pytest.raises(BadGradebook, match="it has no column"):
        Book(kind, "a,b\n1,2\n")


@pytest.mark.parametrize(
    ("text", "value"),
    [("64.00", 64.0), ("64,5", 64.5), ("1,000", 1000.0), ("1.000,50", 1000.5), ("1,000.5", 1000.5),
     ("0,500", 0.5), ("", None), ("nan", None), ("A-", None)],
)  # fmt: skip
def test_a_number_may_have_a_comma(text: str, value: float | None) -> None:
    assert number(text) == value


TEXTS = st.lists(st.lists(st.text(st.sampled_from('a,"\n 1é')), min_size=2, max_size=4), min_size=1)


@given(TEXTS, st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_cells_are_those_that_a_csv_reader_finds(table: list[list[str]], end: str, quoting: int) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=end, quoting=quoting).writerows(table)  # type: ignore[arg-type]
    found = cells(text.getvalue())
    assert [[cell.text for cell in line] for line in found] == table
    spans = [(cell.start, cell.end) for line in found for cell in line]
    assert spans == sorted(spans)

"""`grader class --gradebook KIND FILE`: looked at before anything runs, and filled in at the end."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from grader.commands.outcome import UsageError, complain
from grader.reports.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.classes.gradebooks import Book
    from grader.classes.ledger import GradeRow
    from grader.classes.roster import Student

SHOWN = 8  # names in one line


def opened(args: argparse.Namespace) -> "Book | None":
    """The gradebook's file, if one was named."""
    if not args.gradebook:
        return None
    from grader.classes.gradebooks import BOOKS, BadGradebook, Book

    kind, file = args.gradebook
    if kind not in BOOKS:
        raise UsageError(f"--gradebook {kind}: expected {', '.join(BOOKS)}")
    try:
        return Book(kind, Path(file).read_bytes().decode("utf-8"), args.column or "", dict(args.heading))
    except OSError as error:
        raise UsageError(f"--gradebook {file}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"--gradebook {file}: is not UTF-8") from None
    except BadGradebook as error:
        raise UsageError(f"--gradebook {file}: {error}") from None


def fill_in(
    args: argparse.Namespace, book: "Book", rows: "Sequence[GradeRow]", students: "Sequence[Student]"
) -> None:
    """Write the grades into the file, and say whose are not there, and why."""
    file = args.gradebook[1]
    filled = book.fill_in(rows, students, overwrite=args.overwrite)
    try:
        Path(file).write_bytes(filled.text.encode("utf-8"))
    except OSError as error:
        raise UsageError(f"--gradebook {file}: can't be written: {error.strerror}") from None
    count = len(filled.written)
    of = f" of {book.assignment}" if book.assignment else ""
    print(f"{visible(file)}: {count} grade{'s' * (count != 1)}{of}")
    if ungraded := [f"{row.id} ({row.cause or row.status})" for row in rows if not row.max_points]:
        complain(f"{file}: no grade, as nothing was graded, for {'; '.join(ungraded)}")
    if partly := [row.id for row in rows if row.max_points and row.status != "graded"]:
        complain(f"{file}: only as far as it was graded: {_named(partly)}")
    if filled.kept:
        kept = [f"{one.id} ({one.stands}, not {one.ours})" for one in filled.kept]
        complain(f"{file}: kept what stood there (--overwrite replaces it): {', '.join(kept)}")
    if filled.unlisted:
        complain(f"{file} has no line for {_named(filled.unlisted)}")
    if filled.strangers:
        complain(f"{file}: of this class nobody is {_named(filled.strangers)}")
    if filled.is_raw:
        complain(f"{file} does not say how many points there are: grades are points as they are")


def _named(names: "Sequence[str]") -> str:
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more

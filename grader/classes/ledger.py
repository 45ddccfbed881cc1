"""What is known of a class, on disk as results come: the table, the reports, and what each was made from."""

import csv
import io
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from grader.classes.job import JobResult
from grader.classes.submissions import HandedIn

KNOWN = "ledger.jsonl"


@dataclass(frozen=True, slots=True)
class GradeRow:
    """A line of `grades.csv`. `suites` are points by the suite's name; `status` is how the grading ended."""

    id: str
    name: str
    points: float
    max_points: float
    suites: Mapping[str, float] = field(default_factory=dict)
    passed: bool = False
    lead: str = ""
    cause: str = ""
    seconds: float = 0.0
    status: str = "graded"


def row_of(one: HandedIn, graded: JobResult) -> GradeRow:
    """The line of a submission, by its report. What can't be graded has no points; its cause says why."""
    student, report = one.student, graded.report
    if report is None:
        return GradeRow(
            student.id, student.name, 0.0, 0.0, cause=graded.why, seconds=graded.seconds, status=graded.ended
        )
    suites: dict[str, float] = {}
    for case in report["cases"]:
        suites[case["suite"]] = suites.get(case["suite"], 0.0) + case["points"]
    finding = leading(report)
    code = finding["code"] if finding else ""
    cause = (finding["cause"] or {}).get("text") or finding["message"] if finding else ""
    if not finding and not report["passed"]:  # nothing is wrong with it: then it says why it has not passed
        code, cause = ("", graded.why) if graded.why else next(left_out(report), ("", ""))
    return GradeRow(
        student.id, student.name, report["points"], report["max_points"], suites, report["passed"],
        code, cause.split("\n")[0], graded.seconds, graded.ended,
    )  # fmt: skip


def left_out(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What was not attempted, for each reason: the status, and which cases of which suite, and why."""
    whole: dict[str, int] = {}
    reasons: dict[tuple[str, str], list[str]] = {}
    for case in report["cases"]:
        whole[case["suite"]] = whole.get(case["suite"], 0) + 1
        if case["status"] == "not-attempted":
            reasons.setdefault((case["suite"], case["note"]), []).append(case["case"])
    for (suite, why), cases in reasons.items():
        which = f"all {len(cases)}" if len(cases) == whole[suite] else ", ".join(cases)
        yield "not-attempted", f"{suite} ({which}): {why}"


def leading(report: Mapping[str, Any]) -> dict[str, Any] | None:
    """The finding that leads in a report."""
    lead = report["lead"]
    if lead is None:
        return None
    case = next(case for case in report["cases"] if case["case"] == lead["case"] and case["findings"])
    finding: dict[str, Any] = case["findings"][lead["finding"]]
    return finding


class Ledger:
    """The folder of a class's grades. Each result is there as soon as it is known; nothing is there by half."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "reports").mkdir(parents=True, exist_ok=True)
        self.rows: dict[str, GradeRow] = {}
        self.before = self._read()

    def known(self, one: HandedIn, fingerprint: str) -> bool:
        """Whether it was graded before, just as it is now; then that result stands."""
        told = self.before.get(one.student.id)
        if told is None or told[0] != fingerprint or not self.report_of(one.student.id).is_file():
            return False
        self.rows[one.student.id] = told[1]
        return True

    def take(self, one: HandedIn, graded: JobResult, fingerprint: str) -> GradeRow:
        """Keep a result: its reports first, then its lines in the ledger and the table."""
        row = row_of(one, graded)
        if graded.report is not None:
            self.write(
                f"reports/{file_name(row.id)}.json", json.dumps(graded.report, ensure_ascii=False) + "\n"
            )
            self.write(f"reports/{file_name(row.id)}.html", graded.page)
        self.rows[row.id] = row
        if graded.ended in ("graded", "timed-out"):  # anything else may go better another time
            line = json.dumps({"fingerprint": fingerprint, "row": asdict(row)}, ensure_ascii=False)
            with (self.folder / KNOWN).open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        return row

    def write_table(self, order: Sequence[str]) -> None:
        """`grades.csv`, with what is known so far, in this order of ids."""
        self.write("grades.csv", table([self.rows[id_] for id_ in order if id_ in self.rows]))

    def report_of(self, id_: str) -> Path:
        return self.folder / "reports" / f"{file_name(id_)}.json"

    def write(self, name: str, text: str) -> None:
        """Write a file that has its name only once it is whole."""
        target = self.folder / name
        number, new = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with open(number, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(text)
        os.chmod(new, 0o644)
        os.replace(new, target)

    def _read(self) -> dict[str, tuple[str, GradeRow]]:
        found: dict[str, tuple[str, GradeRow]] = {}
        with suppress(FileNotFoundError):
            for line in (self.folder / KNOWN).read_text("utf-8").splitlines():
                with suppress(ValueError, KeyError, TypeError):  # a line that was cut off is none
                    told = json.loads(line)
                    row = GradeRow(**told["row"])
                    found[row.id] = told["fingerprint"], row
        return found


def file_name(id_: str) -> str:
    """An id as the name of a file, whatever is in it."""
    kept = "".join(c if c.isalnum() or c in "-_.@" else f"%{ord(c):x}" for c in id_)
    return kept if not kept.startswith(".") else f"%{kept}"


def table(rows: Iterable[GradeRow]) -> str:
    """`grades.csv`."""
    rows = list(rows)
    suites = list(dict.fromkeys(suite for row in rows for suite in row.suites))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["id", "name", "points", "max_points", *suites, "passed", "lead", "cause", "seconds", "status"]
    )
    for row in rows:
        points = [f"{row.suites[suite]:g}" if suite in row.suites else "" for suite in suites]
        cells = [row.id, row.name, f"{row.points:g}", f"{row.max_points:g}", *points, str(row.passed).lower()]
        cells += [row.lead, row.cause, f"{row.seconds:.1f}", row.status]
        writer.writerow(map(_harmless, cells))
    return text.getvalue()


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet takes for text: a node's words must not be a formula."""
    is_number = cell.replace(".", "", 1).replace("-", "", 1).isdigit()
    shown = " ".join(cell.split())
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@") and not is_number else shown

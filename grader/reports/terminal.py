"""The report for a terminal: the cases as a ladder, each failure explained once, and what to do first."""

import shlex
from collections.abc import Hashable, Sequence

from rich.console import Console
from rich.text import Text

from grader.checks.findings import CODES
from grader.grading.lead import failure_key, lead
from grader.grading.results import Grade, Result, Status
from grader.reports.finding_text import LABEL, FindingLine, again, explain, picture
from grader.reports.leading import first, is_repetition, next_step
from grader.reports.summary import covered, ended, left_out, murmured
from grader.reports.visible import visible

MARKS = {"passed": ("✓", "green"), "failed": ("✗", "bold red"), "not-attempted": ("–", "yellow")}
INDENT = 4
WIDEST = 110  # columns: beyond, the eye loses the line
ROWS = 8  # of an explanation, unless it is asked for in full
IMPLIED = (("came", "nothing"), ("came", "no exit"), ("expected", "the node goes on"))  # by the message


class TerminalReport:
    """Prints a grade as it comes: `result` for each case in order, `grade` at the end."""

    def __init__(
        self,
        console: Console,
        submission: str,
        total: int,
        *,
        is_command: bool = False,
        options: Sequence[str] = (),
        full: bool = False,
        hints: bool = False,
        of_locks: bool = True,
    ) -> None:
        self.console = console
        self.width = min(console.width, WIDEST)
        self.submission = submission
        self.total = total
        self.is_command, self.options, self.full, self.hints = is_command, options, full, hints
        self.of_locks = of_locks  # whether its reader knows what a lock is
        self.suite = ""
        self.done = 0
        self.explained: dict[Hashable, str] = {}  # a failure, and the case below which it was
        self.foretold: set[Hashable] = set()  # told to who waits, before the turn of the case
        self.of_suite: list[Result] = []
        self.held: list[Result] = []  # not attempted, one behind the other, all for the same reason
        self.pending: FindingLine | None = None  # what the cases just named have failed by
        self.repeated: list[Result] = []  # failed, one behind the other, and say what was said already
        self.reason = ""  # the last that was told of this suite

    def result(self, result: Result) -> None:
        """One case: a rung of the ladder, and below it what was found."""
        self._clear()
        self.done += 1
        if result.case.suite != self.suite:
            self._end_suite()
            self.suite = result.case.suite
            self.console.print(Text(visible(self.suite), "bold"))
        self.of_suite.append(result)
        if self.held and (result.status != "not-attempted" or result.note != self.held[0].note):
            self._let_go()
        if result.status != "failed" or not self._is_pending(result):
            self._tell_pending()
        is_repeated = (
            not self.full and is_repetition(result) and failure_key(result.findings[0]) in self.explained
        )
        if not is_repeated:
            self._let_go_of_repeated()
        if result.status == "not-attempted":
            self.held.append(result)
        elif is_repeated:
            self.repeated.append(result)
        else:
            self._rung(result)
        if result.status == "failed" and not is_repeated:
            self._findings(result)
        if self.hints and result.status == "failed":
            for number, hint in enumerate(result.case.hints, 1):
                self._lines([FindingLine(f"hint {number}", hint)])
        self._progress()

    def so_far(self, results: Sequence[Result]) -> None:
        """What leads of all that is known, where its case's turn has not come, and somebody waits."""
        if (leading := lead(results)) is None or (what := first(results)) is None:
            return
        key = failure_key(leading.finding)
        if key not in self.explained and key not in self.foretold:
            self.foretold.add(key)
            self._clear()
            self._told("So far: ", *what[:2])
            self.console.print()
            self._progress()

    def grade(self, grade: Grade) -> None:
        """The sum, and what to do first."""
        self._clear()
        self._end_suite()
        console = self.console
        count = {status: sum(r.status == status for r in grade.results) for status in MARKS}
        console.print()
        verdict = Text.assemble(
            ("passed", "bold green")
            if grade.passed
            else ("interrupted" if grade.interrupted else "not passed", "bold red"),
            f"  {visible(grade.submission)}: {count['passed']} of {self.total} cases, "
            f"{grade.points:g} of {grade.max_points:g} points, {grade.duration_s:.1f} s",
        )
        console.print(verdict)
        if grade.interrupted:
            console.print(
                Text(f"Interrupted: {ended(grade.results)} of {self.total} cases had ended.", "yellow")
            )
        style = "yellow" if grade.lacks or grade.strength == "off" else "dim"
        console.print(Text(f"sandbox: {grade.sandbox}", style))
        for line in left_out(grade.results):
            for row in Text(visible(line), "yellow").wrap(console, self.width):
                row.rstrip()
                console.print(row)
        if said := murmured(grade.results):
            console.print(Text(visible(said), "yellow"))
        if (
            grade.passed
            and self.of_locks
            and not self.is_command
            and self.submission.endswith(".py")
            and not _explored(grade)
        ):
            race = f"No run shows a missing lock. To look for one: grader race {shlex.quote(self.submission)}"
            console.print(Text(visible(race), "dim"))
        if what := first(grade.results):
            cause, hint, lesson = what
            more = "" if self.hints else "More hints: --hints. "
            whole = "" if self.full else "Whole explanations: --full."
            self._told("First: ", cause, hint, (f"{lesson} {more}{whole}", "dim"))
        elif step := next_step(grade, is_command=self.is_command):
            self._told("Next: ", step)

    def _told(self, label: str, *texts: str | tuple[str, str]) -> None:
        """What to do, behind a label, each text in lines of its own."""
        self.console.print()
        for text in texts:
            words, style = (text, "") if isinstance(text, str) else text
            rows = Text(visible(words), style).wrap(self.console, max(self.width - len(label), 20))
            for row in rows if words else ():
                row.rstrip()
                self.console.print(Text.assemble((label, "bold"), row))
                label = " " * len(label)

    def _rung(self, result: Result) -> None:
        took = f"{result.duration_s:6.2f} s" if result.transcript else ""
        self._step(result.status, result.case.title, took, f"{result.points:g}/{result.case.points:g}")

    def _step(self, status: Status, title: str, took: str, points: str) -> None:
        mark, style = MARKS[status]
        right = f"{took:8}  {points:>5}"
        room = max(self.width - INDENT - len(right) - 2, 20)
        title = visible(title)
        title = title if len(title) <= room else title[: room - 1] + "…"
        body = Text(title, "" if status == "passed" else style)
        self.console.print(
            Text.assemble("  ", (mark, style), " ", body, " " * (room - len(title)), (right, "dim"))
        )

    def _let_go(self) -> None:
        """What was not attempted for one reason is one rung; of a whole suite, the sum tells the reason."""
        held, self.held = self.held, []
        if len(held) == 1:
            self._rung(held[0])
        else:
            points = sum(result.case.points for result in held)
            self._step("not-attempted", f"{len(held)} cases, not attempted", "", f"0/{points:g}")
        if held != self.of_suite and self.reason != held[0].note:
            self.reason = held[0].note
            self._lines([FindingLine("", f"not attempted: {self.reason}")])

    def _is_pending(self, result: Result) -> bool:
        """Whether this case fails as those before it, which were named, and whose failure is yet to be."""
        finding = result.findings[0]
        before = self.explained.get(failure_key(finding))
        return self.pending == FindingLine(finding.code, f"as in {before}, above")

    def _tell_pending(self) -> None:
        """Of several cases, one behind the other, that fail alike, it is told once, below the last."""
        line, self.pending = self.pending, None
        if line is not None:
            self._lines([line])

    def _let_go_of_repeated(self) -> None:
        """Cases that say once more what was said already are one rung."""
        repeated, self.repeated = self.repeated, []
        if not repeated:
            return
        finding = repeated[0].findings[0]
        before = self.explained[failure_key(finding)]
        if len(repeated) == 1:
            self._rung(repeated[0])
        else:
            points = sum(result.case.points for result in repeated)
            self._step("failed", f"{len(repeated)} more cases", "", f"0/{points:g}")
        self._lines([FindingLine(finding.code, f"as in {before}, above")])

    def _end_suite(self) -> None:
        self._tell_pending()
        self._let_go_of_repeated()
        if self.held:
            self._let_go()
        if text := covered(self.of_suite):
            self._lines([FindingLine("explored", text)])
        self.of_suite, self.reason = [], ""

    def _findings(self, result: Result) -> None:
        shown = result.findings if self.full else result.findings[:1]
        for finding in shown:
            before = self.explained.setdefault(failure_key(finding), result.case.id)
            if self.full or before == result.case.id:
                command = again(self.submission, result, self.is_command, self.options)
                lines = explain(result, finding, command, self.full)
                self._lines(lines, picture(result, finding, self.width - INDENT))
            else:
                self.pending = FindingLine(finding.code, f"as in {before}, above")

    def _lines(self, lines: Sequence[FindingLine], picture: Sequence[str] = ()) -> None:
        """These lines; the picture stands below the first, which says what is wrong."""
        width = max(self.width - INDENT - LABEL, 20)
        fitting = _fit([(line, self._parts(line, width)) for line in lines], self.full)
        for number, (line, parts) in enumerate(fitting):
            style = "bold red" if line.label in CODES else "dim"
            for place, part in enumerate(parts):
                label = line.label if place == 0 else ""
                self.console.print(Text.assemble(" " * INDENT, (f"{label:<{LABEL}}", style), part))
            for row in picture if number == 0 else ():
                self.console.print(Text(" " * INDENT + row))

    def _parts(self, line: FindingLine, width: int) -> list[Text]:
        text = Text(visible(line.text))
        if line.clip and not self.full:
            text.truncate(width, overflow="ellipsis")
            return [text]
        parts = list(text.wrap(self.console, width))
        for part in parts:
            part.rstrip()
        return parts

    def _progress(self) -> None:
        if self.console.is_terminal and self.done < self.total:
            self.console.print(Text(f"  … {self.done} of {self.total}", "dim"), end="\r")

    def _clear(self) -> None:
        if self.console.is_terminal:
            self.console.print(" " * 24, end="\r")


def _explored(grade: Grade) -> bool:
    return any(result.explored for result in grade.results)


def _fit(lines: list[tuple[FindingLine, list[Text]]], full: bool) -> list[tuple[FindingLine, list[Text]]]:
    """At most eight rows: what is said elsewhere is left out, the last message of the transcript first."""

    def are_too_many() -> bool:
        return not full and sum(len(parts) for _, parts in lines) > ROWS

    if are_too_many():  # of several differences the first is enough
        lines = [pair for pair in lines if pair[0].label]
    spare = [pair for pair in reversed(lines) if pair[0].label.startswith("#")]
    spare += [pair for pair in lines if (pair[0].label, pair[0].text) in IMPLIED]
    if any(pair[0].label == "so" for pair in lines):  # the cause is known: it says more than what came
        spare += [pair for pair in lines if pair[0].label.startswith(("came", "expected"))]
        spare += [pair for pair in lines if pair[0].label == "so"]
    while spare and are_too_many():
        pair = spare.pop(0)
        if pair in lines:
            lines.remove(pair)
    return lines

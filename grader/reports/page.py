"""The report as a page of its own (`--html`): what leads, the ladder of cases, and each failure in full.

One file that needs no network. What a node wrote, or its source says, is escaped, and what hides is shown.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.checks.findings import Finding
from grader.conversation.transcript import cut
from grader.diagrams.diagram import spacetime
from grader.grading.lead import failure_key, lead
from grader.grading.results import Grade, Result
from grader.reports import spacetime_svg
from grader.reports.finding_text import FindingLine, again, describe, explain, picture
from grader.reports.html import MARKS, shown
from grader.reports.html_templates import fill, safe
from grader.reports.leading import first
from grader.seat.page import frame
from grader.seat.tree import Tree

TEMPLATE = Path(__file__).with_name("page.html.jinja")
DETAIL = Path(__file__).with_name("page_detail.html.jinja")
MOST = 1_900_000  # characters of a page; what is left out is said
SHORT = 4  # messages: where no more have passed, the exchange about init is drawn, too
AROUND = 3  # lines of the source before and after the one that is blamed
LABELS = {"in": "to the node", "out": "from the node", "err": "stderr"}

ReadLines = Callable[[str], Sequence[str]]
"""The lines of a file of the submission, by its name; none if it can't be read."""
SeatOf = Callable[[Result], tuple[Tree, str] | None]
"""The tree of a schedule that was found, and the moves to it; None if there is none."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some lines of the learner's file; `blamed` is the number of the one that matters."""

    file: str
    lines: tuple[tuple[int, str], ...]
    blamed: int


@dataclass(frozen=True, slots=True)
class TranscriptRow:
    """A line of the transcript; `count` events are left out here, if it is none."""

    n: int
    t_ms: float
    kind: str
    text: str
    is_marked: bool
    count: int = 0


@dataclass(frozen=True, slots=True)
class Detail:
    """A failed case: what was found, where in the source, and what passed between the node and the others."""

    result: Result
    finding: Finding
    lines: Sequence[FindingLine]
    excerpt: Excerpt | None
    columns: str
    diagram: object
    rows: Sequence[TranscriptRow]
    seat: object
    others: Sequence[str]  # cases that say the same


def page(grade: Grade, read: ReadLines, seat_of: SeatOf, *, is_command: bool = False) -> str:
    """The whole page. `read` gives the submission's source, `seat_of` what can be played."""
    leading = lead(grade.results)
    texts: list[str] = []
    where: dict[str, str] = {}  # in which of the details each failed case is
    room = MOST
    for detail in _details(grade, read, seat_of, is_command):
        text = fill(DETAIL, one=detail, marks=MARKS, labels=LABELS)
        if len(text) <= room:
            room -= len(text)
            texts.append(text)
            where |= dict.fromkeys((detail.result.case.id, *detail.others), detail.result.case.id)
    failed = [result.case.id for result in grade.results if result.status == "failed"]
    return fill(
        TEMPLATE,
        said=first(grade.results),
        leads=leading.result.case.id if leading else "",
        where=where,
        details=safe("".join(texts)),
        missing=[case for case in failed if case not in where],
        **shown(grade, is_command=is_command),
    )


def _details(grade: Grade, read: ReadLines, seat_of: SeatOf, is_command: bool) -> Iterator[Detail]:
    """Each failure once, the one that leads first."""
    alike: dict[Hashable, list[Result]] = {}
    for result in grade.results:
        if result.status == "failed" and result.findings:
            alike.setdefault(failure_key(result.findings[0]), []).append(result)
    leading = lead(grade.results)
    groups = sorted(alike.values(), key=lambda group: leading is None or leading.result not in group)
    for group in groups:
        result = leading.result if leading and leading.result in group else group[0]
        finding = result.findings[0]
        marked = {n for one in result.findings for n in one.events}
        played = seat_of(result)
        yield Detail(
            result,
            finding,
            explain(result, finding, again(grade.submission, result, is_command), full=True),
            _excerpt(finding, read),
            "\n".join(picture(result, finding)),
            _diagram(result, marked),
            list(_rows(result, marked)),
            safe(frame(played[0], moves=played[1])) if played else None,
            [other.case.id for other in group if other is not result],
        )


def _excerpt(finding: Finding, read: ReadLines) -> Excerpt | None:
    cause = finding.cause
    if cause is None or not cause.file or cause.line is None:
        return None
    lines = read(cause.file)
    if not 0 < cause.line <= len(lines):
        return None
    numbers = range(max(1, cause.line - AROUND), min(len(lines), cause.line + AROUND) + 1)
    return Excerpt(cause.file, tuple((n, lines[n - 1]) for n in numbers), cause.line)


def _diagram(result: Result, marked: set[int]) -> object:
    drawn = spacetime([("", result.transcript)], with_init=result.case.starts_with_init and _is_short(result))
    [panel] = drawn.panels
    if not panel.arrows:
        return None
    return safe(spacetime_svg.render(panel, {event.n: describe(event) for event in result.transcript}, marked))


def _is_short(result: Result) -> bool:
    """Whether init is worth a line of the diagram: where little else has passed."""
    return sum(event.kind in ("in", "out") for event in result.transcript) <= SHORT


def _rows(result: Result, marked: set[int]) -> Iterator[TranscriptRow]:
    for one in cut(result.transcript, marked):
        if isinstance(one, int):
            yield TranscriptRow(-1, 0.0, "cut", "", False, one)
        else:
            yield TranscriptRow(one.n, one.t_ms, one.kind, describe(one), one.n in marked)

"""An explanation as text: at most twelve lines, or whole. A pure function of the explanation's data.

A row begins in its handler's column, and may go on to the right edge: nobody else has anything in that line.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from grader.explorer.diagnosis.explanation import Column, Explanation, Row
from grader.explorer.diagnosis.misconceptions import Misconception
from grader.explorer.diagnosis.wording import why
from grader.explorer.trace.model import Why

SHORT = 12  # lines of the short form
WIDTH = 100  # columns of the text
AT_LEAST = 24  # columns for one handler's
SHARE = 0.65  # of an equal part of the width; what is left is for the last column, which can't go on
LONGEST_ROUND = 8  # rows of a loop that is folded


def as_lines(explanation: Explanation, *, full: bool = False, width: int = WIDTH) -> list[str]:
    """The explanation as text, at most twelve lines.

    With `full` all steps of the handlers concerned, those that matter marked, the belief, and the fix's shape.
    """
    diagnosis = explanation.diagnosis
    head, because = _wrapped(explanation.outcome, width), _wrapped(diagnosis.sentence, width)
    turning = _wrapped(explanation.turning, width)
    lesson = f" (lesson {diagnosis.lesson})" if diagnosis.lesson else ""
    fix = _wrapped(f"Fix: {diagnosis.fix}{lesson}", width)
    if full:
        table = _table(explanation.columns, explanation.rows, width, full=True)
        return [*head, *table, *because, *turning, *fix, *_belief(diagnosis.misconception, width)]
    if len(head + because + turning + fix) > SHORT - 4:  # a narrow terminal: the handlers' lines say more
        turning = []
    tail = because + turning + fix
    table = columns(explanation, width, SHORT - len(head) - len(tail))
    return [*head, *table, *tail][:SHORT]


def columns(explanation: Explanation, width: int = WIDTH, room: int = SHORT) -> list[str]:
    """Who did what in which line, a column for each handler, in at most so many lines; else none."""
    rows = [row for row in explanation.rows if row.matters]
    while rows and len(rows) >= room:
        rows.pop(_least(rows))
    return _table(explanation.columns, list(_with_reasons(rows, explanation.rows)), width)


def _belief(believed: Misconception | None, width: int) -> list[str]:
    if believed is None:
        return []
    said = _wrapped(f"Believed: {believed.believes}", width) + _wrapped(f"But: {believed.happens}", width)
    return [*said, *(f"    {line}" for line in believed.shape.split("\n"))]


def _least(rows: Sequence[Row]) -> int:
    """Which row says least: what went out stands at the top; that others had read, too, their write tells."""
    said = [place for place, row in enumerate(rows) if row.op == "out"]
    read = [place for place, row in enumerate(rows) if place and row.op in ("read", "in")]
    return [*said, *read, len(rows) - 1][0]


def _with_reasons(shown: Sequence[Row], rows: Sequence[Row]) -> Iterator[Row]:
    """Rows that say why others went on after them, if that was in a line that is not shown."""
    for row, following in zip_longest(shown, shown[1:]):
        end = following.n if following else row.n
        hidden = [other for other in rows if row.n < other.n < end and other.column == row.column]
        left = [other for other in hidden if other.switch and other.switch.why is not Why.OVER]
        if following and following.column != row.column and not row.switch and left:
            yield replace(row, switch=left[-1].switch, switched_at=left[-1].line)
        else:
            yield row


def _table(columns: Sequence[Column], rows: Sequence[Row], width: int, *, full: bool = False) -> list[str]:
    """A column for each handler, its message on top; none for who has no row."""
    used = sorted({row.column for row in rows})
    if not used:
        return []
    equal = (width - 2 * (len(used) - 1)) // len(used)
    each = width if len(used) == 1 else max(AT_LEAST, int(equal * SHARE))
    titles = [_clip(columns[column].title, each) for column in used]
    titles[-1] = _clip(columns[used[-1]].title, max(AT_LEAST, width - (each + 2) * (len(used) - 1)))
    lines = ["  ".join(title.ljust(each) for title in titles).rstrip()]
    for row, again in _folded(rows) if full else ((row, "") for row in rows):
        indent = " " * (used.index(row.column) * (each + 2))
        lines += _row(row, indent, max(AT_LEAST, width - len(indent)), full=full)
        if again:
            lines.append(f"{indent}     {again}")
    return lines


def _row(row: Row, indent: str, room: int, *, full: bool) -> list[str]:
    note = _note(row, full)
    mark = ">" if full and row.matters else " "
    if full and note and len(row.source) + len(note) + 7 > room:
        deeper = indent + " " * 7
        wrapped = textwrap.wrap(note, room + len(indent), initial_indent=deeper, subsequent_indent=deeper)
        return [f"{indent}{mark}{row.line:>3} {_clip(row.source, room - 5)}", *wrapped]
    note = _clip(note, room - 5 - min(len(row.source) + 2, room // 2 - 4))
    source = _clip(row.source, room - len(note) - 7)
    return [f"{indent}{mark}{row.line:>3} {source}  {note}".rstrip()]


def _folded(rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    """The rows, of a loop only the first round, with how often it came again."""
    place = 0
    while place < len(rows):
        length, times = _rounds(rows[place:])
        last = place + length - 1
        for row in rows[place:last]:
            yield row, ""
        these = f"these {length} lines" if length > 1 else "this line"
        yield (
            rows[last],
            f"({these} {times} times more)" if times > 1 else f"({these} once more)" if times else "",
        )
        place += length * (times + 1)


def _rounds(rows: Sequence[Row]) -> tuple[int, int]:
    """How many rows the loop has that begins here, and how often it comes again at once; 1, 0: none does."""
    for length in range(1, LONGEST_ROUND + 1):
        times = 0
        while _same(rows[:length], rows[length * (times + 1) : length * (times + 2)]):
            times += 1
        if times:
            return length, times
    return 1, 0


def _same(rows: Sequence[Row], others: Sequence[Row]) -> bool:
    return len(rows) == len(others) and all(
        not (row.matters or other.matters)
        and (row.column, row.file, row.line, row.switch) == (other.column, other.file, other.line, other.switch)
        for row, other in zip(rows, others, strict=True)
    )


def _note(row: Row, full: bool) -> str:
    """What a row says beside its line of the source."""
    notes = [row.did if full else row.brief]
    if full and row.held and row.did != f"takes {', '.join(row.held)}":
        notes.append(f"holds {', '.join(row.held)}")
    if row.switch:
        switch = why(row.switch) + (f" in line {row.switched_at}" if row.switched_at else "")
        notes += [switch] * (row.switch.why is Why.PREEMPTED or not row.did.endswith(switch))
    return "; ".join(note for note in notes if note)


def _clip(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(room - 1, 0)] + "…"


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent="  ") if text else []

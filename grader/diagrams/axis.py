"""Where on its axis each message of a conversation stands: by steps, or by the clock. Pure.

By steps each row has a place of its own, in the order in which things passed. Several conversations share one
axis: what was sent to all of them stands at one height.
"""

from collections import Counter
from collections.abc import Sequence

from grader.diagrams.rows import DiagramRow

RowPositions = dict[int, float]  # of a row, by the number of its first event


def by_steps(panels: Sequence[Sequence[DiagramRow]]) -> list[RowPositions]:
    """A place for each row of each conversation; each line that was sent has the same in all of them."""
    begins: set[int] = set()  # the lines sent with which a row begins
    room: Counter[int] = Counter()  # rows between one line sent and the next, where there are most
    for rows in panels:
        behind: Counter[int] = Counter()
        last = -1
        for row in rows:
            if row.first.kind == "in":
                begins.add(row.first.line)
                last = row.passages[-1].line
            else:
                behind[last] += 1
        room |= behind
    sent = {-1: -1.0}
    for line in range(max(begins, default=-1) + 1):
        sent[line] = sent[line - 1] + room[line - 1] + (line in begins)
    first = sent[min(begins)] if begins else 0.0
    return [_places(rows, sent, 0.0 if room[-1] else first) for rows in panels]


def by_clock(panels: Sequence[Sequence[DiagramRow]]) -> list[RowPositions]:
    """Milliseconds since the first message of each conversation."""
    return [{row.first.n: row.first.t_ms - rows[0].first.t_ms for row in rows} for rows in panels]


def _places(rows: Sequence[DiagramRow], sent: dict[int, float], first: float) -> RowPositions:
    places: RowPositions = {}
    at = sent[-1]
    for row in rows:
        if row.first.kind == "in":
            places[row.first.n] = sent[row.first.line] - first
            lines = [line for line in sent if line <= row.passages[-1].line]
            at = sent[max(lines)]
        else:
            at += 1
            places[row.first.n] = at - first
    return places

"""A space-time diagram as plain text: a column a lane, a row a message, time runs downwards. Pure.

Beside what a lane does stands what it holds meanwhile, so that it can be seen to do both.
"""

from collections.abc import Sequence

from grader.diagrams.columns import NAME, columns, gutter
from grader.diagrams.layout import SAYS, Arrow, Bar, BarKind, LaneMark, Layout
from grader.diagrams.rows import clip, wide

GLYPHS: dict[BarKind, str] = {"open": "┃", "wait": "░", "run": "█"}
LOCKS = "▓▞▚▒"  # one for each, the last for all the others
MARGIN = 9  # for the axis

Moment = Arrow | LaneMark | Bar


def render(panels: Sequence[Layout]) -> str:
    """The panels one below the other, and what the bars mean."""
    kinds = {bar.kind for panel in panels for bar in panel.bars}
    legend = [f"{GLYPHS[kind]} {SAYS[kind]}" for kind in GLYPHS if kind in kinds]
    for panel in panels:
        legend += [f"{_lock(panel, name)} {SAYS['lock']} {name}" for name in panel.locks]
    if any(arrow.is_handed_over for panel in panels for arrow in panel.arrows):
        legend.append("╌▶ hands on")
    below = ["   ".join(dict.fromkeys(legend))] if legend else []
    return "\n\n".join([*("\n".join(_panel(panel)) for panel in panels), *below])


def _panel(layout: Layout) -> list[str]:
    at = [MARGIN + column for column in columns(layout)]
    lines = [layout.name] if layout.name else []
    head = _TextLine()
    for lane, column in zip(layout.lanes, at, strict=True):
        name = lane.name if lane.kind == "node" else clip(lane.name, NAME - 1)
        head.put(column - (wide(name) - 1) // 2, name)
    head.put(0, f"{'ms' if layout.clock else 'step':>5}")
    lines.append(head.text)
    for time, moment in _moments(layout):
        line = _TextLine()
        if layout.clock or (isinstance(moment, Arrow) and not moment.is_handed_over):
            line.put(0, f"{time + (not layout.clock):5.0f}")
        for place, column in enumerate(at):
            line.put(column, _lifeline(layout, place, time))
        if isinstance(moment, Arrow):
            _arrow(line, moment, at, layout)
        else:
            column = at[moment.lane]
            if isinstance(moment, Bar):
                line.put(column + 3, moment.label)
            else:
                line.put(column, "×" if moment.alarm else "■")
                beside = column - 1 - wide(moment.label) if moment.leftwards else column + 2
                line.put(beside, moment.label)
        lines.append(line.text)
    return lines


def _moments(layout: Layout) -> list[tuple[float, Moment]]:
    """All that needs a row of its own, in order."""
    moments: list[tuple[float, Moment]] = [(arrow.start, arrow) for arrow in layout.arrows]
    moments += [(mark.at, mark) for mark in layout.marks]
    moments += [(bar.start, bar) for bar in layout.bars if bar.label and bar.kind != "lock"]
    return sorted(moments, key=lambda moment: moment[0])


def _lifeline(layout: Layout, lane: int, time: float) -> str:
    """What a lane does at this time; and beside it the lock that it holds, the last one of several."""
    early = 0.0 if layout.clock or layout.is_traced else 0.5  # it takes less than half a step to arrive
    bars = [bar for bar in layout.bars if bar.lane == lane and bar.end >= time]
    held = [bar for bar in bars if bar.kind == "lock" and bar.start <= time]
    holds = _lock(layout, held[-1].label) if held else ""
    for reach in (0.0, early):
        here = {bar.kind for bar in bars if bar.start - reach <= time}
        for kind in ("wait", "run", "open"):
            if kind in here:
                return GLYPHS[kind] + holds
    return ("│" if layout.lanes[lane].name else " ") + holds


def _lock(layout: Layout, name: str) -> str:
    return LOCKS[min(layout.locks.index(name), len(LOCKS) - 1)]


def _arrow(line: "_TextLine", arrow: Arrow, at: Sequence[int], layout: Layout) -> None:
    a, b = at[arrow.source], at[arrow.target]
    for column in range(min(a, b) + 1, max(a, b)):
        line.cross(column, "╌" if arrow.is_handed_over else "─")
    line.put(b - 1 if b > a else b + 1, "▶" if b > a else "◀")
    left, right = gutter(layout, arrow)
    label = clip(arrow.label, right - left - 4)
    if label:
        line.put(MARGIN + left + (right - left - wide(label) + 1) // 2, label)


class _TextLine:
    """One line in the making: characters by column. One that is two columns wide has an empty one behind it."""

    def __init__(self) -> None:
        self.cells: list[str] = []

    def put(self, column: int, text: str) -> None:
        cells = [cell for letter in text for cell in ([letter, ""] if wide(letter) > 1 else [letter])]
        self.cells += " " * (column + len(cells) - len(self.cells))
        self.cells[column : column + len(cells)] = cells

    def cross(self, column: int, line: str) -> None:
        """Draw on, across what stands here."""
        self.cells += " " * (column + 1 - len(self.cells))
        self.cells[column] = {" ": line, "│": "┼"}.get(self.cells[column], self.cells[column])

    @property
    def text(self) -> str:
        return "".join(self.cells).rstrip()

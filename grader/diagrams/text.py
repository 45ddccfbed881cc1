"""A space-time diagram as plain text: a column a lane, a row a message, time runs downwards. Pure."""

from collections.abc import Sequence

from grader.diagrams.columns import NAME, THREAD, columns, gutter
from grader.diagrams.layout import SAYS, Arrow, Bar, BarKind, LaneMark, Layout
from grader.diagrams.rows import clip

GLYPHS: dict[BarKind, str] = {"open": "┃", "wait": "░", "run": "█", "lock": "▓"}
MARGIN = 9  # for the axis

Moment = Arrow | LaneMark | Bar


def render(panels: Sequence[Layout]) -> str:
    """The panels one below the other, and what the bars mean."""
    kinds = {bar.kind for panel in panels for bar in panel.bars}
    legend = "   ".join(f"{GLYPHS[kind]} {says}" for kind, says in SAYS.items() if kind in kinds)
    return "\n\n".join([*("\n".join(_panel(panel)) for panel in panels), *([legend] if legend else [])])


def _panel(layout: Layout) -> list[str]:
    at = [MARGIN + column for column in columns(layout)]
    lines = [layout.name] if layout.name else []
    head = _TextLine()
    for lane, column in zip(layout.lanes, at, strict=True):
        name = clip(lane.name, THREAD - 1 if lane.kind == "node" else NAME - 1)
        head.put(column - (len(name) - 1) // 2, name)
    head.put(0, f"{'ms' if layout.clock else 'step':>5}")
    lines.append(head.text)
    for time, moment in _moments(layout):
        line = _TextLine()
        if layout.clock or (isinstance(moment, Arrow) and time == int(time)):
            line.put(0, f"{time + (not layout.clock):5.0f}")
        for place, column in enumerate(at):
            line.put(column, _lifeline(layout, place, time))
        if isinstance(moment, Arrow):
            _arrow(line, moment, at, layout)
        else:
            column = at[moment.lane]
            line.put(column, _sign(moment))
            leftwards = isinstance(moment, LaneMark) and moment.leftwards
            line.put(column - 1 - len(moment.label) if leftwards else column + 2, moment.label)
        lines.append(line.text)
    return lines


def _moments(layout: Layout) -> list[tuple[float, Moment]]:
    """All that needs a row of its own, in order."""
    moments: list[tuple[float, Moment]] = [(arrow.start, arrow) for arrow in layout.arrows]
    moments += [(mark.at, mark) for mark in layout.marks]
    moments += [(bar.start, bar) for bar in layout.bars if bar.label]
    return sorted(moments, key=lambda moment: moment[0])


def _lifeline(layout: Layout, lane: int, time: float) -> str:
    early = 0.0 if layout.clock else 0.5  # a message takes less than half a step to arrive
    for reach in (0.0, early):
        here = {bar.kind for bar in layout.bars if bar.lane == lane and bar.start - reach <= time <= bar.end}
        for kind in ("wait", "lock", "run", "open"):
            if kind in here:
                return GLYPHS[kind]
    return "│" if layout.lanes[lane].name else " "


def _sign(moment: LaneMark | Bar) -> str:
    if isinstance(moment, Bar):
        return GLYPHS[moment.kind]
    return "×" if moment.alarm else "■"


def _arrow(line: "_TextLine", arrow: Arrow, at: Sequence[int], layout: Layout) -> None:
    a, b = at[arrow.source], at[arrow.target]
    for column in range(min(a, b) + 1, max(a, b)):
        line.cross(column)
    line.put(b - 1 if b > a else b + 1, "▶" if b > a else "◀")
    left, right = gutter(layout, arrow)
    label = clip(arrow.label, right - left - 4)
    line.put(MARGIN + left + (right - left - len(label) + 1) // 2, label)


class _TextLine:
    """One line in the making: characters by column."""

    def __init__(self) -> None:
        self.cells: list[str] = []

    def put(self, column: int, text: str) -> None:
        self.cells += " " * (column + len(text) - len(self.cells))
        self.cells[column : column + len(text)] = text

    def cross(self, column: int) -> None:
        """Draw on, across what stands here."""
        self.cells += " " * (column + 1 - len(self.cells))
        self.cells[column] = {" ": "─", "│": "┼"}.get(self.cells[column], self.cells[column])

    @property
    def text(self) -> str:
        return "".join(self.cells).rstrip()

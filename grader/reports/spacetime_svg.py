"""A space-time diagram as SVG, for the page of a report: hovering over a message shows it whole.

It takes colours and patterns from the page, so it is read in light and dark; what a bar is can be told by its
pattern, without colour.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.diagrams.columns import columns, gutter
from grader.diagrams.layout import SAYS, Bar, BarKind, LaneMark, Layout
from grader.reports.html_templates import fill

TEMPLATE = Path(__file__).with_name("spacetime.svg.jinja")
COLUMN, STEP, CLOCK = 7.2, 26.0, 420.0  # pixels: a column of text, a step, a whole axis in milliseconds
LEFT, RIGHT, TOP, BOTTOM = 70.0, 130.0, 34.0, 40.0  # pixels
WIDTHS: Mapping[BarKind, float] = {"open": 8, "wait": 8, "run": 8, "lock": 16}  # pixels
ASIDE = 12.0  # pixels, from a lane to what is written beside it
APART = 13.0  # pixels, at least, from one label to the next in one column

_Height = Callable[[float], float]  # from a time to pixels


@dataclass(frozen=True, slots=True)
class _Line:
    """A message: from where to where, where its label stands, and what is shown of it."""

    x1: float
    y1: float
    x2: float
    y2: float
    x: float
    y: float
    label: str
    title: str
    is_marked: bool


def render(layout: Layout, said: Mapping[int, str], marked: Collection[int] = ()) -> str:
    """The diagram. `said` is each event in words, by its number; `marked` are those that a finding names."""
    at = [LEFT + COLUMN * column for column in columns(layout)]
    scale = CLOCK / (layout.length or 1) if layout.clock else STEP

    def y(time: float) -> float:
        return round(TOP + scale * (time + (0 if layout.clock else 0.5)), 1)

    kinds = {bar.kind for bar in layout.bars}
    node = [x for x, lane in zip(at, layout.lanes, strict=True) if lane.kind == "node"]
    steps = sorted({arrow.start for arrow in layout.arrows})
    return fill(
        TEMPLATE,
        width=round(at[-1] + RIGHT),
        height=round(y(layout.length) + BOTTOM),
        bottom=y(layout.length),
        top=TOP,
        node=(min(node) - 16, max(node) - min(node) + 32),
        lanes=[(round(x, 1), lane.name) for x, lane in zip(at, layout.lanes, strict=True)],
        bars=[_bar(bar, at, y) for bar in sorted(layout.bars, key=lambda bar: -WIDTHS[bar.kind])],
        lines=_lines(layout, at, y, said, marked),
        marks=[_mark(mark, at, y) for mark in layout.marks],
        ticks=[(y(step), f"{step:.0f} ms" if layout.clock else f"{step + 1:.0f}") for step in steps],
        legend=[(kind, says) for kind, says in SAYS.items() if kind in kinds],
        name=f"Messages between {', '.join(lane.name for lane in layout.lanes if lane.name)} over time",
    )


def _bar(bar: Bar, at: Sequence[float], y: _Height) -> tuple[float, float, float, float, BarKind, str]:
    wide = WIDTHS[bar.kind]
    start, end = y(bar.start), y(bar.end)
    return round(at[bar.lane] - wide / 2, 1), start, wide, round(end - start, 1), bar.kind, bar.label


def _mark(mark: LaneMark, at: Sequence[float], y: _Height) -> tuple[float, float, float, str, str, bool]:
    aside = -ASIDE if mark.leftwards else ASIDE
    x = at[mark.lane]
    return x, y(mark.at), x + aside, "end" if mark.leftwards else "start", mark.label, mark.alarm


def _lines(
    layout: Layout, at: Sequence[float], y: _Height, said: Mapping[int, str], marked: Collection[int]
) -> list[_Line]:
    taken: dict[float, float] = {}  # where the last label of a column stands
    lines = []
    for arrow in sorted(layout.arrows, key=lambda arrow: arrow.start):
        x1, x2 = at[arrow.source], at[arrow.target]
        left, right = gutter(layout, arrow)
        x = LEFT + COLUMN * (left + right) / 2
        along = (x - x1) / (x2 - x1) if x2 != x1 else 0.5
        height = max(y(arrow.start + along * (arrow.end - arrow.start)) - 4, taken.get(x, 0.0) + APART)
        taken[x] = height
        title = "\n".join(f"#{n} {said[n]}" for n in arrow.events if n in said)
        head = 6 if x2 > x1 else -6
        line = _Line(
            x1, y(arrow.start), x2 - head, y(arrow.end), x, round(height, 1), arrow.label, title,
            any(n in marked for n in arrow.events),
        )  # fmt: skip
        lines.append(line)
    return lines

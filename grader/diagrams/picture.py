"""A space-time diagram as a picture, by matplotlib: of one layout always the same bytes.

What a bar is can be told by its hatching and width, without colour. Text is drawn as it is written: nothing
in it is mathematics.
"""

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from grader.diagrams.columns import GUTTER, NAME, columns, gutter
from grader.diagrams.fonts import drawable, families
from grader.diagrams.layout import SAYS, Arrow, Bar, BarKind, Layout
from grader.diagrams.rows import clip

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

# Width in columns, and how it is filled.
STYLES: dict[BarKind, tuple[float, dict[str, Any]]] = {
    "open": (1.1, {"facecolor": "#cfe3f1", "hatch": ""}),
    "wait": (1.1, {"facecolor": "white", "hatch": "//////"}),
    "run": (1.1, {"facecolor": "#7fb0d3", "hatch": ""}),
}
HOLDS = 2.4  # columns: it stands out on both sides of what its holder does
LOCKS: tuple[dict[str, Any], ...] = (  # one for each, the last for all the others
    {"facecolor": "#f6c58a", "hatch": "...."},
    {"facecolor": "#cdb4db", "hatch": "xxxx"},
    {"facecolor": "#b7e4c7", "hatch": "----"},
    {"facecolor": "#f4acb7", "hatch": "oo"},
)
INK, PALE, ALARM, GIVEN = "#222222", "#999999", "#a3001f", "#6a3d9a"
DPI = 100
INCH = 0.1  # a column
MAX_WIDTH = 11.0  # inches; what needs more is drawn narrower,
SQUEEZE = 1.3  # but not by more than that
LEGEND = 0.42  # inches
STEP, TRACED = 0.3, 0.45  # inches; more where threads are drawn
CLOCK = 4.0  # inches of a whole axis in milliseconds
EDGE = 5  # columns left and right of the outermost lanes
SMALL, NORMAL = 8.0, 9.0  # points
ASIDE, LETTER = 1.6, 0.72  # columns: from a lane to what is written beside it, and a small letter's width
LINE = 0.3  # of a step: what a line of small letters needs


def render(panels: Sequence[Layout]) -> bytes:
    """The panels side by side, on one axis, as a PNG."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    widths = [columns(panel, stacked=True)[-1] + EDGE + _right(panel) for panel in panels]
    beside = sum(widths) * INCH <= MAX_WIDTH * SQUEEZE  # else one below the other
    width = min((sum(widths) if beside else max(widths)) * INCH + 0.7, MAX_WIDTH)
    length = max(panel.length for panel in panels)
    title = 0.36 if any(panel.name for panel in panels) else 0.08  # inches
    step = TRACED if any(panel.is_traced for panel in panels) else STEP
    deep = CLOCK if panels[0].clock else (length + 1) * step
    high = 1 if beside else len(panels)
    height = high * (deep + title) + LEGEND
    with mpl.rc_context({"hatch.linewidth": 0.6, "font.family": families()}):
        figure = Figure(figsize=(width, height), dpi=DPI)
        FigureCanvasAgg(figure)
        grid = figure.subplots(
            *((1, len(panels)) if beside else (len(panels), 1)),
            sharey=True,
            squeeze=False,
            width_ratios=widths if beside else None,
            gridspec_kw={
                "left": 0.62 / width,
                "right": 1 - 0.05 / width,
                "top": 1 - title / height,
                "bottom": LEGEND / height,
                "wspace": 0.02,
                "hspace": title / deep,
            },
        )
        every = list(grid.flat)
        for axes, panel in zip(every, panels, strict=True):
            _draw(axes, panel)
        for place, axes in enumerate(every):
            if place == 0 or not beside:
                _axis(axes, panels)
            else:
                axes.spines["left"].set_color(PALE)
                axes.tick_params(left=False)
        if handles := _legend(panels):
            figure.legend(
                handles=handles, loc="lower center", ncol=len(handles), frameon=False, fontsize=NORMAL
            )
        png = io.BytesIO()
        figure.savefig(png, format="png", metadata={"Software": None})
    return png.getvalue()


def _legend(panels: Sequence[Layout]) -> "list[Patch | Line2D]":
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    kinds = {bar.kind for panel in panels for bar in panel.bars}
    frame: dict[str, Any] = {"edgecolor": INK, "linewidth": 0.8}
    legend: list[Patch | Line2D] = [
        Patch(label=SAYS[kind], **frame, **style) for kind, (_, style) in STYLES.items() if kind in kinds
    ]
    locks = {name: _held(panel, name) for panel in panels for name in panel.locks}
    for name, style in locks.items():
        legend.append(Patch(label=drawable(f"{SAYS['lock']} {name}"), **frame, **style))
    if any(arrow.is_handed_over for panel in panels for arrow in panel.arrows):
        legend.append(Line2D([], [], color=GIVEN, linestyle=":", marker=">", markersize=4, label="hands on"))
    return legend


def _held(layout: Layout, lock: str) -> dict[str, Any]:
    return LOCKS[min(layout.locks.index(lock), len(LOCKS) - 1)]


def _right(layout: Layout) -> float:
    """Columns to the right of the last lane: room for what is written beside it."""
    last = len(layout.lanes) - 1
    beside = [
        piece for bar in layout.bars if bar.lane == last and bar.kind != "lock" for piece in bar.label.split()
    ]
    beside += [mark.label for mark in layout.marks if mark.lane == last and not mark.leftwards]
    return max([EDGE, *(ASIDE + LETTER * len(label) for label in beside if label)])


def _draw(axes: "Axes", layout: Layout) -> None:
    at = columns(layout, stacked=True)
    step = layout.length / 20 if layout.clock else 1.0
    node = [column for column, lane in zip(at, layout.lanes, strict=True) if lane.kind == "node"]
    axes.axvspan(node[0] - 2, node[-1] + 2, color="#f3f3f3", zorder=0)
    for lane, column in zip(layout.lanes, at, strict=True):
        if lane.name:
            axes.plot([column, column], [-0.3 * step, layout.length], color=PALE, linewidth=0.9, zorder=1)
            name = drawable(lane.name if lane.kind == "node" else clip(lane.name, NAME))
            bold: dict[str, Any] = {"weight": "bold", "size": NORMAL}
            axes.text(column, -0.5 * step, name, ha="center", va="bottom", parse_math=False, **bold)
    for bar in layout.bars:
        wide, style = (HOLDS, _held(layout, bar.label)) if bar.kind == "lock" else STYLES[bar.kind]
        axes.bar(
            at[bar.lane],
            bar.end - bar.start,
            bottom=bar.start,
            width=wide,
            edgecolor=INK,
            linewidth=0.8,
            zorder=2 if bar.kind == "lock" else 3,
            **style,
        )
    _beside(axes, layout.bars, at, step)
    labels: list[tuple[float, float]] = []
    drawn: list[Arrow] = []
    for arrow in layout.arrows:
        arrow = _apart(arrow, drawn, layout)
        drawn.append(arrow)
        if arrow.is_handed_over:
            _head(axes, arrow, at, color=GIVEN, linestyle=":", linewidth=1.2)
        else:
            labels.append(_arrow(axes, arrow, at, layout, labels))
    for mark in layout.marks:
        colour, sign, size = (ALARM, "X", 8) if mark.alarm else (INK, "s", 5)
        axes.plot(at[mark.lane], mark.at, marker=sign, markersize=size, color=colour, zorder=6, clip_on=False)
        side, aside = ("right", -ASIDE) if mark.leftwards else ("left", ASIDE)
        if mark.label:
            _text(axes, at[mark.lane] + aside, mark.at, mark.label, ha=side, color=colour, weight="bold")
    axes.set_xlim(-EDGE, at[-1] + _right(layout))
    axes.set_ylim(layout.length + 0.4 * step, -1.2 * step)
    axes.set_xticks([])
    axes.set_title(drawable(layout.name), size=NORMAL + 1, parse_math=False)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)


def _beside(axes: "Axes", bars: Sequence[Bar], at: Sequence[int], step: float) -> None:
    """What stands beside the bars: of each lane one below the other, and never on one another."""
    below: dict[int, float] = {}
    for bar in sorted((bar for bar in bars if bar.label and bar.kind != "lock"), key=lambda bar: bar.start):
        text = bar.label.replace(" ", "\n")
        deep = LINE * step * (text.count("\n") + 1)
        top = max(bar.start, below.get(bar.lane, -1.0))
        below[bar.lane] = top + deep
        _text(axes, at[bar.lane] + ASIDE, top + deep / 2, text, ha="left")


def _apart(arrow: Arrow, drawn: Sequence[Arrow], layout: Layout) -> Arrow:
    """The arrow, a little later if it would lie on one of the same moment."""
    least = layout.length / (60 if layout.clock else 25 * max(1.0, layout.length / 8))
    lanes = range(min(arrow.source, arrow.target), max(arrow.source, arrow.target))
    for other in sorted(drawn, key=lambda other: other.start):
        between = range(min(other.source, other.target), max(other.source, other.target))
        if set(lanes) & set(between) and abs(arrow.start - other.start) < least:
            later = other.start + least - arrow.start
            arrow = replace(arrow, start=arrow.start + later, end=arrow.end + later)
    return arrow


def _axis(axes: "Axes", panels: Sequence[Layout]) -> None:
    axes.tick_params(labelsize=SMALL)
    if panels[0].clock:
        axes.set_ylabel("milliseconds", size=NORMAL)
    else:
        steps = sorted({arrow.start for panel in panels for arrow in panel.arrows if not arrow.is_handed_over})
        axes.set_yticks(steps, [f"{step + 1:.0f}" for step in steps])
        axes.set_ylabel("step", size=NORMAL)


def _arrow(
    axes: "Axes", arrow: Arrow, at: Sequence[int], layout: Layout, labels: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """Draws it, and its label clear of the others; returns where that stands."""
    a, b = at[arrow.source], at[arrow.target]
    _head(axes, arrow, at, color=INK, linewidth=1.0)
    left, right = gutter(layout, arrow, stacked=True)
    middle = (left + right) / 2
    height = arrow.start + (arrow.end - arrow.start) * (middle - a) / (b - a)
    apart = layout.length / 30 if layout.clock else LINE if layout.is_traced else 0.45
    while any(middle == x and abs(height - y) < apart for x, y in labels):
        height += apart
    _text(axes, middle, height, clip(arrow.label, GUTTER - 2), ha="center")
    return middle, height


def _head(axes: "Axes", arrow: Arrow, at: Sequence[int], **style: Any) -> None:
    axes.annotate(
        "",
        (at[arrow.target], arrow.end),
        (at[arrow.source], arrow.start),
        arrowprops={"arrowstyle": "-|>", "shrinkA": 3, "shrinkB": 4, **style},
        zorder=4,
    )


def _text(axes: "Axes", x: float, y: float, text: str, ha: str, **style: Any) -> None:
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.75}
    style |= {"va": "center", "size": SMALL, "zorder": 5, "bbox": box, "linespacing": 1.0}
    axes.text(x, y, drawable(text), ha=ha, parse_math=False, **style)

"""A space-time diagram as a picture, by matplotlib: of one layout always the same bytes.

What a bar is can be told by its hatching and width, without colour.
"""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from grader.diagrams.columns import GUTTER, NAME, THREAD, columns, gutter
from grader.diagrams.layout import SAYS, Arrow, BarKind, Layout
from grader.diagrams.rows import clip

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Width in columns, and how it is filled.
STYLES: dict[BarKind, tuple[float, dict[str, Any]]] = {
    "open": (1.1, {"facecolor": "#cfe3f1", "hatch": ""}),
    "wait": (1.1, {"facecolor": "white", "hatch": "//////"}),
    "run": (1.1, {"facecolor": "#7fb0d3", "hatch": ""}),
    "lock": (2.2, {"facecolor": "#f6c58a", "hatch": "...."}),
}
INK, PALE, ALARM = "#222222", "#999999", "#a3001f"
DPI = 100
INCH = 0.1  # a column
MAX_WIDTH = 11.0  # inches; what needs more is drawn narrower,
SQUEEZE = 1.3  # but not by more than that
LEGEND = 0.42  # inches
STEP = 0.3  # inches
CLOCK = 4.0  # inches of a whole axis in milliseconds
EDGE = 5  # columns left and right of the outermost lanes
SMALL, NORMAL = 8.0, 9.0  # points
ASIDE, LETTER = 1.4, 0.72  # columns: from a lane to what is written beside it, and a small letter's width


def render(panels: Sequence[Layout]) -> bytes:
    """The panels side by side, on one axis, as a PNG."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    widths = [columns(panel)[-1] + EDGE + _right(panel) for panel in panels]
    beside = sum(widths) * INCH <= MAX_WIDTH * SQUEEZE  # else one below the other
    width = min((sum(widths) if beside else max(widths)) * INCH + 0.7, MAX_WIDTH)
    length = max(panel.length for panel in panels)
    title = 0.36 if any(panel.name for panel in panels) else 0.08  # inches
    deep = CLOCK if panels[0].clock else (length + 1) * STEP
    high = 1 if beside else len(panels)
    height = high * (deep + title) + LEGEND
    with mpl.rc_context({"hatch.linewidth": 0.6, "font.family": "DejaVu Sans"}):
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
        kinds = {bar.kind for panel in panels for bar in panel.bars}
        handles = [
            Patch(edgecolor=INK, linewidth=0.8, label=says, **STYLES[kind][1])
            for kind, says in SAYS.items()
            if kind in kinds
        ]
        if handles:
            figure.legend(
                handles=handles, loc="lower center", ncol=len(handles), frameon=False, fontsize=NORMAL
            )
        png = io.BytesIO()
        figure.savefig(png, format="png", metadata={"Software": None})
    return png.getvalue()


def _right(layout: Layout) -> float:
    """Columns to the right of the last lane: room for what is written beside it."""
    last = len(layout.lanes) - 1
    beside = [bar.label for bar in layout.bars if bar.lane == last]
    beside += [mark.label for mark in layout.marks if mark.lane == last and not mark.leftwards]
    return max([EDGE, *(ASIDE + LETTER * len(label) for label in beside if label)])


def _draw(axes: "Axes", layout: Layout) -> None:
    at = columns(layout)
    step = layout.length / 20 if layout.clock else 1.0
    node = [column for column, lane in zip(at, layout.lanes, strict=True) if lane.kind == "node"]
    axes.axvspan(node[0] - 2, node[-1] + 2, color="#f3f3f3", zorder=0)
    for lane, column in zip(layout.lanes, at, strict=True):
        if lane.name:
            axes.plot([column, column], [-0.3 * step, layout.length], color=PALE, linewidth=0.9, zorder=1)
            name = clip(lane.name, THREAD if lane.kind == "node" else NAME)
            axes.text(column, -0.5 * step, name, ha="center", va="bottom", weight="bold", size=NORMAL)
    for bar in sorted(layout.bars, key=lambda bar: -STYLES[bar.kind][0]):
        wide, style = STYLES[bar.kind]
        axes.bar(
            at[bar.lane],
            bar.end - bar.start,
            bottom=bar.start,
            width=wide,
            edgecolor=INK,
            linewidth=0.8,
            zorder=2,
            **style,
        )
        if bar.label:
            _text(axes, at[bar.lane] + ASIDE, bar.start + 0.3 * step, bar.label, ha="left")
    labels: list[tuple[float, float]] = []
    for arrow in layout.arrows:
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
    axes.set_title(layout.name, size=NORMAL + 1)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)


def _axis(axes: "Axes", panels: Sequence[Layout]) -> None:
    axes.tick_params(labelsize=SMALL)
    if panels[0].clock:
        axes.set_ylabel("milliseconds", size=NORMAL)
    else:
        steps = sorted({arrow.start for panel in panels for arrow in panel.arrows})
        axes.set_yticks(steps, [f"{step + 1:.0f}" for step in steps])
        axes.set_ylabel("step", size=NORMAL)


def _arrow(
    axes: "Axes", arrow: Arrow, at: Sequence[int], layout: Layout, labels: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """Draws it, and its label clear of the others; returns where that stands."""
    a, b = at[arrow.source], at[arrow.target]
    axes.annotate(
        "",
        (b, arrow.end),
        (a, arrow.start),
        arrowprops={"arrowstyle": "-|>", "linewidth": 1.0, "color": INK, "shrinkA": 3, "shrinkB": 4},
        zorder=4,
    )
    left, right = gutter(layout, arrow)
    middle = (left + right) / 2
    height = arrow.start + (arrow.end - arrow.start) * (middle - a) / (b - a)
    apart = layout.length / 30 if layout.clock else 0.45
    while any(middle == x and abs(height - y) < apart for x, y in labels):
        height += apart
    _text(axes, middle, height, clip(arrow.label, GUTTER - 2), ha="center")
    return middle, height


def _text(axes: "Axes", x: float, y: float, text: str, ha: str, **style: Any) -> None:
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.9}
    axes.text(x, y, text, ha=ha, va="center", size=SMALL, zorder=5, bbox=box, **style)

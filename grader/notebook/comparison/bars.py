"""The ratios of a comparison as bars: a group a quantity, a bar a node, told apart by hatching and label."""

from io import BytesIO

from grader.notebook.comparison.loads import ALIKE, Measured, times

HATCHES = ("", "///", "...", "xx", "\\\\\\", "++")
FILLS = ("#9ecae1", "#ffffff", "#fdd0a2", "#c7e9c0", "#dadaeb", "#f7b6d2")
DPI = 110


def render(measured: Measured) -> bytes:
    """A PNG; bars begin at 1×, the least, on a scale on which twice as much is always as far."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    quantities = list(measured.quantities.values())
    count = len(measured.nodes)
    figure = Figure(figsize=(8, 0.6 + len(quantities) * (0.22 * count + 0.2)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    most = max(ratio for q in quantities for ratio in q.ratios if ratio is not None)
    for node, name in enumerate(measured.nodes):
        for place, quantity in enumerate(quantities):
            ratio, at = quantity.ratios[node], place + (node - (count - 1) / 2) * 0.8 / count
            look = node % len(FILLS)
            if ratio is not None:
                axes.barh(
                    at,
                    ratio - 0.9,
                    0.8 / count,
                    left=0.9,
                    facecolor=FILLS[look],
                    hatch=HATCHES[look],
                    edgecolor="#333333",
                    linewidth=0.8,
                )
            label = f" {name}  {times(ratio)}" if ratio is not None else f" {name}: not measured"
            axes.text(max(ratio or 0.9, 0.9), at, label, va="center", fontsize=8)
    axes.set_xscale("log")
    axes.set_xlim(0.9, most * 4)
    axes.set_ylim(len(quantities) - 0.5, -0.5)
    axes.axvline(ALIKE, color="#888888", linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(quantities)), [quantity.name.replace(": ", ":\n") for quantity in quantities])
    axes.set_xticks([])
    axes.minorticks_off()
    axes.set_xlabel("times the least; dotted: up to here no difference to speak of", fontsize=9)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=DPI, metadata={"Software": None})
    return picture.getvalue()

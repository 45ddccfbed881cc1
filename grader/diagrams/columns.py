"""Where the lanes of a diagram stand from left to right, in columns of text; for the picture too. Pure.

There, what stands beside a bar has two lines, and needs less room: `stacked`.
"""

from grader.diagrams.layout import Arrow, Layout

NAME = 9  # from one client to the next, or one peer
LANE = 4  # from one handler to the next
THREAD = 15  # from one thread to the next, at least: their bars have labels, which are never cut
BESIDE = 5  # columns more than a label has
GUTTER = 22  # on both sides of the node; the labels of messages stand here


def columns(layout: Layout, stacked: bool = False) -> list[int]:
    """The column of each lane, the first at 0."""
    found = [0]
    pairs = zip(layout.lanes, layout.lanes[1:], strict=False)
    for n, (one, other) in enumerate(pairs):
        if one.kind != other.kind:
            gap = GUTTER + (_beside(layout, stacked) if one.kind == "node" else 0)
        elif one.kind == "node":
            gap = max(THREAD, _room(layout, n, stacked)) if other.name else LANE
        else:
            gap = NAME
        found.append(found[-1] + gap)
    return found


def gutter(layout: Layout, arrow: Arrow, stacked: bool = False) -> tuple[int, int]:
    """From which column to which the label of an arrow may stand: between the node and who it talks to."""
    at = columns(layout, stacked)
    node = [column for column, lane in zip(at, layout.lanes, strict=True) if lane.kind == "node"]
    ends = (arrow.source, arrow.target)
    outside = [at[end] for end in ends if layout.lanes[end].kind != "node"]
    if outside and outside[0] < node[0]:
        return node[0] - GUTTER, node[0]
    right = node[-1] + _beside(layout, stacked)
    return right, right + GUTTER


def _room(layout: Layout, lane: int, stacked: bool) -> int:
    """What a lane of the node needs to its right, for its name and for what stands beside its bars."""
    labels = [bar.label for bar in layout.bars if bar.lane == lane and bar.kind != "lock" and bar.label]
    pieces = [piece for label in labels for piece in (label.split(" ") if stacked else [label])]
    return max(map(len, [*pieces, layout.lanes[lane].name])) + BESIDE


def _beside(layout: Layout, stacked: bool) -> int:
    """Room to the right of the node's last lane, for the labels of its bars."""
    last = max(n for n, lane in enumerate(layout.lanes) if lane.kind == "node")
    if not any(bar.label for bar in layout.bars):
        return 0
    return max(6, _room(layout, last, stacked) - GUTTER // 2)

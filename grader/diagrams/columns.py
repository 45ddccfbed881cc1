"""Where the lanes of a diagram stand from left to right, in columns of text; for the picture too. Pure."""

from grader.diagrams.layout import Arrow, Layout

NAME = 9  # from one client to the next, or one peer
LANE = 4  # from one handler to the next
THREAD = 17  # from one thread to the next: their bars have labels
GUTTER = 22  # on both sides of the node; the labels of messages stand here


def columns(layout: Layout) -> list[int]:
    """The column of each lane, the first at 0."""
    found = [0]
    beside = _beside(layout)
    for one, other in zip(layout.lanes, layout.lanes[1:], strict=False):
        if one.kind != other.kind:
            gap = GUTTER + (beside if one.kind == "node" else 0)
        elif one.kind == "node":
            gap = THREAD if other.name else LANE
        else:
            gap = NAME
        found.append(found[-1] + gap)
    return found


def gutter(layout: Layout, arrow: Arrow) -> tuple[int, int]:
    """From which column to which the label of an arrow may stand: between the node and who it talks to."""
    at = columns(layout)
    node = [column for column, lane in zip(at, layout.lanes, strict=True) if lane.kind == "node"]
    ends = (arrow.source, arrow.target)
    outside = [at[end] for end in ends if layout.lanes[end].kind != "node"]
    if outside and outside[0] < node[0]:
        return node[0] - GUTTER, node[0]
    right = node[-1] + _beside(layout)
    return right, right + GUTTER


def _beside(layout: Layout) -> int:
    """Room to the right of the node's last lane, for the labels of its bars."""
    return THREAD - GUTTER // 2 if any(bar.label for bar in layout.bars) else 0

"""Hints that unfold: each time that `hint` is called for an exercise it shows one more."""

from collections import Counter
from html import escape

from grader.notebook.cell_output import CellOutput, paragraphs
from grader.notebook.exercises.lesson_files import load

_unfolded: Counter[str] = Counter()  # how many hints of each exercise have been shown in this kernel


def hint(ex: str) -> CellOutput:
    """The hints of an exercise so far and one more, from the gentle to the plain."""
    hints: dict[str, list[str]] = load("hints.toml")
    if ex not in hints:
        line = f"No hints for {ex}; there are some for {', '.join(hints) or 'no exercise'}."
        return CellOutput(line, paragraphs([line]))
    levels = hints[ex]
    _unfolded[ex] = min(_unfolded[ex] + 1, len(levels))
    shown, left = levels[: _unfolded[ex]], len(levels) - _unfolded[ex]
    rest = f"{left} more: run the cell again." if left else "That was the last one."
    text = "\n".join([*(f"Hint {n}: {level}" for n, level in enumerate(shown, 1)), rest])
    items = "".join(f"<li>{escape(level)}</li>" for level in shown)
    return CellOutput(text, f"<p>Hints for {escape(ex)}</p><ol>{items}</ol>{paragraphs([rest])}")

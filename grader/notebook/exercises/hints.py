"""Hints that unfold: all of an exercise's are there, each folded until its reader wants it."""

from html import escape

from grader.notebook.cell_output import CellOutput, paragraphs
from grader.notebook.exercises.lesson_files import LESSONS, load


def hint(ex: str, up_to: int = 0) -> CellOutput:
    """The hints of an exercise, from the gentle to the plain; each unfolds by a click.

    In plain text the first so many are shown, `up_to`: to run the cell again turns over none.
    """
    hints: dict[str, list[str]] = load(f"{LESSONS}/hints.toml")
    if ex not in hints:
        line = f"No hints for {ex}; there are some for {', '.join(hints) or 'no exercise'}."
        return CellOutput(line, paragraphs([line]))
    levels = hints[ex]
    shown = min(max(up_to, 0), len(levels))
    more = f'hint("{ex}", {shown + 1}) shows {"one more" if shown else "the first"}.'
    rest = f"{shown} of {len(levels)} hints: {more}" if shown < len(levels) else "That was the last one."
    text = "\n".join([*(f"Hint {n}: {level}" for n, level in enumerate(levels[:shown], 1)), rest])
    html = ""
    for number in range(len(levels), 0, -1):  # each lies in the one before, so that none is unfolded by mistake
        is_open = " open" * (number <= shown)
        told = f"<p>{escape(levels[number - 1])}</p>{html}"
        html = f"<details{is_open}><summary>Hint {number} of {len(levels)}</summary>{told}</details>"
    return CellOutput(text, f"<p>Hints for {escape(ex)}: click to unfold one.</p>{html}")

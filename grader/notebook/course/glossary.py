"""A word of the course, looked up from a cell; and the words that findings are about, as links."""

import difflib
from collections.abc import Sequence
from html import escape

from grader.notebook.cell_output import CellOutput, paragraphs
from grader.reports.glossary import PAGE, Word, words, words_of


def glossary(word: str = "") -> CellOutput:
    """What a word means, and which lesson teaches it; without one, all words."""
    known = words()
    if not word:
        line = ", ".join(known)
        return CellOutput(line, f"<p>{', '.join(map(_link, known.values()))}</p>")
    found = known.get(word.lower())
    if found is None:
        near = difflib.get_close_matches(word.lower(), known, 1)
        hint = f"did you mean {near[0]}?" if near else "glossary() lists them."
        line = f"{word} is not among the words; {hint}"
        return CellOutput(line, paragraphs([line]))
    means = f"{found.means} (Lesson {found.lesson}.)"
    return CellOutput(f"{found.word}: {means}", f"<p>{_link(found)}: {escape(means)}</p>")


def links(codes: Sequence[str], lesson: str) -> str:
    """The words that findings with these codes are about, as links; none that a later lesson teaches."""
    about = [word for code in codes for word in words_of(code) if not lesson or word.lesson <= lesson]
    return f"<p>Words: {', '.join(map(_link, dict.fromkeys(about)))}</p>" if about else ""


def _link(word: Word) -> str:
    return f'<a href="{PAGE}#{word.anchor}">{escape(word.word)}</a>'

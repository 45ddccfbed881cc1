"""What a cell shows: the same words as plain text and as HTML, and a verdict that a program can read."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

VERDICT = "application/vnd.kit.verdict+json"


@dataclass(frozen=True, slots=True, repr=False)
class CellOutput:
    """A result that displays itself. `ex` and `ok` are the verdict; without an `ex` there is none."""

    text: str
    html: str
    ex: str | None = None
    ok: bool = False

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_which: Any) -> dict[str, Any]:
        """What Jupyter asks for; it chooses the richest form that it can show."""
        bundle: dict[str, Any] = {"text/plain": self.text, "text/html": self.html}
        if self.ex is not None:
            bundle[VERDICT] = {"ex": self.ex, "ok": self.ok}
        return bundle


def shown(output: CellOutput) -> None:
    """Show this now, in the middle of a cell; outside of a kernel its text is printed."""
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        ipython.display.display(output)
    else:
        print(output.text)


def plain_console(stream: IO[str], width: int) -> "Console":
    """A console that writes plain text there: in a kernel rich would show each line, and write none."""
    from rich.console import Console

    return Console(
        file=stream, width=width, force_terminal=False, force_jupyter=False, no_color=True, highlight=False,
        soft_wrap=True,
    )  # fmt: skip


def paragraphs(lines: Iterable[str]) -> str:
    """Lines of plain text as HTML, a paragraph each."""
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def preformatted(text: str) -> str:
    """Text whose columns matter, as HTML; the font is named, for a bare `<pre>` loses it in a notebook.

    Where it is narrow, as on a phone, a line is broken between words: JupyterLab would break within one.
    """
    style = "font-family: monospace; word-break: normal; overflow-wrap: anywhere"
    return f'<pre style="{style}">{escape(text)}</pre>'

"""A page to keep: what was solved in the last lesson, as one file that needs nothing beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.notebook.cell_output import CellOutput, paragraphs
from grader.reports.html_templates import fill

PAGE = Path(__file__).with_name("kept.html.jinja")
FILE = "what-i-solved.html"


def keep(said: Mapping[str, str | None], files: Sequence[str], page: str = FILE) -> CellOutput:
    """Write a page with what was said, each under its heading, and with these files as they are now.

    What was not said, and files that are not there, are left out; the line that is shown names them.
    """
    kept = {heading: text.strip() for heading, text in said.items() if text and text.strip()}
    sources = {file: Path(file).read_text("utf-8") for file in files if Path(file).is_file()}
    left = [
        *(heading for heading in said if heading not in kept),
        *(file for file in files if file not in sources),
    ]
    Path(page).write_text(fill(PAGE, said=kept, sources=sources), "utf-8")
    lines = [f"{page}: open it from the file browser, print it, send it to somebody."]
    if left:
        lines.append(f"Not on it yet: {', '.join(left)}. Run this cell again when there is more.")
    return CellOutput("\n".join(lines), paragraphs(lines))

"""A node with its line numbers, as a report and a picture name them."""

from pathlib import Path

from grader.notebook.cell_output import CellOutput, preformatted


def listing(file: str) -> CellOutput:
    """The lines of a file with their numbers. In its cell each stands one lower, for there is the magic."""
    try:
        lines = Path(file).read_text("utf-8").splitlines()
    except OSError as error:
        lines = [f"{file}: {error.strerror}; run the cells above first"]
        return CellOutput(lines[0], preformatted(lines[0]))
    width = len(str(len(lines)))
    text = "\n".join(f"{n:{width}}  {line}".rstrip() for n, line in enumerate(lines, 1))
    return CellOutput(text, preformatted(text))

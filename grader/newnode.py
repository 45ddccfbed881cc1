"""`grader new`: writes the synchronous node from which the exercise starts."""

from pathlib import Path

TEMPLATE = Path(__file__).parent / "templates" / "node.py"


def write_new_node(file: str) -> None:
    """Copy the template to `file`. Raises FileExistsError rather than overwrite, else OSError."""
    with open(file, "x", encoding="utf-8") as new:
        new.write(TEMPLATE.read_text("utf-8"))

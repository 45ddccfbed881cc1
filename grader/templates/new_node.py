"""`grader new`: writes the synchronous node from which the exercise starts."""

from pathlib import Path

TEMPLATE = Path(__file__).with_name("node.py")


def write_new_node(file: str) -> None:
    """Copy the template to `file`.

    Raises ValueError for a name of another language, FileExistsError rather than overwrite, else OSError.
    """
    if Path(file).suffix not in ("", ".py"):
        raise ValueError(f"{file}: the node is written in Python; name a file that ends in .py")
    with open(file, "x", encoding="utf-8") as new:
        new.write(TEMPLATE.read_text("utf-8"))

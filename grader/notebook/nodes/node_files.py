"""Where the nodes are that lessons lay side by side: the learner's own, the reference's three, the one in Go.

The reference stands apart: its files are found as those of an installed package, and read, never imported.
"""

import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from grader.notebook.exercises.lesson_files import find

REFERENCE = ("with_threads.py", "with_asyncio.py", "with_queues.py")
OWN = ("my_threads.py", "my_asyncio.py", "my_queues.py")  # what lessons 03, 04 and 05 leave behind
GO = "go/node.go"


class NoSuchNode(Exception):
    """A file that is not there; the text says what to do."""


def node_file(name: str) -> Path:
    """The file of a node: in this folder, else one of the reference's by its name. Raises NoSuchNode."""
    if Path(name).is_file():
        return Path(name)
    if name in REFERENCE:
        return _reference(name)
    raise NoSuchNode(f"{name}: no such file here; name your node's file, or one of {', '.join(REFERENCE)}")


def go_file() -> Path:
    """The node in Go. Raises NoSuchNode."""
    path = find(GO)
    if path is None:
        raise NoSuchNode(f"{GO} is not here; it lies in the folder notebooks of the kit")
    return path


def own_or_reference(*own: str) -> list[str]:
    """Your own three nodes; the reference's, and a line that says so, for each that is not here."""
    chosen = []
    for name, stand_in in zip(own or OWN, REFERENCE, strict=True):
        if not Path(name).is_file():
            print(f"{name} is not here: the reference's {stand_in} takes its place.")
        chosen.append(name if Path(name).is_file() else stand_in)
    return chosen


def whole_source(path: Path) -> str:
    """A node's source; in front of it that of the reference's node, if it is built on one."""
    source = path.read_text("utf-8")
    built_on = re.search(r"^from reference\.(with_\w+) import", source, re.M)
    return f"{_reference(f'{built_on[1]}.py').read_text('utf-8')}\n{source}" if built_on else source


def _reference(name: str) -> Path:
    spec = find_spec("reference")  # looks for it, and runs nothing of it
    folders: Sequence[str] = (spec and spec.submodule_search_locations) or ()
    for folder in folders:
        if (path := Path(folder) / name).is_file():
            return path
    raise NoSuchNode(f"{name}: the package reference is not installed; in the kit's folder: pip install -e .")

"""The corpus of races as data: nodes with one schedule-dependent bug each, and right look-alikes.

What a header says: `finds` is the code that leads (`nothing` for a right node), `misconception` the name that
the explanation must give (or `none`), `preemptions` how many the bug needs, `outcome` what goes out wrong,
`lines` the racing lines, or those where they wait, `workload` a case of the suite `interleaving` that shows
it; `suites` are those that a right node passes. Files named `kept_…` are kept aside during tuning.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RACES = Path(__file__).parent / "corpus"
_HEADER = re.compile(r"^# (\w+): (.*)$")


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the corpus."""

    path: Path
    about: str
    finds: str
    misconception: str | None = None
    preemptions: int = 0
    outcome: str = ""
    lines: tuple[int, ...] = ()
    workload: str = ""
    suites: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.path.parent.name if self.path.stem == "node" else self.path.stem

    @property
    def is_kept(self) -> bool:
        return self.id.startswith("kept_")


def nodes(kind: str) -> Iterator[Node]:
    """The nodes of a kind, `right` or `wrong`, by name. Raises KeyError where a header lacks a line.

    A node of several files is a folder of its name, with `node.py` in it.
    """
    for path in sorted([*(RACES / kind).glob("*.py"), *(RACES / kind).glob("*/node.py")]):
        header: dict[str, str] = {}
        for line in path.read_text("utf-8").split("\n"):
            match = _HEADER.match(line)
            if match is None:
                break
            header[match[1]] = match[2]
        if kind == "right":
            yield Node(path, header["corpus"], header["finds"], suites=tuple(header["suites"].split()))
        else:
            named = header["misconception"]
            yield Node(
                path,
                header["corpus"],
                header["finds"],
                None if named == "none" else named,
                int(header["preemptions"]),
                header["outcome"],
                tuple(int(line) for line in header["lines"].split()),
                header["workload"],
            )

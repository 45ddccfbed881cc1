"""The corpus as data: each node's file, the verdict it must get, and in which suites."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.conversation.submission import Submission, from_file

CORPUS = Path(__file__).parent / "corpus"
_HEADER = re.compile(r"^\W*(corpus|expect|suites|platforms|note):\s*(.*?)\W*$")


@dataclass(frozen=True)
class Node:
    """A node of the corpus: what it is, and for each suite the leading code, `passed` or `not-attempted`."""

    path: Path
    about: str
    expected: dict[str, str]

    @property
    def id(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def is_right(self) -> bool:
        return self.path.parent.name == "right"


def nodes() -> Iterator[Node]:
    """All nodes of the corpus, by name."""
    for path in sorted([*CORPUS.glob("right/*.*"), *CORPUS.glob("wrong/*.*")]):
        header: dict[str, str] = {}
        for line in path.read_text("utf-8", "replace").split("\n")[:14]:
            if match := _HEADER.match(line):
                header.setdefault(match[1], match[2])
        suites = dict((word.partition("=")[::2]) for word in header["suites"].split())
        yield Node(path, header["corpus"], {suite: code or header["expect"] for suite, code in suites.items()})


def submission(node: Node, build: Path) -> Submission | None:
    """How to start it; None where this machine lacks its language. C is compiled into `build`."""
    suffix = node.path.suffix
    if suffix == ".c":
        compiler = shutil.which("cc")
        if compiler is None:
            return None
        program = build / node.path.stem
        if not program.exists():  # and never written while it runs: the system refuses to start a busy file
            with tempfile.TemporaryDirectory(dir=build) as apart:
                made = Path(apart) / program.name
                subprocess.run([compiler, "-O1", "-pthread", "-o", made, node.path], check=True)
                made.replace(program)
        return from_file(str(program))
    interpreter = {".js": "node", ".pl": "perl", ".sh": "sh"}.get(suffix)
    if interpreter and shutil.which(interpreter) is None:
        return None
    return from_file(str(node.path))

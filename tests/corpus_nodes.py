"""The corpus as data: each node's file, the verdict it must get, and in which suites."""

import re
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.conversation.submission import Submission, from_file

CORPUS = Path(__file__).parent / "corpus"
MUTANTS = CORPUS / "wrong" / "mutants_of_right_threads.toml"
RIGHT = Path(__file__).parent / "grading" / "right_threads.py"  # what they are made from
_HEADER = re.compile(r"^\W*(corpus|expect|suites|platforms|note):\s*(.*?)\W*$")


@dataclass(frozen=True)
class Node:
    """A node of the corpus: what it is, and for each suite the leading code, `passed` or `not-attempted`.

    `text` is that of a mutant, which has no file until it is run.
    """

    path: Path
    about: str
    expected: dict[str, str]
    text: str = ""

    @property
    def id(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def is_right(self) -> bool:
        return self.path.parent.name == "right"


def nodes() -> Iterator[Node]:
    """All nodes of the corpus, by name."""
    yield from sorted([*_files(), *_mutants()], key=lambda node: node.path)


def _files() -> Iterator[Node]:
    for path in {*CORPUS.glob("right/*.*"), *CORPUS.glob("wrong/*.*")} - {MUTANTS}:
        header: dict[str, str] = {}
        for line in path.read_text("utf-8", "replace").split("\n")[:14]:
            if match := _HEADER.match(line):
                header.setdefault(match[1], match[2])
        yield Node(path, header["corpus"], _expected(header))


def _mutants() -> Iterator[Node]:
    right = RIGHT.read_text("utf-8")
    for name, mutant in tomllib.loads(MUTANTS.read_text("utf-8")).items():
        text = right
        for old, new in mutant["changes"]:
            assert text.count(old) == 1, f"{name}: {text.count(old)} times there: {old}"
            text = text.replace(old, new)
        yield Node(MUTANTS.with_name(f"{name}.py"), mutant["corpus"], _expected(mutant), text)


def _expected(header: Mapping[str, str]) -> dict[str, str]:
    suites = dict((word.partition("=")[::2]) for word in header["suites"].split())
    return {suite: code or header["expect"] for suite, code in suites.items()}


def submission(node: Node, build: Path) -> Submission | None:
    """How to start it; None where this machine lacks its language. Mutants, and C compiled, go into `build`."""
    suffix = node.path.suffix
    if node.text:
        file = build / node.path.name
        if not file.exists():
            with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=build, delete=False) as whole:
                whole.write(node.text)
            Path(whole.name).replace(file)  # another thread may start it at the same time
        return from_file(str(file))
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

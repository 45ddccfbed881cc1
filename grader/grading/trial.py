"""Trying a suite out: right nodes must pass each of its cases, and nodes that do nothing useful none."""

import importlib.util
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.cases.model import Case
from grader.conversation.submission import Submission, from_file
from grader.grading.runner import grade

REFERENCES = ("with_threads.py", "with_asyncio.py", "with_queues.py")
USELESS = {
    "a node that says nothing": "import sys; sys.stdin.read()",
    "a node that writes each line back": "import sys\nfor line in sys.stdin: print(line, end='', flush=True)",
}


def references() -> list[Submission]:
    """The reference nodes, where their package is installed: they are run, never imported."""
    spec = importlib.util.find_spec("reference")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    files = [Path(folder) / name for folder in folders for name in REFERENCES]
    return [from_file(str(file)) for file in files if file.is_file()]


def failures(cases: Sequence[Case], nodes: Sequence[Submission]) -> Iterator[tuple[Case, str]]:
    """The cases that a node fails which must pass them, and how."""
    for node in nodes:
        for result in grade(node, cases).results:
            if result.status == "failed":
                leading = result.findings[0]
                yield result.case, f"{Path(node.name).name} fails it: {leading.code}: {leading.message}"


def says_nothing(cases: Sequence[Case]) -> Iterator[tuple[Case, str]]:
    """The cases that a node passes which does nothing of what is asked."""
    for name, source in USELESS.items():
        node = Submission(name, (sys.executable, "-c", source), Path.cwd())
        for case in cases:  # one by one: where the first is not answered, no further one would be begun
            if grade(node, [case]).passed:
                yield case, f"{name} passes it: what does it test?"

"""The node in Go: built and graded where Go is installed."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from grader.notebook.cell_output import paragraphs
from grader.notebook.exercises.grading import Graded, grade
from grader.notebook.nodes.node_files import NoSuchNode, go_file
from grader.sandbox.run_folder import RunFolder


def grade_go(cases: Sequence[str] = (), suites: Sequence[str] = ()) -> Graded:
    """Build the node in Go and grade it; where that can't be done, one clear line says why."""
    go = shutil.which("go")
    if go is None:
        return _sorry("Go is not installed here, so its node is read and not run; everything else needs no Go.")
    with RunFolder() as folder:
        node = Path(folder.name) / "node"
        try:
            source = str(go_file())
        except NoSuchNode as refusal:
            return _sorry(str(refusal))
        built = subprocess.run(
            [go, "build", "-o", str(node), source],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if built.returncode:
            return _sorry(f"Go does not build its node: {built.stderr.strip()}")
        return grade([str(node)], cases, suites)


def _sorry(line: str) -> Graded:
    return Graded(line, paragraphs([line]), "node.go", False)

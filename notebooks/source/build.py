"""Builds the learner's notebooks from their sources: `python -m notebooks.source.build`.

Each is executed strictly in a folder of its own; one with a fault is not written.
"""

import sys
import tempfile
from pathlib import Path

import nbformat

from grader.reports.glossary import PAGE, page
from notebooks.source.lessons import NOTEBOOKS, build, name_of, sources, tidy
from notebooks.source.strict import run


def main() -> int:
    """Build the lessons (all, or by their numbers) and the glossary; 1 if one has a fault, which is printed."""
    status = 0
    named = sys.argv[1:]
    for source in [source for source in sources() if source.stem in (named or source.stem)]:
        notebook = build(source.read_text("utf-8"), solved=False)
        with tempfile.TemporaryDirectory() as folder:
            faults = run(notebook, Path(folder))
        if faults:
            print(f"{source.name}: not built", *faults, sep="\n  ", file=sys.stderr)
            status = 1
            continue
        path = NOTEBOOKS / name_of(notebook)
        nbformat.write(tidy(notebook), path)
        print(f"{source.name} → {path.name}")
    (NOTEBOOKS / PAGE).write_text(page(), "utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main())

"""Where the lessons' data are: sources, hints, questions, puzzles; all in one folder beside the notebooks."""

import tomllib
from pathlib import Path
from typing import Any

HOMES = (Path(__file__).parents[3] / "notebooks", Path.cwd())  # the clone's folder, else the notebook's own
LESSONS = ".source"  # hidden where files are listed: solutions and hints are no reading on the way


def find(name: str) -> Path | None:
    """A file of the notebooks; None if it is not there."""
    return next((home / name for home in HOMES if (home / name).is_file()), None)


def load(name: str) -> dict[str, Any]:
    """The content of a data file of the notebooks; nothing if it is not there."""
    path = find(name)
    return tomllib.loads(path.read_text("utf-8")) if path else {}

"""Where the notebooks' data are: hints lie beside them, the questions with their sources, in TOML."""

import tomllib
from pathlib import Path
from typing import Any

HOMES = (Path(__file__).parents[3] / "notebooks", Path.cwd())  # the clone's folder, else the notebook's own


def find(name: str) -> Path | None:
    """A file of the notebooks; None if it is not there."""
    return next((home / name for home in HOMES if (home / name).is_file()), None)


def load(name: str) -> dict[str, Any]:
    """The content of a data file of the notebooks; nothing if it is not there."""
    path = find(name)
    return tomllib.loads(path.read_text("utf-8")) if path else {}

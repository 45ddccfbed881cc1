"""The catalogue of misconceptions: what somebody who writes such a bug believes, and the fix, as texts.

When each of them is named is a pattern's matter: see `patterns`.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Misconception:
    """What one believes, what happens, the fix in a sentence and its shape, the lesson that teaches it."""

    name: str
    believes: str
    happens: str
    fix: str
    shape: str
    lesson: str


@cache
def catalogue() -> dict[str, Misconception]:
    """All of them, by name."""
    with (Path(__file__).with_name("misconceptions.toml")).open("rb") as file:
        entries = tomllib.load(file)
    return {
        name: Misconception(name, **{key: value.strip("\n") for key, value in entry.items()})
        for name, entry in entries.items()
    }

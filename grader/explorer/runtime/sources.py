"""A node's own source: its files, and the sites in them where it may touch data."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Site:
    """One access in the source. `today`: whether this Python may switch threads right before it."""

    number: int
    file: str
    line: int
    name: str  # of the attribute, method or variable
    place: str  # as the source writes it
    reads: bool
    writes: bool
    today: bool = True


class Sources:
    """The files of the node's own: the script and what it imports from beside it."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.lines: dict[str, tuple[str, ...]] = {}  # by the file's whole name

    def __contains__(self, file: str) -> bool:
        return file in self.lines

    def add(self, file: str, text: str) -> None:
        self.lines[file] = tuple(text.split("\n"))

    def short(self, file: str) -> str:
        """The file's name as people read it: relative to the node's folder."""
        name = os.path.relpath(file, self.folder)
        return os.path.basename(file) if name.startswith("..") else name

    def line(self, file: str, number: int) -> str:
        lines = self.lines.get(file, ())
        return lines[number - 1].strip() if 0 < number <= len(lines) else ""

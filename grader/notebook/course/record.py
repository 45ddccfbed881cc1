"""What is remembered of a learner, as a file of lines: each is one thing that happened, none is ever changed.

A line is appended in one write, so two kernels that work in one folder lose nothing of each other's. Before a
lesson is set up nothing is written: what happens is remembered by this kernel alone.
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

FILE = "progress.jsonl"

Noted = dict[str, Any]


class CourseRecord:
    """The record of a folder; of none, that of this kernel. `lesson` was set up last, if any was."""

    def __init__(self, path: Path | None = None, lesson: str = "") -> None:
        self.path, self.lesson = path, lesson
        self._here: list[Noted] = []

    def add(self, what: str, **of: Any) -> None:
        """Remember that this happened."""
        happened: Noted = {"what": what, **of}
        if self.path is None:
            self._here.append(happened)
            return
        with self.path.open("ab", buffering=0) as file:
            file.write(json.dumps(happened, ensure_ascii=False).encode() + b"\n")

    def read(self) -> list[Noted]:
        """All that happened, in order. A line that is no longer one is passed over."""
        if self.path is None:
            return list(self._here)
        found = []
        lines = self.path.read_text("utf-8", "replace").splitlines() if self.path.is_file() else []
        for line in lines:
            with suppress(ValueError):
                happened = json.loads(line)
                if isinstance(happened, dict) and "what" in happened:
                    found.append(happened)
        return found

    def last(self, what: str, **of: Any) -> Noted | None:
        """The last thing of this kind, with these values, that happened."""
        for happened in reversed(self.read()):
            if happened["what"] == what and all(happened.get(key) == value for key, value in of.items()):
                return happened
        return None

    def solved(self) -> set[str]:
        """The exercises that have been right, and were not begun anew after that."""
        done: set[str] = set()
        for happened in self.read():
            if happened["what"] == "solved":
                done.add(happened["ex"])
            elif happened["what"] == "reset":
                done.discard(happened["ex"])
        return done

    def predicted(self, name: str) -> str | None:
        """What was last predicted under this name, unless it was begun anew after that."""
        said: str | None = None
        for happened in self.read():
            if happened["what"] == "predicted" and happened["name"] == name:
                said = str(happened["said"])
            elif happened["what"] == "reset" and happened["ex"] == name:
                said = None
        return said


_current = CourseRecord()


def record() -> CourseRecord:
    """What this kernel remembers by."""
    return _current


def keep_in(folder: Path | None, lesson: str = "") -> CourseRecord:
    """Remember in this folder from now on; without one, in this kernel, and from the beginning."""
    global _current
    _current = CourseRecord(folder / FILE if folder else None, lesson)
    return _current

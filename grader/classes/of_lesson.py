"""What the node of a lesson should pass: its suites, and which of their cases, as its last check has them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

LESSONS = Path(__file__).with_name("lessons.toml")


class NoNodeOfLesson(Exception):
    """A lesson from which no node comes that could be graded so; the text names those that there are."""


@dataclass(frozen=True, slots=True)
class LessonNode:
    """What a lesson's node, in the file of this name, should pass; all cases but some if none are named."""

    file: str
    suites: tuple[str, ...]
    cases: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


def of_lesson(number: str) -> LessonNode:
    """What the node of this lesson should pass. Raises NoNodeOfLesson."""
    known = lesson_nodes()
    if number not in known:
        raise NoNodeOfLesson(f"expected one of {', '.join(known)}")
    return known[number]


def lesson_nodes() -> dict[str, LessonNode]:
    """Those of all lessons that end in a node, by the lesson's number."""
    told = tomllib.loads(LESSONS.read_text("utf-8"))
    return {
        number: LessonNode(
            one["file"], tuple(one["suites"]), tuple(one.get("cases", ())), tuple(one.get("but", ()))
        )
        for number, one in told.items()
    }

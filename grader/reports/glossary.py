"""The words of findings and lessons: what each means, and which are those of a finding."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_suffix(".toml")
PAGE = "glossary.md"  # beside the lessons


@dataclass(frozen=True, slots=True)
class Word:
    """A word, what it means, the lesson that teaches it, and the codes of findings that are about it."""

    word: str
    means: str
    lesson: str
    codes: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        """Where it stands on the page."""
        return self.word.replace(" ", "-")


@cache
def words() -> dict[str, Word]:
    """All words, in the order of the alphabet."""
    known = tomllib.loads(FILE.read_text("utf-8"))
    return {
        word: Word(word, of["means"], of["lesson"], tuple(of.get("codes", ()))) for word, of in known.items()
    }


def words_of(code: str) -> Sequence[Word]:
    """The words that a finding with this code is about."""
    return [word for word in words().values() if code in word.codes]


def page() -> str:
    """The glossary as it lies beside the lessons."""
    head = (
        "# Glossary\n\nThe words of the lessons and of the grader's findings. "
        '`grader explain race` says the same in a terminal, `glossary("race")` in a cell.\n'
    )
    return head + "".join(
        f"\n## {word.word}\n\n{word.means} (Lesson {word.lesson}.)\n" for word in words().values()
    )

"""Exercises on paper: lines put in an order, a rule for some jobs. Judged by reasoning; nothing is run."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from textwrap import fill
from typing import Any

from grader.notebook.cell_output import CellOutput, preformatted
from grader.notebook.exercises.lesson_files import LESSONS, load


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether something is right, and why, or why not; where nobody can tell, `half` says what is known."""

    ok: bool
    why: str
    half: str = ""


def shuffled(ex: str) -> CellOutput:
    """The lines of a puzzle, each with its letter."""
    puzzle = load(f"{LESSONS}/puzzles.toml")[ex]
    text = "\n".join(f"{letter}   {line}" for letter, line in puzzle["lines"].items())
    return CellOutput(text, preformatted(text))


def arranged(ex: str, order: str | None) -> Judged:
    """Whether these lines, by their letters, stand in an order that is right; there may be several."""
    puzzle = load(f"{LESSONS}/puzzles.toml")[ex]
    lines: dict[str, str] = puzzle["lines"]
    letters = (order or "").split()
    if not letters or not set(letters) <= set(lines) or len(set(letters)) != len(letters):
        return Judged(False, f"Write letters of {' '.join(lines)}, each at most once, with spaces between.")
    program = "\n".join(lines[letter] for letter in letters)
    wrong = next(_out_of_order(puzzle, letters), None)
    return Judged(False, f"{program}\n\n{wrong}") if wrong else Judged(True, program)


def _out_of_order(puzzle: Mapping[str, dict[str, str]], letters: list[str]) -> Iterator[str]:
    for letter, why in puzzle["unneeded"].items():
        if letter in letters:
            yield f"{letter} is not needed: {why}"
    needed = [letter for letter in puzzle["lines"] if letter not in puzzle["unneeded"]]
    for letter in needed:
        if letter not in letters:
            yield f"{letter} is missing."
    for pair, why in puzzle["before"].items():
        first, second = pair.split()
        if letters.index(first) > letters.index(second):
            yield f"{first} must come before {second}: {why}"


def reasoned(ex: str, choose: Callable[..., Any]) -> Judged:
    """Whether a rule decides all jobs of a sheet as they can be reasoned out; else the first that it does not.

    `choose` is called with what is given of a job. A job may have several right answers.
    """
    jobs = load(f"{LESSONS}/sheets.toml")[ex]
    for n, job in enumerate(jobs):
        chosen = choose(**job["given"])
        if chosen not in job["right"]:
            given = ", ".join(f"{key}={value!r}" for key, value in job["given"].items())
            head = f"{n} of {len(jobs)} as they should be. The next: {job['job']}"
            lines = (head, f"({given})", f"Yours says {chosen!r}. {job['think']}")
            return Judged(False, "\n".join(map(fill, lines)))
    return Judged(True, f"{len(jobs)} of {len(jobs)}: each as it can be reasoned out.")

"""Exercises on paper: lines put in an order, a rule for some jobs. Judged by reasoning; nothing is run."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from textwrap import fill
from typing import Any

from grader.notebook.cell_output import CellOutput, preformatted
from grader.notebook.exercises.lesson_files import LESSONS, load

KINDS: Mapping[type, str] = {int: "a whole number", str: "a word in quotes"}


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

    `choose` is called with what is given of a job. A job may have several right answers, and words of its own
    for some that are wrong.
    """
    jobs = load(f"{LESSONS}/sheets.toml")[ex]
    offered = list(dict.fromkeys(answer for job in jobs for answer in (*job["right"], *job.get("wrong", ()))))
    chosen = [_chosen(choose, job["given"]) for job in jobs]
    right = [answer in job["right"] for answer, job in zip(chosen, jobs, strict=True)]
    if all(right):
        return Judged(True, f"{len(jobs)} of {len(jobs)}: each as it can be reasoned out.")
    n = right.index(False)
    job, answer = jobs[n], chosen[n]
    given = ", ".join(f"{key}={value!r}" for key, value in job["given"].items())
    head = f"{sum(right)} of {len(jobs)} as they should be. One that is not: {job['job']}"
    if isinstance(answer, Exception):
        told = f"Yours fails with {type(answer).__name__}: {answer}. Let it give an answer for each job."
    elif answer is None:
        told = "Yours says None: there is no answer yet for this one."
    elif type(answer) is not type(offered[0]):
        told = f"Yours says {answer!r}, where {KINDS[type(offered[0])]} is asked for."
    elif isinstance(answer, str) and answer not in offered:
        told = f"Yours says {answer!r}, and that is none of {', '.join(map(repr, offered))}."
    else:
        told = f"Yours says {answer!r}. {job.get('wrong', {}).get(str(answer), job['think'])}"
    return Judged(False, "\n".join(map(fill, (head, f"({given})", told))))


def _chosen(choose: Callable[..., Any], given: Mapping[str, Any]) -> Any:
    """What the rule says of a job, or the exception with which it failed."""
    try:
        return choose(**given)
    except Exception as error:  # it is the learner's, and may fail in any way
        return error

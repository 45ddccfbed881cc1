"""Predictions: what a learner expects is stored before the run that shows it may begin, and told after it."""

from collections.abc import Sequence
from typing import Any

from grader.notebook.cell_output import CellOutput, paragraphs, shown
from grader.notebook.course.record import record
from grader.notebook.exercises.lesson_files import LESSONS, load


def predict(name: str, expected: str | None) -> None:
    """Store what you expect, so that the run of this name may begin. What is not offered is not stored."""
    said = "" if expected is None else str(expected).strip()
    letters = offered(name)
    if not said:
        print('Nothing stored yet: write what you expect in place of None, in quotes, like "a".')
        return
    if letters and said not in letters:
        print(f'Nothing stored yet: "{said}" is not offered; write one of {_quoted(letters)}.')
        return
    record().add("predicted", name=name, said=said)
    print(f"Stored: {said}. The next cell may run now.")


def predicted(name: str) -> bool:
    """Whether a prediction is stored; it is printed, so that it stands above what really happens."""
    said = record().predicted(name)
    if said is not None:
        print(f"You expected: {said}")
        return True
    print("Predict first: fill in the cell above and run it, then this one.")
    return False


def revealed(name: str, *, shows: bool = True) -> None:
    """After the run: what you said and what it was, and why. Nothing without a prediction.

    `shows` is whether the run has shown it: a node that is not done yet shows nothing.
    """
    said, known = record().predicted(name), _known(name)
    if said is None or not known:
        return
    if not shows:
        print(f'You said "{said}", and this run has not shown what it is: run it again once the node is done.')
        return
    right = known["right"]
    head = f'You said "{said}", and so it was.' if said == right else f'You said "{said}"; it was "{right}".'
    lines = [head, *known["told"].split("\n\n")]
    shown(CellOutput("\n".join(lines), f"<p><strong>{head}</strong></p>{paragraphs(lines[1:])}"))


def offered(name: str) -> Sequence[str]:
    """What can be predicted here; empty where anything may be written."""
    letters: Sequence[str] = _known(name).get("offered", ())
    return letters


def _known(name: str) -> dict[str, Any]:
    known: dict[str, Any] = load(f"{LESSONS}/predictions.toml").get(name, {})
    return known


def _quoted(letters: Sequence[str]) -> str:
    return ", ".join(f'"{letter}"' for letter in letters)

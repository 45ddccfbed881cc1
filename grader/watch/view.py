"""What is known of a watched node, and what is shown of it. Data and pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.cases.model import Case
from grader.grading.lead import lead
from grader.grading.results import Grade, Result


@dataclass(frozen=True, slots=True)
class WatchView:
    """The results by their cases' places. Those at a place in `old` are of the file as it was before.

    `hints` is how many hints are shown, `shows_all` whether passed cases are listed; `doing` says what goes on.
    """

    cases: tuple[Case, ...]
    results: Mapping[int, Result]
    old: frozenset[int] = frozenset()
    hints: int = 0
    shows_all: bool = False
    doing: str = ""
    fault: str = ""  # of ours: why the last grading came to no end
    rounds: int = 0

    @property
    def failed(self) -> list[Result]:
        """The cases that fail, as far as is known."""
        return [self.results[n] for n in sorted(self.results) if self.results[n].status == "failed"]

    @property
    def leading(self) -> Result | None:
        """The case whose failure is explained."""
        found = lead([self.results[n] for n in sorted(self.results)])
        return found.result if found else None

    @property
    def is_done(self) -> bool:
        return not self.doing and not self.fault and len(self.results) == len(self.cases) and not self.old


def begun(view: WatchView) -> WatchView:
    """The file has changed: what is known is of yesterday, and stays until it is known anew."""
    return replace(
        view, old=frozenset(view.results), hints=0, rounds=view.rounds + 1, doing="grading", fault=""
    )


def told(view: WatchView, result: Result) -> WatchView:
    """A result has come."""
    place = next(
        n for n, case in enumerate(view.cases) if (case.file, case.id) == (result.case.file, result.case.id)
    )
    return replace(view, results={**view.results, place: result}, old=view.old - {place})


def pressed(view: WatchView, key: str) -> WatchView:
    """A key that changes what is shown: `h` the next hint, `a` all cases or only those that fail."""
    if key == "h" and view.leading is not None:
        return replace(view, hints=min(view.hints + 1, len(view.leading.case.hints) + 1))
    return replace(view, shows_all=not view.shows_all) if key == "a" else view


def first_and_rest(view: WatchView) -> tuple[list[Case], list[Case]]:
    """The cases to run first, since they failed the last time, and the others."""
    failed = {n for n, result in view.results.items() if result.status == "failed"}
    first = [case for n, case in enumerate(view.cases) if n in failed]
    return first, [case for n, case in enumerate(view.cases) if n not in failed]


def as_grade(view: WatchView, name: str) -> Grade:
    """All that is known, as a grade."""
    results: Sequence[Result] = [view.results[n] for n in sorted(view.results)]
    return Grade(name, tuple(results), sum(result.case.points for result in results), 0.0)

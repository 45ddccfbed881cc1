"""The explorer's cases, explored by a thread beside the others. What it has shown is collected here."""

import threading
from collections.abc import Callable, Mapping

from grader.cases.model import Case
from grader.conversation.interrupts import Stop
from grader.conversation.submission import Submission
from grader.grading.results import Result


class Exploration:
    """Begins when it is made. `tell` is called, in its thread, for each result and at the end.

    Whoever makes it calls `stop`, on every path.
    """

    def __init__(
        self,
        submission: Submission,
        cases: Mapping[int, Case],
        budget: float,
        seed: int,
        tell: Callable[[], None],
    ) -> None:
        self.submission, self.cases, self.budget, self.seed, self.tell = submission, cases, budget, seed, tell
        self.results: dict[int, Result] = {}
        self.faults: tuple[str, ...] = ()
        self.error: BaseException | None = None  # a fault of ours
        self.is_over = False
        self._stop = Stop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it, and wait until it is gone. What it knows by then is kept."""
        if self._thread.is_alive():
            self._stop.set()
            self._thread.join()
        self._stop.close()

    def join(self) -> None:
        """Wait until it is gone by itself: what it ran holds nothing then."""
        self._thread.join()

    def _run(self) -> None:
        places = list(self.cases)

        def keep(result: Result) -> None:  # once it is interrupted, what is known comes with gaps
            place = next(place for place in places if self.cases[place] == result.case)
            places.remove(place)
            self.results[place] = result
            self.tell()

        try:
            from grader.grading.exploration import race

            explored = race(
                self.submission,
                list(self.cases.values()),
                budget=self.budget,
                seed=self.seed,
                on_result=keep,
                stop=self._stop,
            )
            self.faults = explored.faults
        except BaseException as error:
            self.error = error
        self.is_over = True
        self.tell()

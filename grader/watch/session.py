"""A session of watching: an actor. Saves, keys and results come into its mailbox; it alone draws."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Literal

from grader.cases.model import Case
from grader.conversation.submission import Submission
from grader.grading.results import Result
from grader.grading.runner import BUDGET_S, grade
from grader.watch.view import WatchView, begun, first_and_rest, pressed, told

News = tuple[Literal["saved", "key", "result", "done", "fault", "gone"], object]
SETTLES_MS = 50  # an editor may write a file in several steps


class Session:
    """One node, watched. `draw` is called whenever there is something new to see, `race` to explore it."""

    def __init__(
        self,
        submission: Submission,
        cases: Sequence[Case],
        draw: Callable[[WatchView], None],
        race: Callable[[], None],
        budget: float = BUDGET_S,
    ) -> None:
        self.submission, self.draw, self.race, self.budget = submission, draw, race, budget
        self.view = WatchView(tuple(cases), {})
        self.mailbox: SimpleQueue[News] = SimpleQueue()
        self.round: _Round | None = None

    def run(self) -> WatchView:
        """Until `q` is pressed. The view at the end."""
        self._begin()
        try:
            while True:
                kind, what = self.mailbox.get()
                if kind == "saved":
                    self._begin()
                elif kind == "key" and what == "q":
                    return self.view
                elif kind == "key" and what == "r":
                    self._race()
                elif kind == "key":
                    self.view = pressed(self.view, str(what))
                elif kind == "gone":
                    self.view = replace(self.view, doing="waiting for the file to come back")
                elif self.round is not None and isinstance(what, tuple) and what[0] is self.round:
                    self._hear(kind, what[1])
                self.draw(self.view)
        finally:
            self._stop()

    def _hear(self, kind: str, what: object) -> None:
        if isinstance(what, Result):
            self.view = told(self.view, what)
        elif kind == "done":
            self.view = replace(self.view, doing="", old=frozenset())
        elif kind == "fault":
            self.view = replace(self.view, doing="", fault=str(what))

    def _race(self) -> None:
        """Explore it; a grading that was under way begins again."""
        was_grading = bool(self.view.doing) and self.round is not None
        self._stop()
        try:
            self.race()
        except Exception as error:
            self.view = replace(self.view, fault=_told(error))
            return
        if was_grading:
            self._begin()

    def _begin(self) -> None:
        self._stop()
        self.view = begun(self.view)
        self.round = _Round(self, first_and_rest(self.view))
        self.draw(self.view)

    def _stop(self) -> None:
        if self.round is not None:
            self.round.stop()
            self.round = None
            self.view = replace(self.view, doing="")


class _Round:
    """One grading, in a thread of its own: what failed before first, then the rest."""

    def __init__(self, session: Session, parts: Iterable[Sequence[Case]]) -> None:
        self.session, self.parts = session, list(parts)
        self.lock = threading.Lock()
        self.end: Callable[[], None] | None = None
        self.is_stopped = False
        self.told: set[tuple[str, str, str]] = set()
        self.thread = threading.Thread(target=self._work)
        self.thread.start()

    def stop(self) -> None:
        """End it, and wait until no node is left."""
        with self.lock:
            self.is_stopped = True
            if self.end is not None:
                self.end()
        self.thread.join()

    def _work(self) -> None:
        news: News = ("done", (self, None))
        try:
            for cases in self.parts:
                if cases and not self.is_stopped:
                    self._grade(cases)
        except Exception as error:  # a fault of ours, or of the system: the next save is another try
            news = ("fault", (self, _told(error)))
        if not self.is_stopped:
            self.session.mailbox.put(news)

    def _grade(self, cases: Sequence[Case]) -> None:
        session = self.session
        graded = grade(
            session.submission, cases, budget=session.budget, on_begin=self._begun,
            on_settled=self._tell, on_result=self._tell,
        )  # fmt: skip
        if graded.faults:
            raise RuntimeError(graded.faults[0].strip().rpartition("\n")[2])

    def _tell(self, result: Result) -> None:
        """Once as soon as it stands; and again, if it is another one when all before it are known."""
        known = (result.case.file, result.case.id, result.status)
        if known not in self.told:
            self.told.add(known)
            self.session.mailbox.put(("result", (self, result)))

    def _begun(self, end: Callable[[], None]) -> None:
        with self.lock:
            self.end = end
            if self.is_stopped:
                end()


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}; the node is not to blame"


def saves_to(path: Path, put: Callable[[bool], None], stop: threading.Event) -> None:
    """Call `put` at each save of a file, or one beside it, until `stop` is set: True if the file is there."""
    from watchfiles import DefaultFilter, watch

    class OfNode(DefaultFilter):
        """Sources beside the node; not what it writes."""

        def __call__(self, change: object, name: str) -> bool:
            return Path(name).suffix == path.suffix and super().__call__(change, name)  # type: ignore[arg-type]

    for _ in watch(
        path.parent, watch_filter=OfNode(), stop_event=stop, debounce=SETTLES_MS, step=10, recursive=False
    ):
        put(path.is_file())

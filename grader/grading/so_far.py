"""What is known so far, for somebody who waits: what leads may stand long before its case's turn to be told."""

import threading
from collections.abc import Callable, Sequence

from grader.grading.results import Result

PATIENCE_S = 5.0  # most gradings are over by then, and tell all in its place


class SoFar:
    """Tells what is known once somebody has waited for a while, and from then on whenever more is.

    `wake` is called, in another thread, when that while is over: whoever grades then calls `news`.
    Whoever makes it calls `end`, on every path.
    """

    def __init__(
        self, tell: Callable[[Sequence[Result]], None] | None = None, wake: Callable[[], None] = lambda: None
    ) -> None:
        self.tell, self.wake = tell, wake
        self._is_late = threading.Event()
        self._timer = threading.Timer(PATIENCE_S, self._late)
        self._timer.daemon = True
        if tell:
            self._timer.start()

    def news(self, results: Sequence[Result]) -> None:
        """These are known by now."""
        if self.tell and self._is_late.is_set():
            self.tell(results)

    def end(self) -> None:
        self._timer.cancel()

    def _late(self) -> None:
        self._is_late.set()
        self.wake()

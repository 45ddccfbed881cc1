"""An event loop for the plain explorer: asyncio's own, which waits as one of a run's threads, in a run's time.

Its callbacks run in the order that asyncio gives them. That another thread has called it knows only once it
has been woken.
"""

import asyncio
import asyncio.base_events
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from tests.explorer.oracle.plain import Ended, Run


class Loop(asyncio.base_events.BaseEventLoop):
    """Has nothing to read or write, and is its own selector."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._selector = self
        self._run, self._is_woken = run, False
        self._work: deque[Callable[[], None]] = deque()  # of the pool
        self._idle = 0  # workers of the pool
        self.set_exception_handler(lambda *_: None)

    def select(self, timeout: float | None) -> list[object]:
        """Wait until it is woken, or so many seconds."""
        if timeout != 0:
            self._run.wait(lambda: self._is_woken, timeout)
        if self._run.is_over:
            raise Ended
        self._is_woken = False
        return []

    def time(self) -> float:
        return self._run.now

    def run_in_executor(self, _executor: Any, function: Callable[..., Any], *arguments: Any) -> Any:
        """In a worker of the pool: whoever is free takes what came first, as with asyncio's own."""
        future = self.create_future()

        def tell(result: object, error: Exception | None) -> None:
            if not future.done():
                future.set_exception(error) if error else future.set_result(result)

        def work() -> None:
            result = failed = None
            if future.cancelled():  # before a worker came to it
                return
            try:
                result = function(*arguments)
            except Exception as error:
                failed = error
            self.call_soon_threadsafe(tell, result, failed)

        self._work.append(work)
        if self._idle:
            self._idle -= 1
        else:
            self._run.spawn(self._serve_the_pool)
        return future

    def _serve_the_pool(self) -> None:
        while self._run.wait(lambda: bool(self._work)):
            self._work.popleft()()
            self._idle += 1

    def _process_events(self, events: list[object]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        self._is_woken = True


def serve(run: Run, begin: Callable[[], Awaitable[None]]) -> None:
    """In a new loop, until this has ended, as `asyncio.run` does it."""

    async def begun() -> None:
        await begin()

    with asyncio.Runner(loop_factory=lambda: Loop(run)) as runner:
        runner.run(begun())

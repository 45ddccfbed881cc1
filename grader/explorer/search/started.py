"""The start of a node, made once for all runs: the exploring process itself stands where the node first reads.

A tree of runs began with the node's start, again and again: most of what a search cost. All of it that comes
before the first moment at which two runs could differ is the same in each: one worker, no input, no choice. So
the exploring process makes the start itself, stops there, searches from a greenlet of its own, and its forks go
on from there. Fuzzers call this a fork server with a deferred start (AFL, 2015).
"""

from collections.abc import Callable
from typing import Any, NoReturn, cast

from greenlet import greenlet

from grader.explorer.runtime import context
from grader.explorer.runtime.interfaces import Environment, NullObserver, Program
from grader.explorer.runtime.scheduler import Chooser, Scheduler
from grader.explorer.runtime.worker import Places
from grader.explorer.trace.recorder import Recorder

Finish = Callable[[Scheduler, str], NoReturn]
MOST_SAID = 1 << 16  # bytes on stderr, until it is settled whose run it is

_here: list["Started"] = []  # the one of this process, whose forks go on from it


def started() -> "Started | None":
    """The start that this process, or the one that it was forked from, has made."""
    return _here[-1] if _here else None


class Started(Scheduler):
    """A run that is the beginning of all runs of a program, until it is told whose it is.

    `search` is called once, in a greenlet of its own, when the node has come so far; it never returns.
    """

    def __init__(self, program: Program, recorder: Recorder, search: Callable[[], NoReturn]) -> None:
        self.searching = greenlet(search)  # kept: one that nobody refers to is ended
        self.recorder = recorder
        self.is_whose = False
        self.unknown = _Unknown(self)
        unknown = cast(Environment, self.unknown)
        super().__init__(unknown, self._choose, Places(), self._finish_all, program, recorder)

    # While it is nobody's.

    def settle(self) -> None:
        if self.is_whose:
            return
        _here.append(self)
        context.end()
        self.searching.switch()
        assert self.is_whose

    def _choose(self, *_: object) -> int:
        raise AssertionError("one worker alone has no choice")

    def _finish_all(self, _: Scheduler, why: str) -> NoReturn:
        self.settle()
        self.finish(self, why)

    # In a fork.

    def go_on(
        self, environment: Environment, choose: Chooser, places: Places, finish: Finish, *, record: bool
    ) -> NoReturn:
        """Go on as this run. From the greenlet that searches, in a fork of its process."""
        self.is_whose = True
        self.environment, self.choose, self.places, self.finish = environment, choose, places, finish
        self.observer = self.recorder if record else NullObserver()
        context.begin(self)
        environment.begin()
        for data in self.unknown.said:
            environment.complain(data)
        self.workers[0].greenlet.switch()
        raise AssertionError("a run ends in finish")


class _Unknown:
    """The environment of a run that is nobody's yet: whoever needs it settles whose it is."""

    events = ()  # the recorder looks for requests among them

    def __init__(self, run: Started) -> None:
        self._run = run
        self.said: list[bytes] = []  # on stderr: whoever says that it starts has not chosen anything

    def complain(self, data: bytes) -> None:
        """Kept until somebody hears it."""
        if sum(map(len, self.said)) + len(data) <= MOST_SAID:
            self.said.append(data)
        else:
            self._run.settle()
            self._run.environment.complain(data)

    def __getattr__(self, name: str) -> Any:
        self._run.settle()
        return getattr(self._run.environment, name)

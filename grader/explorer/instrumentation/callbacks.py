"""While the library is at work it may call the node's own code, and goes on when that has returned.

A `sort` asks for keys, a heap compares, a `defaultdict` makes a value, `lru_cache` what it keeps. In between
others may run, so each call is noted while it lasts, and told once more where the node's code returns.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from grader.explorer.instrumentation.data import Touch, touch, touch_many
from grader.explorer.instrumentation.generators import GENERATORS
from grader.explorer.runtime.context import running
from grader.explorer.runtime.happens_before import ENDED_SITE, WHOLE
from grader.explorer.runtime.scheduler import Scheduler
from grader.explorer.runtime.sources import Site


def during(
    site: Site, touches: Sequence[Touch], function: Callable[..., Any], *given: Any, **named: Any
) -> Any:
    """Call this function of the library's, which has told already that it touches these."""
    under_way = running[-1].current.under_way
    under_way.append((site, touches))
    try:
        return function(*given, **named)
    finally:
        under_way.pop()


def asked(iterator: Iterator[Any], site: Site) -> Iterator[Any]:
    """The items of an iterator of the library's, which may call the node's own code for each."""
    while True:
        touch(iterator, WHOLE, site)
        try:
            item = during(site, [(iterator, WHOLE, True, True)], next, iterator)
        except StopIteration:
            return
        yield item


def returned(value: Any = None) -> Any:
    """A function of the node's own has come to its end: who called it goes on, and may be the library."""
    if running:
        run = running[-1]
        if ENDED_SITE in run.places.racy and _lets_end(run):
            run.step("leave")
        worker = run.current
        if worker.under_way and sys._getframe(2).f_code.co_filename not in run.sources:
            # A key's own hash is asked for below, which is none of theirs.
            under_way, worker.under_way = worker.under_way, []
            site, touches = under_way[-1]
            # A generator that is under way can't be resumed meanwhile.
            touch_many(site, [touched for touched in touches if not isinstance(touched[0], GENERATORS)])
            worker.under_way = under_way
    return value


def _lets_end(run: Scheduler) -> bool:
    """Whether the function that ends knows an object that others hold weakly: it may end with it."""
    return any(id(value) in run.held_weakly for value in sys._getframe(2).f_locals.values())

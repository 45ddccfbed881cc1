"""Calls of what has no probes: what each touches, by its effect, and told before it is made."""

import sys
import types
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from grader.explorer.instrumentation import effects
from grader.explorer.instrumentation.callbacks import during
from grader.explorer.instrumentation.data import (
    CONTAINERS,
    VIEWS,
    Touch,
    each_of,
    homes,
    is_watched,
    keeps_size,
    touch,
    touch_many,
    under,
)
from grader.explorer.instrumentation.effects import effect, module_of, reachable
from grader.explorer.instrumentation.known import Effect
from grader.explorer.runtime.context import scheduler
from grader.explorer.runtime.happens_before import WHOLE
from grader.explorer.runtime.sources import Site

OF_LOOPS = "asyncio.futures", "asyncio.tasks", "asyncio.locks", "asyncio.queues"  # one thread's, and unguarded
DEEPEST = 6  # containers within one another
TOO_MUCH = "it calls {name}, which may touch more than can be followed"


def called(function: Any, site: Site, spaces: dict[int, object], *, at_once: bool = False) -> Any:
    """This function, or one that does the same and tells before what it touches."""
    does = effect(function)
    if does is Effect.NONE and _is_beside_its_loop(function):
        does = Effect.SELF
    if does is Effect.NONE:
        return function
    if does is Effect.LAZY and not at_once:
        return _lazy(function, site)

    def call(*arguments: Any, **named: Any) -> Any:
        if does is Effect.LAZY and any(_is_own_code(each) or keeps_size(each) for each in arguments):
            return _lazy(function, site)(*arguments, **named)
        touches = [*_touches(does, function, (*arguments, *named.values()), site, spaces)]
        if not touches:
            return function(*arguments, **named)
        touch_many(site, touches)
        return during(site, touches, function, *arguments, **named)

    return call


def _is_beside_its_loop(function: Any) -> bool:
    """Whether this is a method of a future's, an event's or a queue's of asyncio, where no loop runs."""
    owner = getattr(function, "__self__", None)
    if not type(owner).__module__.startswith(OF_LOOPS):
        return False
    return sys.modules["asyncio"]._get_running_loop() is None


def _is_own_code(thing: object) -> bool:
    """Whether a call of this may run the node's own code."""
    return callable(thing) and not isinstance(thing, type) and effect(thing) is Effect.NONE


def _touches(
    does: Effect, function: Any, arguments: Sequence[Any], site: Site, spaces: dict[int, object]
) -> Iterator[Touch]:
    if does is Effect.REACH:
        yield from _all(function, arguments, site, writes=True)
        return
    if does is Effect.DEEP:
        yield from _all(None, arguments, site, writes=False)
        return
    if does is Effect.NAMED:
        yield from _named(function, arguments, site, spaces)
        return
    if does is Effect.FIRST and arguments:
        first, *rest = arguments
        if is_watched(first):
            yield first, WHOLE, True, True
        yield from deep_touches(rest)
        return
    yield from deep_touches(arguments)
    if does is Effect.SELF:
        owner = getattr(function, "__self__", function)
        yield owner, WHOLE, True, True
    elif does is Effect.MODULE and (variables := module_of(function)) is not None:
        yield variables, WHOLE, True, True


def _all(function: Any, arguments: Sequence[Any], site: Site, *, writes: bool) -> Iterator[Touch]:
    """All that can be reached, and of a module's function the module."""
    roots = arguments if function is None else (function, *arguments)
    try:
        for thing in reachable(roots):
            yield thing, WHOLE, True, writes
    except OverflowError:
        run = scheduler()
        run.finish(run, TOO_MUCH.format(name=site.name or "a function"))
    is_modules = isinstance(function, types.FunctionType | types.BuiltinFunctionType)
    if is_modules and function.__module__ != "builtins" and (variables := module_of(function)) is not None:
        yield variables, WHOLE, True, True


def _named(function: Any, arguments: Sequence[Any], site: Site, spaces: dict[int, object]) -> Iterator[Touch]:
    """`owner.__setattr__(name, …)` and its like."""
    owner = getattr(function, "__self__", None)
    left = list(arguments)
    if left and (owner is None or isinstance(owner, types.ModuleType)):
        owner = left.pop(0)
    if not left or not isinstance(left[0], str):
        return
    name, writes = left[0], function.__name__ not in ("__getattribute__", "getattr", "hasattr")
    for home in homes(owner, replace(site, name=name, reads=not writes, writes=writes), spaces):
        yield home, name, not writes, writes


def deep_touches(things: Iterable[Any]) -> Iterator[Touch]:
    """The containers among these, and those in them: they are read by code that has no probes."""
    left = [(each, 0) for each in things]
    seen = set[int]()
    while left:
        thing, depth = left.pop(0)
        if type(thing) in effects.ATOMS or id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, VIEWS):
            thing = under(thing)
        if is_watched(thing):
            yield thing, WHOLE, True, False
        if depth < DEEPEST and isinstance(thing, dict | list | tuple):
            inside = thing.values() if isinstance(thing, dict) else thing
            left += [(item, depth + 1) for item in list(inside) if isinstance(item, dict | list | tuple | set)]


def _lazy(function: Any, site: Site) -> Any:
    """`map`, `chain` and their like: they go through living containers while others may change them."""
    reading = replace(site, reads=True, writes=False)

    def call(*arguments: Any, **named: Any) -> Any:
        if function is reversed and isinstance(arguments[0], CONTAINERS):
            if keeps_size(arguments[0]):
                touch(arguments[0], WHOLE, reading)
            return each_of(reversed(arguments[0]), arguments[0], reading)  # type: ignore[arg-type]
        living = [each_of(each, each, reading) if _is_living(each) else each for each in arguments]
        return function(*living, **named)

    return call


def _is_living(thing: Any) -> bool:
    if isinstance(thing, types.GeneratorType):
        return is_watched(thing)  # each next value is wanted of it when the iterator is asked, not before
    return isinstance(thing, (*CONTAINERS, *VIEWS)) and not isinstance(thing, memoryview)

"""What the probes call: works out what an access or a call touches, and reports it before it happens."""

import bisect
import heapq
import itertools
import struct
import sys
import types
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from grader.explorer.instrumentation import accesses, effects, generators
from grader.explorer.instrumentation.callbacks import asked, during, returned
from grader.explorer.instrumentation.calls import called, deep_touches
from grader.explorer.instrumentation.data import (
    CONTAINERS,
    Touch,
    each_of,
    homes,
    is_container,
    is_watched,
    touch,
    touch_many,
)
from grader.explorer.instrumentation.generators import GENERATORS, Inside
from grader.explorer.instrumentation.known import Effect
from grader.explorer.instrumentation.patterns import LookedAt, Shape, looked_at
from grader.explorer.instrumentation.proxies import Bound, Called, Foreign, Items, Members, Rounds
from grader.explorer.runtime.context import running, scheduler
from grader.explorer.runtime.happens_before import WHOLE
from grader.explorer.runtime.sources import Site

BY_NAME = types.BuiltinFunctionType, types.WrapperDescriptorType
METHODS = types.BuiltinMethodType, types.MethodWrapperType
CHANGING = {
    getattr(module, name)
    for module in (bisect, heapq, struct)
    for name in accesses.CHANGING
    if hasattr(module, name)
}
# Functions that take an attribute's name, and whether they change it.
WRITES: dict[object, bool] = {
    getattr: False, hasattr: False, setattr: True, delattr: True,
    object.__getattribute__: False, object.__setattr__: True, object.__delattr__: True,
}  # fmt: skip


class Hooks:
    """The functions for one module: `namespace` is what to put into it."""

    def __init__(self, sites: list[Site], variables: dict[str, Any], spaces: dict[int, object]) -> None:
        self.sites, self.variables, self.spaces = sites, variables, spaces

    def namespace(self) -> dict[str, Any]:
        return {
            "__attribute__": self.attribute,
            "__load__": self.load,
            "__loaded__": self.loaded,
            "__implicit__": self.implicit,
            "__item__": self.item,
            "__named__": self.named,
            "__space__": self.space,
            "__spaces__": self.space_of_all,
            "__method__": self.method,
            "__whole__": self.whole,
            "__deep__": self.deep,
            "__function__": self.function,
            "__eager__": self.eager,
            "__read__": self.read,
            "__next_of__": self.next_of,
            "__entered__": self.entered,
            "__matched__": self.matched,
            "__member__": self.member,
            "__each__": self.each,
            "__variable__": self.variable,
            "__stored__": self.stored,
            "__cell__": self.cell,
            "__kept__": self.kept,
            "__returned__": returned,
            "__round__": self.round,
            "__rounds__": self.rounds,
            "__begun__": self.begun,
            "__left__": self.left,
            "__resumed__": self.resumed,
            "__delegated__": self.delegated,
        }

    # Attributes.

    def attribute(self, owner: Any, number: int) -> Any:
        """Before `owner.name`, for any plain attribute; properties and methods are no data."""
        if running:
            self._touch_attribute(owner, self.sites[number])
        return owner

    def _touch_attribute(self, owner: Any, site: Site) -> None:
        if site.name == "__dict__":
            touch(owner, WHOLE, site)
            return
        for home in homes(owner, site, self.spaces):
            touch(home, site.name, site)

    def load(self, owner: Any, number: int) -> Any:
        """`owner.name`, never assigned in the node's source: only the library's objects can change theirs."""
        site = self.sites[number]
        if not running:
            return getattr(owner, site.name)
        if effects.fills(type(owner), site.name):
            return self._filled(owner, site)
        if effects.is_foreign(owner) or (
            isinstance(owner, types.ModuleType) and id(vars(owner)) in self.spaces
        ):
            self._touch_attribute(owner, site)
        value = getattr(owner, site.name)
        return self._bound(value, site) if isinstance(value, METHODS) else value

    def loaded(self, owner: Any, number: int) -> Any:
        """`owner.name`, which may change."""
        site = self.sites[number]
        if not running:
            return getattr(owner, site.name)
        if effects.fills(type(owner), site.name):
            return self._filled(owner, site)
        self._touch_attribute(owner, site)
        value = getattr(owner, site.name)
        return self._bound(value, site) if isinstance(value, METHODS) else value

    def _filled(self, owner: Any, site: Site) -> Any:
        """The value of a `cached_property`: it is made, and kept, where it isn't there yet."""
        site = replace(site, writes=site.name not in vars(owner))
        self._touch_attribute(owner, site)
        touches = [(home, site.name, True, site.writes) for home in homes(owner, site, self.spaces)[:1]]
        return during(site, touches, getattr, owner, site.name)

    def _bound(self, method: Any, site: Site) -> Any:
        if isinstance(method.__self__, types.ModuleType | type) or method.__self__ is None:
            return method
        if is_container(method.__self__):
            writes = method.__name__ not in accesses.READING
            site = replace(site, reads=True, writes=writes)
            return Bound(method, getattr(Called(method.__self__, site), method.__name__))
        call = called(method, replace(site, writes=True), self.spaces)
        return method if call is method else Bound(method, call)

    def implicit(self, owner: Any, number: int) -> Any:
        """Before `owner.__code__ = …` and the like, which the interpreter reads where no source shows it."""
        if running:
            run = scheduler()
            run.finish(run, f"it changes {self.sites[number].name}, which is looked at where nobody sees it")
        return owner

    def named(self, function: Any, number: int) -> Any:
        """Before `getattr(owner, name)` and the like, and `vars(owner)`."""
        if not running:
            return function
        if function is vars:
            return lambda owner: vars(self.space(owner))
        if not isinstance(function, BY_NAME) or function not in WRITES:
            return self.function(function, number)
        site, writes = self.sites[number], WRITES[function]

        def call(owner: Any, name: str, *value: Any) -> Any:
            if writes and isinstance(owner, types.ModuleType) and id(vars(owner)) in self.spaces:
                run = scheduler()
                run.finish(run, "it sets a variable of a module by name")
            place = f"{site.place}.{name}"
            self._touch_attribute(owner, replace(site, name=name, place=place, reads=not writes, writes=writes))
            return function(owner, name, *value)

        return call

    def space(self, owner: Any) -> Any:
        """Before `owner.__dict__`: what is done to it is done to the owner's attributes."""
        own = getattr(owner, "__dict__", None)
        if isinstance(own, dict):
            self.spaces.setdefault(id(own), owner)
        return owner

    def space_of_all(self, own: Any) -> Any:
        """Before `owner.__dict__ = own`: several objects may share that dict."""
        if isinstance(own, dict):
            self.spaces[id(own)] = own
        return own

    def matched(self, subject: Any, spec: Shape, number: int, *_: object) -> Any:
        """Before the subject of a `match` statement is tested against a pattern of this shape."""
        if running:
            site = self.sites[number]
            steps = [touches for step in looked_at(subject, spec) if (touches := self._of_step(step, site))]
            run = scheduler()
            if len(steps) > 1 and number in run.places.racy:
                run.finish(
                    run, "a pattern looks more than once at what others change, and is taken as one step"
                )
            if steps:
                touch_many(site, itertools.chain.from_iterable(steps))
        return subject

    def _of_step(self, step: LookedAt, site: Site) -> list[Touch]:
        owner, names = step
        touches: list[Touch] = []
        for name in names:
            if name is None:
                touches += [(owner, WHOLE, True, False)] if is_watched(owner) else []
            else:
                at = replace(site, name=name)
                touches += [(home, name, True, False) for home in homes(owner, at, self.spaces)]
        return touches

    # Containers.

    def item(self, owner: Any, number: int) -> Any:
        """Before `owner[…]`."""
        if running and (isinstance(owner, CONTAINERS) or effects.is_foreign(owner)):
            return Items(owner, self.sites[number])
        return owner

    def method(self, owner: Any, number: int) -> Any:
        """Before `owner.append(…)` and the like."""
        if not running:
            return owner
        if is_container(owner):
            return Called(owner, self.sites[number])
        return Foreign(owner, self.sites[number], self._called) if effects.has_foreign_methods(owner) else owner

    def _called(self, function: Any, site: Site) -> Any:
        return called(function, site, self.spaces)

    def whole(self, owner: Any, number: int) -> Any:
        """Before `len(owner)`, `list(owner)` and the like."""
        if running and is_watched(owner):
            touch(owner, WHOLE, self.sites[number])
        return owner

    def deep(self, owner: Any, number: int) -> Any:
        """Before uninstrumented code reads `owner` and everything reachable from it."""
        if running and type(owner) not in effects.ATOMS:
            site = self.sites[number]
            if touches := [*deep_touches([owner])]:
                touch_many(site, touches)
        return owner

    def member(self, owner: Any, number: int) -> Any:
        """Before `x in owner`."""
        if running and (isinstance(owner, CONTAINERS) or effects.is_foreign(owner)):
            return Members(owner, self.sites[number])
        return owner

    def each(self, owner: Any, number: int) -> Any:
        """`for … in owner`: each round reads it."""
        if running and is_watched(owner) and not isinstance(owner, itertools.count):
            if effects.is_foreign(owner) and hasattr(type(owner), "__next__"):
                return asked(owner, self.sites[number])
            return each_of(owner, owner, self.sites[number])
        return owner

    def entered(self, owner: Any, number: int) -> Any:
        """Before `with owner:`; what `__enter__` of a library's object does is not known."""
        if (
            running
            and effects.is_foreign(owner)
            and effects.of_method(type(owner), "__enter__") is not Effect.NONE
        ):
            touch(owner, WHOLE, self.sites[number])
        return owner

    # Calls.

    def function(self, function: Any, number: int) -> Any:
        """Before `function(…)`: unless it is instrumented itself, its effect is reported when it is called."""
        if not running:
            return function
        site = self.sites[number]
        if isinstance(function, METHODS):
            if is_container(function.__self__):
                return getattr(Called(function.__self__, site), function.__name__)
            if function in CHANGING or function.__name__ in accesses.CHANGING:
                return _changing(function, site)
            if function is iter:
                return self._iterated(number)
            if function is eval or function is exec:
                return self._run(function, site)
        return called(function, site, self.spaces)

    def eager(self, function: Any, number: int) -> Any:
        """Before a call whose lazy result is consumed at once."""
        if not running:
            return function
        if effects.effect(function) is Effect.LAZY:
            return called(function, self.sites[number], self.spaces, at_once=True)
        return self.function(function, number)

    def read(self, function: Any, number: int) -> Any:
        """Before a call whose arguments have already been reported as read."""
        if not running or effects.effect(function) in (Effect.READS, Effect.NONE):
            return function
        return self.function(function, number)

    def next_of(self, function: Any, number: int) -> Any:
        """Before `next(owner)`, which has been reported: a library's iterator may call the node's own code."""
        if not running or function is not next:
            return function
        site = self.sites[number]

        def call(owner: Any, *default: Any) -> Any:
            if not effects.is_foreign(owner):
                return next(owner, *default)
            return during(site, [(owner, WHOLE, True, True)], next, owner, *default)

        return call

    def _iterated(self, number: int) -> Any:
        return lambda owner, *end: iter(owner, *end) if end else iter(self.each(owner, number))

    def _run(self, function: Any, site: Site) -> Any:
        """`exec` and `eval`: uninstrumented code may read and write all variables that it is given."""

        def call(source: Any, *spaces: Any, **named: Any) -> Any:
            frame = sys._getframe(1)
            if not spaces and not named:
                spaces = frame.f_globals, frame.f_locals
            touch_many(site, [(space, WHOLE, True, True) for space in spaces if isinstance(space, dict)])
            return function(source, *spaces, **named)

        return call

    # Generators.

    def delegated(self, owner: Any, inside: Inside, number: int) -> Any:
        """`yield from owner`: a generator is resumed without us, so it is reported once, at the start."""
        self.left(None, inside, number)
        return self.whole(owner, number) if isinstance(owner, GENERATORS) else self.each(owner, number)

    def rounds(self, owner: Any, number: int) -> Any:
        """`async for … in owner`: each round resumes it."""
        if isinstance(owner, types.AsyncGeneratorType) and is_watched(owner) and running:
            return Rounds(owner, self.sites[number])
        return owner

    def begun(self, number: int) -> Inside:
        """A generator begins: what stands for all that it keeps."""
        inside = generators.begun()
        self.resumed(None, inside, number)
        return inside

    def resumed(self, sent: Any, inside: Inside, number: int) -> Any:
        """A generator is resumed by `send(sent)` or `next`."""
        if running:
            generators.resumed(inside, self.sites[number])
        return sent

    def left(self, value: Any, inside: Inside, number: int) -> Any:
        """A generator is about to yield `value`, or to end: after this any worker may resume it."""
        if running:
            generators.left(inside, self.sites[number])
        return value

    # Variables.

    def variable(self, number: int) -> None:
        """Before a variable of the module that functions share is touched."""
        if running:
            site = self.sites[number]
            touch(self.variables, site.name, site)

    def stored(self, value: Any, number: int) -> Any:
        """Before such a variable is bound to `value`."""
        self.variable(number)
        return value

    def cell(self, of: Callable[[], object], number: int) -> None:
        """Before a function's variable is touched that functions inside of it share."""
        if running:
            site = self.sites[number]
            cell = (of.__closure__ or (None,))[0]
            touch(cell, site.name, site)

    def kept(self, value: Any, of: Callable[[], object], number: int) -> Any:
        """Before such a variable is bound to `value`."""
        self.cell(of, number)
        return value

    def round(self) -> None:
        """One round of a `while` loop: a busy loop must let others have their turn."""
        if running:
            scheduler().step("loop", point=False)


def _changing(function: Callable[..., Any], site: Site) -> Callable[..., Any]:
    """This function; the container that it changes is reported once all arguments have been evaluated."""

    def call(*arguments: Any, **named: Any) -> Any:
        touches = [(each, WHOLE, site.reads, site.writes) for each in arguments[:2] if is_watched(each)][:1]
        touch_many(site, touches)
        return during(site, touches, function, *arguments, **named)

    return call

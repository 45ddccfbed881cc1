"""What the probes call: finds out which datum an access touches, and tells the scheduler before it happens."""

import _threading_local
import array
import bisect
import collections
import gc
import heapq
import io
import itertools
import struct
import types
from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from typing import Any

from grader.explorer.instrumentation import accesses, generators
from grader.explorer.instrumentation.generators import GENERATORS, Inside
from grader.explorer.runtime.context import running, scheduler
from grader.explorer.runtime.happens_before import WHOLE
from grader.explorer.runtime.sources import Site

CONTAINERS = (
    dict, list, set, collections.deque, bytearray, memoryview, itertools.count, io.StringIO, io.BytesIO,
    array.array,
)  # fmt: skip
VIEWS: tuple[type, ...] = (type({}.items()), type({}.keys()), type({}.values()))
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
DEEPEST = 6  # containers within one another
KEYED = {"get", "pop", "setdefault"}


class Hooks:
    """The functions for one module: `namespace` is what to put into it."""

    def __init__(self, sites: list[Site], variables: dict[str, Any], spaces: dict[int, object]) -> None:
        self.sites, self.variables, self.spaces = sites, variables, spaces

    def namespace(self) -> dict[str, Any]:
        return {
            "__attribute__": self.attribute,
            "__item__": self.item,
            "__named__": self.named,
            "__space__": self.space,
            "__spaces__": self.space_of_all,
            "__method__": self.method,
            "__whole__": self.whole,
            "__deep__": self.deep,
            "__function__": self.function,
            "__member__": self.member,
            "__each__": self.each,
            "__variable__": self.variable,
            "__stored__": self.stored,
            "__round__": self.round,
            "__rounds__": self.rounds,
            "__begun__": self.begun,
            "__left__": self.left,
            "__resumed__": self.resumed,
            "__delegated__": self.delegated,
        }

    def attribute(self, owner: Any, number: int) -> Any:
        """Before `owner.name`, for any plain attribute; properties and methods are no data."""
        if running:
            self._touch_attribute(owner, self.sites[number])
        return owner

    def _touch_attribute(self, owner: Any, site: Site) -> None:
        for home in self._homes(owner, site):
            touch(home, site.name, site)

    def named(self, function: Any, number: int) -> Any:
        """Before `getattr(owner, name)` and the like, and `vars(owner)`."""
        if not running:
            return function
        if function is vars:
            return lambda owner: vars(self.space(owner))
        if not isinstance(function, BY_NAME) or function not in WRITES:
            return function
        site, writes = self.sites[number], WRITES[function]

        def call(owner: Any, name: str, *value: Any) -> Any:
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
        """Before `owner.__dict__ = own`: it may become that of others, too."""
        if isinstance(own, dict):
            self.spaces[id(own)] = own
        return own

    def _homes(self, owner: Any, site: Site) -> tuple[object, ...]:
        """Whose attribute it is: the object's, or its class's, and then it may become the object's."""
        name = site.name
        if isinstance(owner, types.ModuleType):
            variables = vars(owner)
            return (variables,) if id(variables) in self.spaces else ()
        own = getattr(owner, "__dict__", None)
        if isinstance(owner, _threading_local.local):
            # Each thread has its own attributes, which a loop's tasks share; those of the class are for all.
            if site.writes or name in (own or ()):
                return (own,) if scheduler().takes_arrivals else ()
            return tuple(base for base in type(owner).__mro__ if name in vars(base))[:1]
        home = self.spaces.get(id(own), owner)
        if own is not None and name in own:
            return () if isinstance(owner, type) and callable(own[name]) else (home,)
        for base in type(owner).__mro__:
            if name in vars(base):
                kind = vars(base)[name]
                if isinstance(kind, types.MemberDescriptorType):
                    return (owner,)
                if hasattr(kind, "__get__"):
                    return ()
                return (home,) if site.writes else (home, base)
        return (home,) if site.writes else ()

    def item(self, owner: Any, number: int) -> Any:
        """Before `owner[…]`."""
        if isinstance(owner, CONTAINERS) and running:
            return _Items(owner, self.sites[number])
        return owner

    def method(self, owner: Any, number: int) -> Any:
        """Before `owner.append(…)` and the like."""
        if not is_watched(owner) or not running:
            return owner
        return _Called(owner, self.sites[number])

    def whole(self, owner: Any, number: int) -> Any:
        """Before `len(owner)`, `list(owner)` and the like."""
        if isinstance(owner, VIEWS) and running:
            touch(_under(owner), WHOLE, self.sites[number])
        elif is_watched(owner) and running:
            touch(owner, WHOLE, self.sites[number])
        return owner

    def function(self, function: Any, number: int) -> Any:
        """Before `function(…)`, which may be a container's method, or change an argument in C."""
        if isinstance(function, METHODS) and running:
            if is_watched(function.__self__):
                return getattr(_Called(function.__self__, self.sites[number]), function.__name__)
            if function in CHANGING or function.__name__ in accesses.CHANGING:
                return _changing(function, self.sites[number])
            if function is iter:
                return self._iterated(number)
        return function

    def _iterated(self, number: int) -> Any:
        return lambda owner, *end: iter(owner, *end) if end else iter(self.each(owner, number))

    def deep(self, owner: Any, number: int) -> Any:
        """Before code without probes reads `owner` and all that is in it."""
        if running:
            self._touch_all(owner, self.sites[number], 0)
        return owner

    def _touch_all(self, owner: Any, site: Site, depth: int) -> None:
        if is_watched(owner):
            touch(owner, WHOLE, site)
        if depth < DEEPEST and isinstance(owner, dict | list | tuple):
            for item in list(owner.values() if isinstance(owner, dict) else owner):
                if isinstance(item, dict | list | tuple | set):
                    self._touch_all(item, site, depth + 1)

    def member(self, owner: Any, number: int) -> Any:
        """Before `x in owner`."""
        if isinstance(owner, CONTAINERS) and running:
            return _Members(owner, self.sites[number])
        return owner

    def each(self, owner: Any, number: int) -> Any:
        """`for … in owner`: each round reads it."""
        if is_watched(owner) and not isinstance(owner, itertools.count) and running:
            return self._each(owner, owner, self.sites[number])
        if isinstance(owner, VIEWS) and running:
            return self._each(owner, _under(owner), self.sites[number])
        return owner

    def _each(self, items: Any, owner: object, site: Site) -> Iterator[Any]:
        iterator = iter(items)
        while True:
            touch(owner, WHOLE, site)
            try:
                item = next(iterator)
            except StopIteration:
                return
            yield item

    def delegated(self, owner: Any, inside: Inside, number: int) -> Any:
        """`yield from owner`: a generator goes on by itself, so it is touched where that begins."""
        self.left(None, inside, number)
        return self.whole(owner, number) if isinstance(owner, GENERATORS) else self.each(owner, number)

    def rounds(self, owner: Any, number: int) -> Any:
        """`async for … in owner`: each round makes it go on."""
        if isinstance(owner, types.AsyncGeneratorType) and is_watched(owner) and running:
            return _Rounds(owner, self.sites[number])
        return owner

    def begun(self, number: int) -> Inside:
        """A generator begins: what stands for all that it keeps."""
        inside = Inside()
        self.resumed(None, inside, number)
        return inside

    def resumed(self, sent: Any, inside: Inside, number: int) -> Any:
        """A generator goes on, behind a `yield` that has brought `sent`."""
        if running:
            generators.resumed(inside, self.sites[number])
        return sent

    def left(self, value: Any, inside: Inside, number: int) -> Any:
        """A generator is about to bring `value`, or to end: from now on others may make it go on."""
        if running:
            generators.left(inside, self.sites[number])
        return value

    def variable(self, number: int) -> None:
        """Before a variable that functions share is read."""
        if running:
            site = self.sites[number]
            touch(self.variables, site.name, site)

    def stored(self, value: Any, number: int) -> Any:
        """Before such a variable is bound to `value`."""
        self.variable(number)
        return value

    def round(self) -> None:
        """A `while` loop goes round: if it does so for ever, others must get their turn."""
        if running:
            scheduler().step("loop", point=False)


def is_watched(owner: object) -> bool:
    """Whether it holds data that a method or a function in C touches: a container, or a generator of theirs."""
    if isinstance(owner, GENERATORS):
        return generators.has_probes(owner)
    return isinstance(owner, CONTAINERS)


def touch(owner: object, name: Hashable, site: Site) -> None:
    """The current worker is about to touch this datum."""
    run = running[-1]
    if isinstance(owner, GENERATORS):
        generators.resume(owner, site)
        return
    if isinstance(owner, memoryview):
        owner = owner.obj
        if not is_watched(owner):
            return
    whose = run.program.spaces.get(id(owner))
    if whose is not None and name is WHOLE:
        run.sleepers.touch_all()
    elif whose is not None and isinstance(name, tuple):
        name = name[1]
        site = replace(site, place=f"{site.place}[{name!r}]")
    owner = owner if whose is None else whose
    datum = run.access(owner, name, site.number, reads=site.reads, writes=site.writes)
    run.observer.access(owner, name, site, datum)


def _under(view: Any) -> object:
    """The dict that a view shows."""
    return next(item for item in gc.get_referents(view) if isinstance(item, dict))


def _key(owner: object, key: Any) -> Hashable:
    if not isinstance(owner, dict):
        return WHOLE
    try:
        hash(key)
    except TypeError:
        return WHOLE
    return ("key", key)


class _Items:
    """Stands for a container while one item of it is read, written or deleted."""

    __slots__ = ("owner", "site")

    def __init__(self, owner: Any, site: Site) -> None:
        self.owner, self.site = owner, site

    def __getitem__(self, key: Any) -> Any:
        touch(self.owner, _key(self.owner, key), self.site)
        return self.owner[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        touch(self.owner, _key(self.owner, key), self.site)
        self.owner[key] = value

    def __delitem__(self, key: Any) -> None:
        touch(self.owner, _key(self.owner, key), self.site)
        del self.owner[key]


def _changing(function: Callable[..., Any], site: Site) -> Callable[..., Any]:
    """This function, with the container that it changes touched once all arguments are there."""

    def call(*arguments: Any, **named: Any) -> Any:
        for changed in [each for each in arguments[:2] if is_watched(each)][:1]:
            touch(changed, WHOLE, site)
        return function(*arguments, **named)

    return call


class _Called:
    """Stands for a container while a method of it is called: it is touched once the arguments are there."""

    __slots__ = ("_owner", "_site")

    def __init__(self, owner: Any, site: Site) -> None:
        self._owner, self._site = owner, site

    def __getattr__(self, name: str) -> Any:
        owner, method = self._owner, getattr(self._owner, name)

        def call(*arguments: Any, **named: Any) -> Any:
            keyed = isinstance(owner, dict) and name in KEYED and arguments
            touch(owner, _key(owner, arguments[0]) if keyed else WHOLE, self._site)
            return method(*arguments, **named)

        return call


class _Members:
    """Stands for a container while it is asked whether it has an item."""

    __slots__ = ("owner", "site")

    def __init__(self, owner: Any, site: Site) -> None:
        self.owner, self.site = owner, site

    def __contains__(self, item: Any) -> bool:
        touch(self.owner, _key(self.owner, item), self.site)
        return item in self.owner


class _Rounds:
    """Stands for a generator of an event loop's while a loop goes through it."""

    __slots__ = ("owner", "site")

    def __init__(self, owner: Any, site: Site) -> None:
        self.owner, self.site = owner, site

    def __aiter__(self) -> "_Rounds":
        return self

    def __anext__(self) -> Any:
        touch(self.owner, WHOLE, self.site)
        return self.owner.__anext__()

"""Which datum an access touches, and whose it is; the scheduler is told before it happens."""

import _threading_local
import array
import collections
import gc
import io
import itertools
import sys
import types
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from grader.explorer.instrumentation import effects, generators
from grader.explorer.instrumentation.generators import GENERATORS
from grader.explorer.runtime.context import running, scheduler
from grader.explorer.runtime.happens_before import WHOLE
from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.sources import Site

CONTAINERS = (
    dict, list, set, collections.deque, bytearray, memoryview, itertools.count, io.StringIO, io.BytesIO,
    array.array,
)  # fmt: skip
VIEWS: tuple[type, ...] = (
    type({}.items()), type({}.keys()), type({}.values()), types.MappingProxyType,
)  # fmt: skip
WEAK = "weakref", "_weakrefset"  # of these are the classes whose objects hold others weakly
STREAMS = {"stdout", "stderr", "stdin"}
_SYS = vars(sys)
Touch = tuple[object, Hashable, bool, bool]  # owner, what of it, whether it is read, and written


def is_watched(owner: object) -> bool:
    """Whether it holds data that a method or a function in C touches: a container, an object of the library's,
    or a generator of theirs."""
    if isinstance(owner, GENERATORS):
        return generators.has_probes(owner)
    return isinstance(owner, CONTAINERS) or effects.is_foreign(owner)


def is_container(owner: object) -> bool:
    return isinstance(owner, CONTAINERS) or (isinstance(owner, GENERATORS) and generators.has_probes(owner))


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
    elif isinstance(owner, VIEWS):
        owner = under(owner)
    whose = run.program.spaces.get(id(owner))
    if whose is not None and name is WHOLE:
        run.sleepers.touch_all()
    elif whose is not None and isinstance(name, tuple):
        name = name[1]
        site = replace(site, place=f"{site.place}[{name!r}]")
    owner = owner if whose is None else whose
    datum = run.access(owner, name, site.number, reads=site.reads, writes=site.writes)
    kind = None
    if run.lets_go and type(owner).__module__ in WEAK:
        kind = Resource.WEAK
        run.look_whether_it_lives(site.number)
    elif owner is _SYS and name in STREAMS:
        kind = Resource.STREAM
    run.observer.access(owner, name, site, datum, kind=kind)


def touch_many(site: Site, touches: Iterable[Touch]) -> None:
    """The current worker is about to touch all of these at once: there is one point, before."""
    run = scheduler()
    if site.number in run.places.racy:
        run.touching = site.number
        run.step("touch")
        run.touching = -1
    run.quiet += 1
    try:
        for owner, name, reads, writes in touches:
            touch(owner, name, replace(site, reads=reads, writes=writes))
    finally:
        run.quiet -= 1


def under(view: Any) -> object:
    """The dict that a view shows, or what a read-only view of another kind does."""
    return next(iter(gc.get_referents(view)))


def key_of(owner: object, key: Any) -> Hashable:
    """What of a container an item of it is."""
    if isinstance(owner, types.MappingProxyType):
        owner = under(owner)
    if not isinstance(owner, dict):
        return WHOLE
    try:
        hash(key)
    except TypeError:
        return WHOLE
    return ("key", key)


def keeps_size(owner: object) -> bool:
    """Whether an iterator of it remembers how large it was, and fails if it is another size then."""
    return isinstance(under(owner) if isinstance(owner, VIEWS) else owner, dict | set | collections.deque)


def each_of(items: Any, owner: object, site: Site) -> Iterator[Any]:
    """The items of a container, touched before each; and before all, if its iterator keeps its size."""
    if keeps_size(owner):
        touch(owner, WHOLE, site)
    iterator = iter(items)
    while True:
        touch(owner, WHOLE, site)
        try:
            item = next(iterator)
        except StopIteration:
            return
        yield item


def homes(owner: Any, site: Site, spaces: dict[int, object]) -> tuple[object, ...]:
    """Whose attribute it is: the object's, or its class's, and then it may become the object's."""
    name = site.name
    if isinstance(owner, types.ModuleType):
        return (vars(owner),)
    own = getattr(owner, "__dict__", None)
    if isinstance(owner, _threading_local.local):
        # Each thread has its own attributes, which a loop's tasks share; those of the class are for all.
        if site.writes or name in (own or ()):
            return (own,) if scheduler().takes_arrivals else ()
        return tuple(base for base in type(owner).__mro__ if name in vars(base))[:1]
    home = spaces.get(id(own), owner)
    if isinstance(owner, type):
        bases = owner.__mro__ if not site.writes else (owner,)
        found = next((base for base in bases if name in vars(base)), None)
        return (owner,) if found is None or found is owner else (owner, found)
    if effects.is_foreign(owner):
        return (owner,)
    if own is not None and name in own:
        return (home,)
    for base in type(owner).__mro__:
        if name in vars(base):
            kind = vars(base)[name]
            if isinstance(kind, types.MemberDescriptorType | types.GetSetDescriptorType):
                return (owner,)
            if isinstance(kind, property):  # what it looks at has probes
                return () if site.writes else (base,)
            return (home,) if site.writes else (home, base)
    return (home,)  # nowhere yet, or no more: whoever looks for it depends on that

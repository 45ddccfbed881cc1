"""The lives of objects: the explorer keeps none alive whose end the node could notice.

The collector is off, since it would run the node's code anywhere. So what only it would end is looked for when
a run is over; if the node could notice, nothing is known.
"""

import _weakrefset
import gc
import weakref
from collections.abc import Callable
from typing import Any

from grader.explorer.runtime import originals
from grader.explorer.runtime.context import is_running, scheduler
from grader.explorer.runtime.interfaces import Program

NOTICE = {"__del__", "weakref", "finalize", "getrefcount", "get_referrers"}  # how an end is noticed
WAITS = "it depends on when Python's collector frees an object of {name}"


def matter(program: Program) -> bool:
    """Whether the node may notice that an object has ended."""
    return bool(program.words & NOTICE)


def waits_for_the_collector(program: Program) -> str:
    """Why garbage in cycles matters, if the node could notice when it is collected; else empty."""
    if not matter(program):
        return ""
    if is_running():
        scheduler().held_weakly.clear()  # what ends now ends behind the run
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    for thing in gc.garbage:
        kind = type(thing)
        is_noticed = hasattr(kind, "__del__") or weakref.getweakrefcount(thing) > 0
        if kind.__module__ in program.modules and is_noticed:
            return WAITS.format(name=kind.__qualname__)
    return ""


class _Kind(type):
    """As which objects count: those that the library makes are of its own class."""

    def __instancecheck__(cls, thing: object) -> bool:
        return isinstance(thing, _REF) if cls is Ref else super().__instancecheck__(thing)

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, _REF) if cls is Ref else super().__subclasscheck__(kind)


_REF: Any = weakref.ref
_PROXY = weakref.proxy
Callback = Callable[[Any], object] | None


class Ref(_REF, metaclass=_Kind):  # type: ignore[misc]
    """`weakref.ref`, by which the library's weak containers hold things, too: their ends are told."""

    __slots__ = ()

    def __new__(cls, thing: Any, callback: Callback = None) -> Any:
        made = _REF.__new__(_REF if cls is Ref else cls, thing, callback)
        _note(thing)
        return made


Ref.__module__, Ref.__qualname__, Ref.__name__ = _REF.__module__, _REF.__qualname__, _REF.__name__


def proxy(thing: Any, callback: Callback = None) -> Any:
    """`weakref.proxy`."""
    made = _PROXY(thing, callback) if callback else _PROXY(thing)
    _note(thing)
    return made


def _note(thing: object) -> None:
    if is_running():
        run, kind = scheduler(), type(thing).__name__
        run.hold_weakly(thing, lambda: run.observer.note("free", value=kind))


def install(program: Program) -> None:
    """Put the stand-ins into `weakref`, and where its containers have them from."""
    if matter(program):
        originals.put(weakref, ref=Ref, proxy=proxy)
        originals.put(_weakrefset, ref=Ref)

"""What a call does, as far as it is known, and what it can reach."""

import collections
import functools
import gc
import os
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any

from grader.explorer.instrumentation import accesses
from grader.explorer.instrumentation.known import FUNCTIONS, METHODS, MODULES, OF_OBJECTS, Effect
from grader.explorer.runtime.context import scheduler

_OURS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + os.sep
MOST = 2_000  # objects that are looked at, then a call reaches more than can be followed

# Values that never change, and what is no data.
ATOMS = {
    int, float, complex, bool, str, bytes, type(None), type(Ellipsis), type(NotImplemented), range, slice,
    types.CodeType, types.ModuleType, types.FrameType, types.TracebackType, types.GenericAlias,
    types.GetSetDescriptorType, types.MemberDescriptorType, types.WrapperDescriptorType,
    types.MethodDescriptorType, types.ClassMethodDescriptorType, property, staticmethod, classmethod,
    types.CellType, types.GeneratorType, types.AsyncGeneratorType, types.CoroutineType,
}  # fmt: skip
WITHIN = {tuple, frozenset, types.MethodType, functools.partial}  # they don't change, but what is in them may
CONTAINERS = dict, list, set, bytearray, collections.deque

_effects: dict[object, Effect] = {}
_own: dict[type, bool] = {}
_foreign_methods: dict[type, bool] = {}
_filled: dict[tuple[type, str], bool] = {}


def is_own(kind: type) -> bool:
    """Whether a class is the node's own, or made from one: its methods have probes."""
    known = _own.get(kind)
    if known is None:
        program = scheduler().program
        known = _own[kind] = any(
            base.__module__ in program.modules or base in program.mentioned for base in kind.__mro__
        )
    return known


def is_ours(kind: type) -> bool:
    """Whether a class is a stand-in, or made from one and no more."""
    return any(base.__module__.startswith("grader.") for base in kind.__mro__)


def is_foreign(owner: object) -> bool:
    """Whether something is the library's, may change, and has no probes."""
    kind = type(owner)
    if kind in ATOMS or kind in WITHIN or isinstance(owner, type) or kind in CALLED:
        return False
    return not is_own(kind) and not is_ours(kind)


def has_foreign_methods(owner: object) -> bool:
    """Whether a method of this may be the library's, and touch what can change."""
    kind = type(owner)
    known = _foreign_methods.get(kind)
    if known is None:
        bases = {base for base in kind.__mro__ if base is not object}
        known = kind is types.ModuleType or isinstance(owner, type)
        known = known or (not is_own(kind) and is_foreign(owner))
        known = known or (is_own(kind) and not is_ours(kind) and not all(is_own(base) for base in bases))
        _foreign_methods[kind] = known
    return known


def fills(kind: type, name: str) -> bool:
    """Whether who first looks at this attribute of an object makes it: a `cached_property`."""
    known = _filled.get((kind, name))
    if known is None:
        found = next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)
        known = _filled[kind, name] = isinstance(found, functools.cached_property)
    return known


# What a call does.


def effect(function: Any) -> Effect:
    """What a call of this does."""
    kind = type(function)
    if kind is types.FunctionType:
        code = function.__code__
        known = _effects.get(code)
        if known is None:
            known = _effects[code] = _of_python(function)
        return known
    if kind is types.MethodType:
        return _of_method(function)
    if kind is types.BuiltinFunctionType or kind is types.MethodWrapperType:
        owner = function.__self__
        if owner is None or isinstance(owner, types.ModuleType):
            return _named(function.__module__ or "builtins", function.__name__)
        if isinstance(owner, type):
            return Effect.NONE if is_own(owner) else _named(owner.__module__, owner.__qualname__)
        if type(owner) in DESCRIPTORS and function.__name__ in ("__get__", "__set__", "__delete__"):
            return Effect.REACH  # the attribute of what it is given
        return of_method(type(owner), function.__name__)
    if isinstance(function, type):
        if is_own(function) or is_ours(function):
            return Effect.NONE
        return _named(function.__module__, function.__qualname__)
    if kind in (types.MethodDescriptorType, types.WrapperDescriptorType):
        found = of_method(function.__objclass__, function.__name__)
        return Effect.FIRST if found is Effect.SELF else found
    if kind is functools._lru_cache_wrapper:
        return Effect.SELF
    if kind is functools.partial:
        return Effect.REACH if effect(function.func) is not Effect.NONE else Effect.NONE
    call = next((vars(base)["__call__"] for base in kind.__mro__ if "__call__" in vars(base)), None)
    return effect(call) if type(call) is types.FunctionType else of_method(kind, "__call__")


DESCRIPTORS = types.GetSetDescriptorType, types.MemberDescriptorType
CALLED = {
    types.FunctionType, types.BuiltinFunctionType, types.MethodWrapperType, functools._lru_cache_wrapper,
}  # fmt: skip


def _of_python(function: types.FunctionType) -> Effect:
    code = function.__code__
    if "__attribute__" in function.__globals__ or code.co_filename.startswith(_OURS):
        return Effect.NONE  # it has probes, or is a stand-in
    return _named(function.__module__ or "", function.__qualname__)


def _of_method(method: types.MethodType) -> Effect:
    found = effect(method.__func__)
    owner = method.__self__
    if found is Effect.NONE or isinstance(owner, type):
        return found
    if is_own(type(owner)):  # a method that it has from the library
        return Effect.REACH if found is Effect.REACH else Effect.NONE
    return of_method(type(owner), method.__name__, found)


def of_method(kind: type, name: str, known: Effect | None = None) -> Effect:
    """What a method does to an object of this class, if it is the library's."""
    if kind in ATOMS or kind in WITHIN:
        return Effect.READS
    if issubclass(kind, CONTAINERS):
        if name in OF_OBJECTS:
            return OF_OBJECTS[name]
        reads = name in accesses.READING or name in ("__len__", "__iter__", "__eq__", "__ne__")
        return Effect.READS if reads else Effect.SELF
    if name in OF_OBJECTS:
        return OF_OBJECTS[name]
    if is_ours(kind):
        return Effect.NONE
    for base in kind.__mro__:
        whole = f"{base.__module__}.{base.__qualname__}"
        found = FUNCTIONS.get(f"{whole}.{name}") or METHODS.get(whole) or METHODS.get(base.__module__)
        if found is not None:
            return found
    if known is None:
        known = _by_module(kind.__module__)
    if known is Effect.READS or known is Effect.MODULE:
        return Effect.SELF
    return known


def _named(module: str, name: str) -> Effect:
    found = FUNCTIONS.get(f"{module}.{name}")
    return _by_module(module) if found is None else found


def _by_module(module: str) -> Effect:
    while module:
        if module in MODULES:
            return MODULES[module]
        module = module.rpartition(".")[0]
    return Effect.REACH


# What it can reach.


def reachable(roots: Iterable[object]) -> Iterator[object]:
    """All that may change and can be reached from these, in one order. Raises OverflowError at too much."""
    left, seen = list(roots)[::-1], set[int]()
    while left:
        thing = left.pop()
        kind = type(thing)
        if kind in ATOMS or id(thing) in seen or isinstance(thing, type):
            continue
        seen.add(id(thing))
        if len(seen) > MOST:
            raise OverflowError
        if kind is types.FunctionType:
            left += _kept(thing)
            continue
        if kind is types.BuiltinFunctionType or kind is types.MethodWrapperType:
            left.append(thing.__self__)  # type: ignore[attr-defined]
            continue
        if is_ours(kind):
            continue
        if kind not in WITHIN:
            yield thing
        left += reversed(_inside(thing))


def _kept(function: Any) -> list[object]:
    """What a function has kept from where it was made, if it is the node's own."""
    if function.__code__.co_filename not in scheduler().sources:
        return []
    found: list[object] = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    for cell in function.__closure__ or ():
        try:
            found.append(cell.cell_contents)
        except ValueError:  # it is empty yet
            continue
    return found


def _inside(thing: Any) -> list[object]:
    """What one step leads to."""
    kind = type(thing)
    if kind is dict:
        return [*thing.keys(), *thing.values()]
    if kind in (list, tuple, collections.deque):
        return list(thing)
    if kind is functools.partial:
        return [thing.func, *thing.args, *thing.keywords.values()]
    if kind is types.MethodType:
        return [thing.__self__]
    if kind in (set, frozenset):
        return sorted(thing, key=repr) if all(type(each) in ATOMS for each in thing) else list(thing)
    found = [each for each in gc.get_referents(thing) if not isinstance(each, type)]
    own = getattr(thing, "__dict__", None)
    if isinstance(own, dict):
        found = [each for each in found if each is not own] + [*own.values()]
    return found


def module_of(function: Any) -> object | None:
    """The variables of the module that a function is of."""
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    return vars(module) if module is not None else None

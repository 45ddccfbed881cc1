"""Where a worker is in the node's source: its frames, the request that it serves, and values in short."""

import asyncio
import asyncio.coroutines
import re
import reprlib
import sys
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass
from itertools import takewhile
from types import BuiltinMethodType, FrameType, MemberDescriptorType, MethodType
from typing import Any
from weakref import ProxyTypes

from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.sources import Sources
from grader.explorer.trace.model import Awaited, Request

LONGEST = 60  # characters of a value
_ADDRESS = re.compile(r" at 0x[0-9a-f]+\b")
_ASYNCIO: dict[type, Resource] = {
    asyncio.Lock: Resource.LOCK,
    asyncio.Condition: Resource.CONDITION,
    asyncio.Event: Resource.EVENT,
    asyncio.Semaphore: Resource.SEMAPHORE,
    asyncio.Queue: Resource.QUEUE,
}


class _Short(reprlib.Repr):
    """Values as repr writes them, shortened; of objects of the node's own only the type."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = LONGEST
        self.maxdict = self.maxlist = self.maxtuple = self.maxset = self.maxdeque = 6

    def repr_instance(self, x: Any, level: int) -> str:
        if isinstance(x, BuiltinMethodType | MethodType):  # its repr would run that of whose method it is
            return f"<method {x.__qualname__}>"
        if type(x).__module__ in ("builtins", "itertools", "collections"):
            text = without_addresses(repr(x))
            return text if len(text) <= self.maxother else f"{text[: self.maxother - 1]}…"
        if known := list(_fields(x)) if level > 0 else []:
            parts = (f"{name}={self.repr1(value, level - 1)}" for name, value in known)
            return f"{type(x).__name__}({', '.join(parts)})"
        return f"<{type(x).__name__}>"


def _fields(x: Any) -> Iterator[tuple[str, object]]:
    """What a dataclass or a named tuple holds by name; the node's own code, a property, say, is not to run."""
    kind = type(x)
    if isinstance(x, tuple):
        yield from zip(map(str, getattr(kind, "_fields", ())), tuple.__iter__(x), strict=False)
    elif is_dataclass(kind):
        for field in fields(kind):
            with suppress(AttributeError):  # it is set later
                yield field.name, _value(x, field.name)


def _value(x: object, name: str) -> object:
    """A field of a dataclass, with slots or without. Raises AttributeError where there is nothing yet."""
    with suppress(AttributeError):
        own = object.__getattribute__(x, "__dict__")
        if name in own:
            return own[name]
    slot = next((vars(base)[name] for base in type(x).__mro__ if name in vars(base)), None)
    if isinstance(slot, MemberDescriptorType):
        return slot.__get__(x)
    if slot is None:
        raise AttributeError(name)
    return slot


_short = _Short()


def short(value: object) -> str:
    """A value as a reader can take it in, the same in each run: without addresses.

    It never fails: that would be taken for a failure of the node's.
    """
    try:
        text = _short.repr(value)
    except Exception:
        text = f"<{type(value).__name__}>"
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def without_addresses(text: str) -> str:
    """The same in each run."""
    return _ADDRESS.sub("", text)


def within(frame: FrameType | None, sources: Sources) -> Iterator[FrameType]:
    """The frames of the node's own, the innermost first."""
    while frame is not None:
        if frame.f_code.co_filename in sources:
            yield frame
        frame = frame.f_back


def here(sources: Sources) -> list[FrameType]:
    """The frames of the one who calls."""
    return list(within(sys._getframe(1), sources))


def of_task(task: Any, sources: Sources) -> list[FrameType]:
    """The frames of a task that isn't running, the innermost first."""
    frames: list[FrameType] = []
    inner = task.get_coro()
    while inner is not None:
        frame = getattr(inner, "cr_frame", None) or getattr(inner, "gi_frame", None)
        if frame is not None and frame.f_code.co_filename in sources:
            frames.insert(0, frame)
        inner = getattr(inner, "cr_await", None) or getattr(inner, "gi_yieldfrom", None)
        if not asyncio.coroutines.iscoroutine(inner):
            break
    return frames


def awaited_by(task: Any, where: list[FrameType]) -> Awaited:
    """What a task awaits: a lock, queue, event … of asyncio's, by the name that the node has for it."""
    inner = task.get_coro()
    while inner is not None and asyncio.coroutines.iscoroutine(inner):
        frame = getattr(inner, "cr_frame", None)
        thing = frame.f_locals.get("self") if frame is not None else None
        kind = next((kind for one, kind in _ASYNCIO.items() if isinstance(thing, one)), None)
        if frame is not None and kind is not None:
            return Awaited(kind, _name_of(thing, where), put=frame.f_code.co_name == "put")
        inner = getattr(inner, "cr_await", None)
    return Awaited(Resource.AWAITABLE)


def _name_of(thing: object, where: list[FrameType]) -> str:
    """What the innermost function that knows it calls it; empty if none does."""
    for frame in where:
        for name, value in frame.f_locals.items():
            if value is thing and name != "self":
                return name
            for attribute, own in getattr(value, "__dict__", {}).items() if name in ("self", "cls") else ():
                if own is thing:
                    return f"{name}.{attribute}"
        for name, value in frame.f_globals.items():
            if value is thing:
                return name
    return ""


def names(frame: FrameType) -> tuple[tuple[str, str], ...]:
    """The locals of a function, in short."""
    hidden = ("_explorer_", "__", "self")
    return tuple((name, short(value)) for name, value in frame.f_locals.items() if not name.startswith(hidden))


def serving(
    frames: list[FrameType], requests: list[dict[str, Any]], answered: Collection[tuple[object, object]]
) -> Request | None:
    """The request that these frames are about: the innermost argument that is one, or its body, else the
    innermost local: that may have been taken from what another handler has left. Where there is none, the
    request whose sender and number both are among the innermost locals.

    One that is `answered`, by sender and number, only where there is no other: it may be the one before.
    """
    own = list(takewhile(lambda frame: frame.f_code.co_name != "<module>", frames))
    values = [value for frame in own for value in _arguments(frame)]
    values += [value for frame in own for value in frame.f_locals.values()]
    found = [message for value in values for message in requests if _is(value, message)]
    for frame in own if not found else ():
        known = [value for value in frame.f_locals.values() if type(value) in (str, int)]
        found += [message for message in requests if set(_asked(message)) <= set(known)]
    is_open = (message for message in found if _asked(message) not in answered)
    message = next(is_open, next(iter(found), None))
    return None if message is None else _named(message)


def _asked(message: dict[str, Any]) -> tuple[object, object]:
    return message["src"], message["body"].get("msg_id")


def _named(message: dict[str, Any]) -> Request:
    body = message["body"]
    return Request(str(message["src"]), str(body.get("type")), body.get("msg_id"))


def _arguments(frame: FrameType) -> list[object]:
    code = frame.f_code
    given = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return [frame.f_locals[name] for name in given if name in frame.f_locals]


def _is(value: object, message: dict[str, Any]) -> bool:
    if type(value) in ProxyTypes:  # once what it stands for is gone, even to ask for its class fails
        return False
    if isinstance(value, dict):
        body = value.get("body")
        if isinstance(body, dict):
            return value.get("src") == message["src"] and _same_body(body, message["body"])
        return "type" in value and _same_body(value, message["body"])
    fields = getattr(value, "__dict__", None)
    if isinstance(fields, dict) and "src" in fields:
        return fields["src"] == message["src"] and any(
            isinstance(item, dict) and _same_body(item, message["body"]) for item in fields.values()
        )
    return False


def _same_body(body: dict[str, Any], sent: dict[str, Any]) -> bool:
    """A node may take `msg_id` out of a body once it is answered, but nothing else."""
    return body.get("type") == sent.get("type") and all(
        key in body and body[key] == value for key, value in sent.items() if key != "msg_id" or key in body
    )

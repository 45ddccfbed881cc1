"""What stands for a container, or for the library's objects, while an item or a method of theirs is used."""

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import replace
from operator import contains, delitem, getitem, setitem
from typing import TYPE_CHECKING, Any

from grader.explorer.instrumentation.callbacks import during
from grader.explorer.instrumentation.data import key_of, touch
from grader.explorer.runtime.happens_before import WHOLE
from grader.explorer.runtime.sources import Site

if TYPE_CHECKING:
    from collections.abc import Callable

KEYED = {"get", "pop", "setdefault"}


def _touching(
    owner: Any, what: Hashable, site: Site, function: "Callable[..., Any]", *given: Any, **named: Any
) -> Any:
    """Call this function of the library's, which touches no more than that."""
    touch(owner, what, site)
    return during(site, [(owner, what, site.reads, site.writes)], function, *given, **named)


class Items:
    """Stands for a container while one item of it is read, written or deleted."""

    __slots__ = ("owner", "site")

    def __init__(self, owner: Any, site: Site) -> None:
        self.owner, self.site = owner, site

    def __getitem__(self, key: Any) -> Any:
        site = self.site
        if isinstance(self.owner, defaultdict) and self.owner.default_factory and key not in self.owner:
            site = replace(site, writes=True)  # it makes what isn't there
        return _touching(self.owner, key_of(self.owner, key), site, getitem, self.owner, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        _touching(self.owner, key_of(self.owner, key), self.site, setitem, self.owner, key, value)

    def __delitem__(self, key: Any) -> None:
        _touching(self.owner, key_of(self.owner, key), self.site, delitem, self.owner, key)


class Called:
    """Stands for a container while a method of it is called: it is touched once the arguments are there."""

    __slots__ = ("_owner", "_site")

    def __init__(self, owner: Any, site: Site) -> None:
        self._owner, self._site = owner, site

    def __getattr__(self, name: str) -> Any:
        owner, method = self._owner, getattr(self._owner, name)

        def call(*arguments: Any, **named: Any) -> Any:
            keyed = isinstance(owner, dict) and name in KEYED and arguments
            what = key_of(owner, arguments[0]) if keyed else WHOLE
            return _touching(owner, what, self._site, method, *arguments, **named)

        return call


class Foreign:
    """Stands for an object of the library's while a method of it is called."""

    __slots__ = ("_called", "_owner", "_site")

    def __init__(self, owner: Any, site: Site, called: "Callable[[Any, Site], Any]") -> None:
        self._owner, self._site, self._called = owner, site, called

    def __getattr__(self, name: str) -> Any:
        return self._called(getattr(self._owner, name), self._site)


class Bound:
    """A method in C that is kept, or handed on: what it touches it touches when it is called."""

    __slots__ = ("__weakref__", "_call", "_method")

    def __init__(self, method: Any, call: "Callable[..., Any]") -> None:
        self._method, self._call = method, call

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._call(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._method, name)

    def __eq__(self, other: object) -> bool:
        return bool(self._method == (other._method if isinstance(other, Bound) else other))

    def __hash__(self) -> int:
        return hash(self._method)

    def __repr__(self) -> str:
        return repr(self._method)


class Members:
    """Stands for a container while it is asked whether it has an item."""

    __slots__ = ("owner", "site")

    def __init__(self, owner: Any, site: Site) -> None:
        self.owner, self.site = owner, site

    def __contains__(self, item: Any) -> bool:
        return _touching(self.owner, key_of(self.owner, item), self.site, contains, self.owner, item)  # type: ignore[no-any-return]


class Rounds:
    """Stands for a generator of an event loop's while a loop goes through it."""

    __slots__ = ("owner", "site")

    def __init__(self, owner: Any, site: Site) -> None:
        self.owner, self.site = owner, site

    def __aiter__(self) -> "Rounds":
        return self

    def __anext__(self) -> Any:
        touch(self.owner, WHOLE, self.site)
        return self.owner.__anext__()

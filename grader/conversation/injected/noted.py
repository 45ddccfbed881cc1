"""Run by `sitecustomize.py` when a node is asked where it stands: under what has it noted who waits?

Who waits for a reply waits for an object (an event, a queue, a future), and who reads finds that in a table. It
is looked for here by identity, without running anything of the node's, and without importing anything.
"""

import sys
from _ast import (
    AsyncFunctionDef,
    Attribute,
    Call,
    Compare,
    Constant,
    FunctionDef,
    In,
    Load,
    Name,
    NotIn,
    Store,
    Subscript,
)
from _ast import stmt as Statement

TYPE_CHECKING = False  # as the module typing has it, which must not be imported here
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType
    from typing import Any

MOST = 4000  # objects that are looked through
DEEPEST = 6
KEYS = 3  # of a table, told where nothing else is known
SHOWN = 40  # characters of a key
_FUNCTION, _METHOD = type(lambda: 0), type("".join)
_BOUND = type(type("", (), {"f": lambda _: 0})().f)
_SLOT = type(type("", (), {"__slots__": ("a",)}).__dict__["a"])
_KEYS = int, str, bool, float, type(None)
_PLAIN = *_KEYS, bytes, bytearray, complex, type, type(sys)
_COLLECTIONS = "list", "tuple", "set", "frozenset", "deque"
_WEAK = "ReferenceType", "weakref", "KeyedRef"
_HEADS = "body", "orelse", "handlers", "finalbody", "cases"  # of a statement with a body, all else is its head


class Tables:
    """Finds what a node's own modules and frames hold. `walk` gives a node of a tree and all below it."""

    def __init__(self, frames: "Sequence[FrameType]", walk: "Callable[[Any], Iterator[Any]]") -> None:
        self.walk = walk
        modules = {id(frame.f_globals): frame.f_globals for frame in frames}
        self.modules = [dict(names) for names in modules.values()]
        self.spaces = [dict(frame.f_locals) for frame in frames] + self.modules

    def of(self, frame: "FrameType", line: int, text: "list[str]", tree: "Any") -> "dict[str, Any]":
        """What is known of the one who waits in this line of the file that has this text and tree.

        `table` and `key` that has it, both empty if nothing of the node's holds it; the lines that `read`
        something there elsewhere, and that have `written` there, each with the source of its key. Of what all
        share (a condition): a table, the key that it needs there, and keys that it `has`. Empty: not known.
        """
        around = [n for n in self.walk(tree) if getattr(n, "lineno", line + 1) <= line <= (n.end_lineno or 0)]
        statements = [node for node in around if isinstance(node, Statement)]
        if not statements:
            return {}
        statement = max(statements, key=lambda node: (node.lineno, node.col_offset))
        wanted = [value for value in self._named(statement, frame) if _may_be_awaited(value, frame)]
        constants = [node.value for node in self.walk(tree) if isinstance(node, Constant)]
        words = frozenset(value for value in constants if type(value) is str)
        place = self.place(wanted, words) if wanted else True
        functions = [node for node in statements if isinstance(node, (FunctionDef, AsyncFunctionDef))]
        function = max(functions, key=lambda node: node.lineno, default=None)
        if place is not True:
            name, key = place or ("", "")
            last = name.rpartition(".")[2]
            read = list(self._lines(last, Load, text, tree, function)) if name else []
            written = list(self._lines(last, Store, text, tree)) if name else []
            return {"table": name, "key": key, "read": read[:KEYS], "written": written[:KEYS]}
        if function:
            for name, table, key in self._look_ups(function, frame):
                keys = [key] if key in table else list(table)[:KEYS]
                return {"table": name, "key": _shown(key), "has": [_shown(one) for one in keys]}
        return {}

    def place(self, wanted: "list[Any]", words: "frozenset[str]") -> "tuple[str, str] | bool":
        """The name of the table that has one of these, and the key as it is written; True if it is held without
        one, or could be; False if nothing holds it. `words` stand in the source: a record's keys, no table's.
        """
        ids = {id(one) for one in wanted}
        seen = dict.fromkeys(ids, True)  # what it holds itself is no place where it is found; True: under a key
        todo: list[tuple[str, Any, Any, int]] = []
        for space in self.spaces:
            todo += [(name, None, value, 0) for name, value in space.items() if not name.startswith("__")]
        held = any(id(value) in ids for names in self.modules for value in list(names.values()))
        for name, key, holder, depth in todo:  # it grows meanwhile
            is_known = seen.get(id(holder))  # without a key, perhaps
            if is_known or (is_known is False and key is None) or issubclass(type(holder), _PLAIN):
                continue
            seen[id(holder)] = key is not None
            if len(seen) > MOST or depth > DEEPEST:
                return True
            for called, under, value in _held(name, key, holder, words):
                if id(value) in ids:
                    if under is not None:
                        return called, under
                    held = True
                todo.append((called, under, value, depth + 1))
        return held

    def _named(self, statement: "Any", frame: "FrameType") -> "Iterator[Any]":
        """The values of all names, attributes and items in a statement, without its body."""
        parts = [getattr(statement, field, None) for field in statement._fields if field not in _HEADS]
        for top in [one for part in parts for one in (part if isinstance(part, list) else [part])]:
            if hasattr(top, "_fields"):
                yield from (_value(node, frame) for node in self.walk(top))

    def _look_ups(self, function: "Any", frame: "FrameType") -> "Iterator[tuple[str, dict[Any, Any], Any]]":
        """Each `key in table`, `table[key]` and `table.pop(key)` of a function: what they are at present."""
        for table, key in filter(None, map(_look_up, self.walk(function))):
            if isinstance(key, Name):
                has, wanted = _value(table, frame), _value(key, frame)
                if type(has) is dict and type(wanted) in (int, str):
                    yield _written(table), has, wanted

    def _lines(
        self, name: str, how: "type", text: "list[str]", tree: "Any", but: "Any" = None
    ) -> "Iterator[tuple[int, str]]":
        """Where something is looked up in a table of this name, or put: the line, and the source of the key.

        `how` is Load or Store; `but` a function that does not count.
        """
        here = {id(node) for node in self.walk(but)} if but else set()
        for node in self.walk(tree):
            table, key = _look_up(node, how) or (None, None)
            if key is None or id(node) in here or _written(table).rpartition(".")[2] != name:
                continue
            if key.lineno == key.end_lineno:
                line = text[key.lineno - 1].encode()
                yield key.lineno, line[key.col_offset : key.end_col_offset].decode()


def _look_up(node: "Any", how: "type" = Load) -> "tuple[Any, Any] | None":
    """The table and the key of `table[key]`; of `key in table`, `table.get(key)` and `table.pop(key)`, too."""
    if isinstance(node, Subscript) and isinstance(node.ctx, how):
        table, key = node.value, node.slice
    elif how is not Load:
        return None
    elif isinstance(node, Compare) and isinstance(node.ops[0], (In, NotIn)):
        table, key = node.comparators[0], node.left
    elif isinstance(node, Call) and getattr(node.func, "attr", "") in ("get", "pop") and node.args:
        table, key = node.func.value, node.args[0]  # type: ignore[attr-defined]
    else:
        return None
    return (table, key) if _written(table) else None


def _may_be_awaited(value: "Any", frame: "FrameType") -> bool:
    """Whether it is one thing of its own, and neither a table nor the object whose method the frame is."""
    if issubclass(type(value), (*_PLAIN, dict, _FUNCTION, _METHOD, _BOUND)):
        return False
    return frame.f_locals.get("self") is not value


def _held(
    name: str, key: "str | None", holder: "Any", words: "frozenset[str]"
) -> "Iterator[tuple[str, str | None, Any]]":
    """What an object holds: under which name, and its key, if it is in a table. `words` are no such keys."""
    kind = type(holder)
    if issubclass(kind, dict):
        for one, value in list(dict.items(holder)):
            is_field = type(one) is str and one in words
            yield name, key if is_field else key or _shown(one) or None, value
    elif kind.__name__ in _COLLECTIONS:
        yield from ((name, key, value) for value in list(holder))
    elif kind is _BOUND or kind is _METHOD:
        yield name, key, holder.__self__
    elif kind is _FUNCTION:
        cells = [cell for cell in holder.__closure__ or () if cell != type(cell)()]
        yield from ((name, key, cell.cell_contents) for cell in cells)
        yield from ((name, key, value) for value in holder.__defaults__ or ())
    elif kind.__name__ == "partial":
        yield from ((name, key, value) for value in (holder.func, *holder.args, *holder.keywords.values()))
    elif kind.__name__ in _WEAK:
        yield name, key, holder()
    else:
        yield from ((f"{name}.{attr}", key, value) for attr, value in _attributes(holder).items())


def _attributes(holder: "Any") -> "dict[str, Any]":
    """An object's own attributes, found without asking it."""
    try:
        own = dict(object.__getattribute__(holder, "__dict__"))
    except (AttributeError, TypeError, ValueError):
        own = {}
    for kind in type(holder).__mro__:
        for attr, slot in list(vars(kind).items()):
            if type(slot) is _SLOT:
                try:
                    own[attr] = slot.__get__(holder)
                except AttributeError:
                    continue
    return own


def _shown(key: "Any") -> str:
    """A key as it is written; empty if only the node itself could say that."""
    parts = key if type(key) is tuple else (key,)
    return repr(key)[:SHOWN] if all(type(part) in _KEYS for part in parts) else ""


def _written(node: "Any") -> str:
    """`self.waiting` of an expression that is a name with attributes; of all else nothing."""
    names: list[str] = []
    while isinstance(node, Attribute):
        names.insert(0, node.attr)
        node = node.value
    return ".".join([node.id, *names]) if isinstance(node, Name) else ""


def _value(node: "Any", frame: "FrameType") -> "Any":
    """What a name, an attribute of an object's own, or an item of a dict is; None where that isn't known."""
    if isinstance(node, Constant):
        return node.value
    if isinstance(node, Name):
        return (frame.f_locals if node.id in frame.f_locals else frame.f_globals).get(node.id)
    if isinstance(node, Attribute):
        return _attributes(_value(node.value, frame)).get(node.attr)
    if isinstance(node, Subscript):
        owner, key = _value(node.value, frame), _value(node.slice, frame)
        return owner.get(key) if type(owner) is dict and type(key) in (int, str) else None
    return None

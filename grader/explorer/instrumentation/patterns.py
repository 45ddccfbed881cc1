"""What patterns look at: their shape, as plain data, and what of a subject such a shape touches."""

import ast
import types
from collections.abc import Iterator
from typing import Any

# A shape: what kind of pattern it is, the attributes or keys, and the shapes of the patterns in it.
Shape = tuple[str, tuple[Any, ...], tuple[Any, ...]]

LookedAt = tuple[object, tuple[str | None, ...]]  # an owner, and what of it; None stands for all that it holds


def shape(pattern: ast.AST) -> Shape:
    """What this pattern looks at."""
    if isinstance(pattern, ast.MatchClass):
        inside = tuple(shape(each) for each in (*pattern.patterns, *pattern.kwd_patterns))
        return "class", (*range(len(pattern.patterns)), *pattern.kwd_attrs), inside
    if isinstance(pattern, ast.MatchMapping):
        keys = tuple(key.value if isinstance(key, ast.Constant) else None for key in pattern.keys)
        kind = "mapping" if pattern.rest is None else "rest"
        return kind, keys, tuple(shape(each) for each in pattern.patterns)
    if isinstance(pattern, ast.MatchSequence):
        kind = "length" if all(map(_is_blank, pattern.patterns)) else "items"
        return kind, (), tuple(shape(each) for each in pattern.patterns)
    inside = tuple(shape(each) for each in ast.iter_child_nodes(pattern) if isinstance(each, ast.pattern))
    return "same", (), inside


def looks(pattern: ast.AST) -> bool:
    """Whether this pattern looks at what may change: anything but the subject itself and its type."""
    return any(
        isinstance(each, ast.MatchMapping | ast.MatchSequence)
        or (isinstance(each, ast.MatchClass) and (each.patterns or each.kwd_patterns))
        for each in ast.walk(pattern)
    )


def looked_at(subject: Any, spec: Shape) -> Iterator[LookedAt]:
    """The steps in which the interpreter looks at it, if all fits."""
    kind, names, inside = spec
    if kind == "same":
        for each in inside:
            yield from looked_at(subject, each)
    elif kind == "class":
        yield from _members(subject, names, inside)
    elif kind in ("mapping", "rest") and isinstance(subject, dict | types.MappingProxyType):
        yield subject, (None,)
        if kind == "rest":  # a copy is made of all, after that
            yield subject, (None,)
        for key, each in zip(names, inside, strict=True):
            if key in subject:
                yield from looked_at(subject[key], each)
    elif kind in ("length", "items") and isinstance(subject, list | tuple):
        yield subject, (None,)
        if kind == "items":  # how many there are is asked before
            yield subject, (None,)
        for item in list(subject)[:100]:
            for each in inside:
                yield from looked_at(item, each)


def _members(subject: Any, names: tuple[Any, ...], inside: tuple[Any, ...]) -> Iterator[LookedAt]:
    """What a pattern of a class looks at: all attributes at once, and then at what they hold."""
    own: list[str | None] = []
    held: list[tuple[Any, Shape]] = []
    named = getattr(type(subject), "__match_args__", ())
    for name, each in zip(names, inside, strict=True):
        if isinstance(name, int) and name >= len(named):  # of `int(x)` and its like the subject is meant
            held.append((subject, each))
            continue
        own.append(named[name] if isinstance(name, int) else name)
        held.append((_plain(subject, str(own[-1])), each))
    if own:
        yield subject, tuple(own)
    for value, each in held:
        yield from looked_at(value, each)


def _is_blank(pattern: ast.AST) -> bool:
    """`_` or `*_`: it takes nothing."""
    return (
        isinstance(pattern, ast.MatchAs | ast.MatchStar)
        and not pattern.name
        and (isinstance(pattern, ast.MatchStar) or pattern.pattern is None)
    )


def _plain(subject: Any, name: str) -> Any:
    """An attribute as it lies there: no property is run for this."""
    own = getattr(subject, "__dict__", None)
    if isinstance(own, dict) and name in own:
        return own[name]
    for base in type(subject).__mro__:
        if name in vars(base):
            found = vars(base)[name]
            is_slot = isinstance(found, types.MemberDescriptorType)
            return getattr(subject, name, None) if is_slot else None if hasattr(found, "__get__") else found
    return None

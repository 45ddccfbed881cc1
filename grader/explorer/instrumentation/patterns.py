"""What patterns look at: their shape, as plain data, and what of a subject such a shape touches."""

import ast
import types
from collections.abc import Iterator
from typing import Any

# A shape: what kind of pattern it is, the attributes or keys, and the shapes of the patterns in it.
Shape = tuple[str, tuple[Any, ...], tuple[Any, ...]]


def shape(pattern: ast.AST) -> Shape:
    """What this pattern looks at."""
    if isinstance(pattern, ast.MatchClass):
        inside = tuple(shape(each) for each in (*pattern.patterns, *pattern.kwd_patterns))
        return "class", (*range(len(pattern.patterns)), *pattern.kwd_attrs), inside
    if isinstance(pattern, ast.MatchMapping):
        keys = tuple(key.value if isinstance(key, ast.Constant) else None for key in pattern.keys)
        return "mapping", keys, tuple(shape(each) for each in pattern.patterns)
    if isinstance(pattern, ast.MatchSequence):
        return "sequence", (), tuple(shape(each) for each in pattern.patterns)
    inside = tuple(shape(each) for each in ast.iter_child_nodes(pattern) if isinstance(each, ast.pattern))
    return "same", (), inside


def looked_at(subject: Any, spec: Shape) -> Iterator[tuple[object, str | None]]:
    """Owners, and the attributes that are looked at; None stands for all that a container holds."""
    kind, names, inside = spec
    if kind == "same":
        for each in inside:
            yield from looked_at(subject, each)
    elif kind == "class":
        for name, each in zip(names, inside, strict=True):
            if isinstance(name, int):
                named = getattr(type(subject), "__match_args__", ())
                if name >= len(named):  # a class of which the subject itself is meant, such as `int(x)`
                    yield from looked_at(subject, each)
                    continue
                name = named[name]
            yield subject, name
            yield from looked_at(_plain(subject, name), each)
    elif kind == "mapping" and isinstance(subject, dict | types.MappingProxyType):
        yield subject, None
        for key, each in zip(names, inside, strict=True):
            if key in subject:
                yield from looked_at(subject[key], each)
    elif kind == "sequence" and isinstance(subject, list | tuple):
        yield subject, None
        for item in list(subject)[:100]:
            for each in inside:
                yield from looked_at(item, each)


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

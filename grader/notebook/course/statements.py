"""What the statements of a cell bind, and what they need: read from their code, never by running it."""

import ast
import dis
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType

BINDS = ("STORE_NAME", "STORE_GLOBAL")
NEEDS = ("LOAD_NAME", "LOAD_GLOBAL")


@dataclass(frozen=True, slots=True)
class CellStatement:
    """A statement at the top of a cell. `code` is None if it awaits: then it can't be run ahead of its cell."""

    binds: frozenset[str]
    needs: frozenset[str]
    code: CodeType | None


@lru_cache(maxsize=512)
def statements(text: str) -> tuple[CellStatement, ...]:
    """The statements of a cell, in order; none of a cell that is no Python, as one that begins with `%%`."""
    try:
        tree = ast.parse(text)
        return tuple(_read(statement) for statement in tree.body)
    except (SyntaxError, ValueError):
        return ()


def missing_names(text: str) -> set[str]:
    """The names that a cell needs and does not bind itself."""
    found: set[str] = set()
    bound: set[str] = set()
    for statement in statements(text):
        found |= statement.needs
        bound |= statement.binds
    return found - bound


def _read(statement: ast.stmt) -> CellStatement:
    module = ast.Module([statement], [])
    code = compile(module, "<a cell further up>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    awaits = bool(code.co_flags & inspect.CO_COROUTINE)
    return CellStatement(_names(code, BINDS), _names(code, NEEDS), None if awaits else code)


def _names(code: CodeType, operations: tuple[str, ...]) -> frozenset[str]:
    return frozenset(
        str(step.argval)
        for each in _nested(code)
        for step in dis.get_instructions(each)
        if step.opname in operations and (each is code or step.opname.endswith("GLOBAL") or operations is NEEDS)
    )


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _nested(each)

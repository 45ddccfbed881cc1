"""How a node ends, as its source shows it."""

import ast
from collections.abc import Iterator
from itertools import pairwise

from grader.checks.causes.source.program import Source, own
from grader.checks.causes.source.slips import PUTS, Slip


def told_to_end_at_once(source: Source) -> Iterator[Slip]:
    """Two queues' readers are told to end, one right after the other, though the first may fill the other's."""
    for scope in (source.tree, *source.functions()):
        for first, second in pairwise(node for node in own(scope) if isinstance(node, ast.stmt)):
            before, then = _put(first), _put(second)
            if not before or not then or before[0] == then[0] or before[1] != then[1]:
                continue
            (one, end), (other, _) = before, then
            if any(put[0] == other and put[1] != end for put in _puts(source)):
                text = f"{source.line(second.lineno)} tells who fetches from {other} to end, while who fetches "
                hint = f"Let who fetches from {one} put {end} into {other}, when it is done, or join it before."
                text += f"from {one} is at work, and may still put something into {other}: that is lost."
                yield Slip(text, second.lineno, hint)


def _puts(source: Source) -> Iterator[tuple[str, str]]:
    return (put for node in ast.walk(source.tree) if isinstance(node, ast.Expr) and (put := _put(node)))


def _put(node: ast.stmt) -> tuple[str, str] | None:
    """The queue and what is put there, if that is all that is done."""
    call = node.value if isinstance(node, ast.Expr) else None
    if (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in PUTS
        and call.args
    ):
        return ast.unparse(call.func.value), ast.unparse(call.args[0])
    return None

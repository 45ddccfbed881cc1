"""What the learner's own source says about a step: whether it is a test, which locks stand around it."""

import ast
from collections.abc import Iterator
from functools import lru_cache

from grader.explorer.record import Run, Step


def is_a_test(run: Run, step: Step) -> bool:
    """Whether the step's datum is read to decide something: in the condition of an if, a while, an assert."""
    return any(test.lineno <= step.line <= (test.end_lineno or 0) for test in _tests(run, step.file))


def is_in_a_loop(run: Run, step: Step) -> bool:
    """Whether the step's line is the head of a loop, or in its body."""
    return any(
        isinstance(node, ast.For | ast.While | ast.AsyncFor)
        and node.lineno <= step.line <= (node.end_lineno or 0)
        for node in ast.walk(_tree(_text(run, step.file)))
    )


def locks_around(run: Run, file: str, line: int) -> tuple[str, ...]:
    """What the `with` and `async with` statements name that the line is in or begins, the outermost first."""
    return tuple(
        ast.unparse(item.context_expr)
        for node in ast.walk(_tree(_text(run, file)))
        if isinstance(node, ast.With | ast.AsyncWith) and node.lineno <= line <= (node.end_lineno or 0)
        for item in node.items
    )


def _tests(run: Run, file: str) -> Iterator[ast.expr]:
    for node in ast.walk(_tree(_text(run, file))):
        if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
            yield node.test


def _text(run: Run, file: str) -> str:
    return "\n".join(dict(run.sources).get(file, ()))


@lru_cache(maxsize=16)
def _tree(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError:
        return ast.Module([], [])

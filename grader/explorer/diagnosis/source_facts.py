"""What the learner's own source says about a step: whether it is a test, which locks stand around it."""

import ast
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache

from grader.explorer.trace.model import Run, Step

GROWING = ("append", "appendleft", "add", "extend", "insert", "setdefault", "update", "put", "put_nowait")


def is_a_test(run: Run, step: Step) -> bool:
    """Whether the step's datum is read to decide something: what an if, while, assert or match asks."""
    return any(test.lineno <= step.line <= (test.end_lineno or 0) for test in _tests(run, step.file))


def grows(run: Run, step: Step) -> bool:
    """Whether the step only puts something more into a container: what is there already stays."""
    return any(f"{step.place}.{method}(" in run.text(step.file, step.line) for method in GROWING)


def is_made_while(run: Run, name: str, steps: Sequence[Step]) -> bool:
    """Whether what is called by this name is made in a function in which one of these steps was made.

    True where the source does not say where it is made.
    """
    spots = {(step.file, step.line) for step in steps}
    made = [
        (file, function)
        for file, lines in run.sources
        for function in ast.walk(_tree("\n".join(lines)))
        for node in _own(function)
        if isinstance(node, ast.Assign) and any(name in _targets(target) for target in node.targets)
    ]
    return not made or any(
        (file, node.lineno) in spots
        for file, function in made
        if not isinstance(function, ast.Module)
        for node in _own(function)
        if isinstance(node, ast.stmt | ast.expr)
    )


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function, or in a module, itself, and not in a function within."""
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
        return
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _targets(target: ast.expr) -> tuple[str, ...]:
    parts = target.elts if isinstance(target, ast.Tuple) else (target,)
    return tuple(ast.unparse(part) for part in parts)


def is_in_a_loop(run: Run, step: Step) -> bool:
    """Whether the step's line is the head of a loop, or in its body."""
    return any(first <= step.line <= last for first, last in _loops(_text(run, step.file)))


def locks_around(run: Run, file: str, line: int) -> tuple[str, ...]:
    """What the `with` and `async with` statements name that the line is in or begins, the outermost first."""
    return tuple(
        ast.unparse(item.context_expr)
        for node in ast.walk(_tree(_text(run, file)))
        if isinstance(node, ast.With | ast.AsyncWith) and node.lineno <= line <= (node.end_lineno or 0)
        for item in node.items
    )


def return_behind(run: Run, took: Step) -> int:
    """The line of the first `return` behind the one that takes a lock and before it is let go; 0 if none is."""
    for function in ast.walk(_tree(_text(run, took.file))):
        inside = list(_own(function))
        if isinstance(function, ast.Module) or not any(
            getattr(node, "lineno", 0) == took.line for node in inside
        ):
            continue
        let_go = [
            node.lineno
            for node in inside
            if isinstance(node, ast.Call) and ast.unparse(node.func) == f"{took.place}.release"
        ]
        until = min((line for line in let_go if line > took.line), default=sys.maxsize)
        lines = [node.lineno for node in inside if isinstance(node, ast.Return)]
        return min((line for line in lines if took.line < line < until), default=0)
    return 0


def caught_around(run: Run, file: str, line: int) -> tuple[str, ...]:
    """The exceptions that are caught around this line, as the source names them, the innermost first."""
    around = [
        node
        for node in ast.walk(_tree(_text(run, file)))
        if isinstance(node, ast.Try) and node.body[0].lineno <= line <= (node.body[-1].end_lineno or 0)
    ]
    return tuple(
        ast.unparse(one)
        for node in sorted(around, key=lambda node: -node.lineno)
        for handler in node.handlers
        if handler.type is not None
        for one in (handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type])
    )


def is_call_of(run: Run, file: str, line: int, call: str) -> bool:
    """Whether this is called in the line: `work.join`, say."""
    return any(
        isinstance(node, ast.Call)
        and node.lineno <= line <= (node.end_lineno or 0)
        and ast.unparse(node.func) == call
        for node in ast.walk(_tree(_text(run, file)))
    )


def is_settled_after_a_look(run: Run, file: str, line: int) -> bool:
    """Whether a future is set in the line, by a function that has asked before whether it is done."""
    for function in ast.walk(_tree(_text(run, file))):
        calls = [
            (node.lineno, node.func.attr, ast.unparse(node.func.value))
            for node in _own(function)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        ]
        futures = {of for at, name, of in calls if at == line and name in ("set_result", "set_exception")}
        if any(at <= line and name in ("done", "cancelled") and of in futures for at, name, of in calls):
            return True
    return False


def _tests(run: Run, file: str) -> Iterator[ast.expr]:
    for node in ast.walk(_tree(_text(run, file))):
        if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
            yield node.test
        elif isinstance(node, ast.Match):
            yield node.subject


@lru_cache(maxsize=16)
def _loops(text: str) -> tuple[tuple[int, int], ...]:
    loops = (node for node in ast.walk(_tree(text)) if isinstance(node, ast.For | ast.While | ast.AsyncFor))
    return tuple((node.lineno, node.end_lineno or 0) for node in loops)


def _text(run: Run, file: str) -> str:
    return "\n".join(dict(run.sources).get(file, ()))


@lru_cache(maxsize=16)
def _tree(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError:
        return ast.Module([], [])

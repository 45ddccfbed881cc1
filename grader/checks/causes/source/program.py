"""A node's source, parsed: its lines, its functions, and what stands in them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

Def = ast.FunctionDef | ast.AsyncFunctionDef
SHOWN = 44  # characters of a line


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its name without a folder, its lines, and its tree."""

    base: str
    lines: tuple[str, ...]
    tree: ast.Module

    def line(self, number: int) -> str:
        """How a line is told: file, number, and the line itself."""
        text = self.lines[number - 1].strip() if 0 < number <= len(self.lines) else ""
        shown = text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
        return f"{self.base} line {number} ({shown})"

    def functions(self) -> Iterator[Def]:
        """All of them, those of classes and those within others, too."""
        for node in ast.walk(self.tree):
            if isinstance(node, Def):
                yield node

    def around(self, line: int) -> Def | None:
        """The innermost function that the line is in."""
        inside = [one for one in self.functions() if one.lineno <= line <= (one.end_lineno or 0)]
        return max(inside, key=lambda one: one.lineno, default=None)


def parsed(base: str, text: str) -> Source | None:
    """The source of a file; None if it is no Python, or nested so deeply that nobody can go through it."""
    try:
        tree = ast.parse(text)
        ast.unparse(tree)  # which goes deeper than whatever is done with a part of it
        return Source(base, tuple(text.splitlines()), tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def own(scope: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function or module itself, not in a function or class within; by lines."""
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(child, Def | ast.Lambda | ast.ClassDef):
            yield from own(child)


def last_name(node: ast.AST) -> str:
    """`Event` of `threading.Event`, and of `Event`; empty of anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""

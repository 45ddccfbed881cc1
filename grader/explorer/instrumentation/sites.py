"""Building blocks for probes: sites, calls, and what is known of names. Nothing is rewritten here."""

import ast
from typing import Any

from grader.explorer.instrumentation.scopes import bound_again, declared
from grader.explorer.runtime.sources import Site


class Builder(ast.NodeTransformer):
    """Knows where it is in one module. `sites` grows by its sites; `stored` are attributes that may change."""

    def __init__(self, file: str, tree: ast.Module, sites: list[Site], stored: set[str]) -> None:
        self.file, self.sites, self.stored = file, sites, stored
        self.declared = declared(tree)
        self.bound_again = bound_again(tree)
        self.functions: list[set[str]] = []  # for each function around: the shared names that it may bind
        self.local: list[set[str]] = []  # and its own
        self.generators: list[str] = []  # its name, if it makes generators
        self.classes: list[str] = []
        self.line = 0
        self.temporary = 0

    def site(
        self,
        node: ast.AST,
        name: str,
        place: ast.AST | str,
        *,
        reads: bool = False,
        writes: bool = False,
        today: bool = True,
    ) -> ast.Constant:
        text = place if isinstance(place, str) else ast.unparse(place)
        line = getattr(node, "lineno", self.line)
        self.sites.append(Site(len(self.sites), self.file, line, name, text, reads, writes, today))
        return ast.Constant(len(self.sites) - 1)

    def call(self, function: str, *arguments: ast.expr, at: ast.AST) -> ast.Call:
        call = ast.Call(ast.Name(function, ast.Load()), list(arguments), [])
        for node in ast.walk(call):
            if not hasattr(node, "lineno"):
                ast.copy_location(node, at)
        return call

    def mangled(self, name: str) -> str:
        if self.classes and name.startswith("__") and not name.endswith("__"):
            return f"_{self.classes[-1].lstrip('_')}{name}"
        return name

    def changes(self, name: str) -> bool:
        return name in self.stored or "*" in self.stored

    def is_shared(self, node: ast.Name) -> bool:
        if node.id not in self.declared | self.bound_again:
            return False
        if not self.functions:
            return not self.classes
        if node.id not in self.declared and any(node.id in names for names in self.local):
            return False
        return isinstance(node.ctx, ast.Load) or node.id in self.functions[-1]

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        result: list[ast.stmt] = []
        for statement in body:
            new = self.visit(statement)
            result.extend(new if isinstance(new, list) else [new])
        return result

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.stmt):
            self.line = node.lineno
        return super().visit(node)

    def whole(self, node: ast.expr, original: str, function: str = "__whole__") -> ast.expr:
        """`node`, which has been visited, with a probe that it is read as a whole."""
        site = self.site(node, function.strip("_"), original, reads=True)
        return self.call(function, node, site, at=node)

    def read(self, node: ast.expr, function: str = "__whole__") -> ast.expr:
        """What may be a container of which all that it holds is looked at, by a condition, say."""
        place = ast.unparse(node)
        visited: ast.expr = self.visit(node)
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            return self.whole(visited, place, function)
        return visited

"""Building blocks for probes: sites, calls, and what is known of names. Nothing is rewritten here."""

import ast
from typing import Any

from grader.explorer.instrumentation.attributes import ANY
from grader.explorer.instrumentation.scopes import Scope, Scopes
from grader.explorer.runtime.sources import Site

_RESULTS = ast.IfExp | ast.NamedExpr | ast.Call | ast.Await  # what brings a value that may be shared


class Builder(ast.NodeTransformer):
    """Knows where it is in one module. `sites` grows by its sites; `stored` are attributes that may change."""

    def __init__(self, file: str, tree: ast.Module, sites: list[Site], stored: set[str]) -> None:
        self.file, self.sites, self.stored = file, sites, stored
        scopes = Scopes(tree)
        self.scopes, self.scope = scopes.of, scopes.module
        self.module, self.imported = scopes.module, scopes.imported
        self.at_once: set[ast.AST] = set()  # calls of which the result is used up by what calls them
        self.outer: list[Scope] = []
        self.generators: list[str] = []  # its name, if it makes generators
        self.classes: list[ast.ClassDef] = []
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
            return f"_{self.classes[-1].name.lstrip('_')}{name}"
        return name

    def changes(self, name: str) -> bool:
        return name in self.stored or ANY in self.stored

    # Names.

    def enter(self, node: ast.AST) -> None:
        """From here on this node's scope is that of the names."""
        self.outer.append(self.scope)
        self.scope = self.scopes[node]

    def leave(self) -> None:
        self.scope = self.outer.pop()

    def is_shared(self, name: str) -> bool:
        """Whether a variable of this name, used here, may change while another function sees it."""
        return self.scope.owner(name).changes(name, self.stored)

    def is_global(self, name: str) -> bool:
        return self.scope.owner(name).kind == "module"

    def touched(self, node: ast.AST, name: str, **how: bool) -> ast.Call:
        """A call that says that this variable is touched: its module's, or the one in a cell."""
        site = self.site(node, name, name, **how)
        if self.is_global(name):
            return self.call("__variable__", site, at=node)
        return self.call("__cell__", self.cell(name), site, at=node)

    def stored_as(self, value: ast.expr, name: str, at: ast.AST, **how: bool) -> ast.expr:
        """`value`, with a probe that it is about to be bound to this variable."""
        site = self.site(at, name, name, **{"writes": True, **how})
        if self.is_global(name):
            return self.call("__stored__", value, site, at=at)
        return self.call("__kept__", value, self.cell(name), site, at=at)

    def cell(self, name: str) -> ast.Lambda:
        """A function that has the cell of this variable."""
        nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
        return ast.Lambda(nothing, ast.Name(name, ast.Load()))

    def forgotten(self, *names: str) -> ast.Delete:
        """A statement after which nothing of ours keeps alive what these names stood for."""
        return ast.Delete([ast.Name(name, ast.Del()) for name in names])

    def new_name(self) -> str:
        self.temporary += 1
        return f"_explorer_{self.temporary - 1}"

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
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | _RESULTS):
            return self.whole(visited, place, function)
        return visited

    def operand(self, node: ast.expr, function: str = "__whole__") -> ast.expr:
        """The same where it is no condition: what `a or b` brings is then looked at once more."""
        return self.result(node, function) if isinstance(node, ast.BoolOp) else self.read(node, function)

    def result(self, node: ast.expr, function: str = "__whole__") -> ast.expr:
        """What an expression brings, and is looked at where it is used; of a mere name nothing is told here."""
        place = ast.unparse(node)
        visited: ast.expr = self.visit(node)
        return self.whole(visited, place, function) if isinstance(node, ast.BoolOp | _RESULTS) else visited

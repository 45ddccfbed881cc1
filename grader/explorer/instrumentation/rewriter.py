"""Probes: a node's syntax tree, with a call before each access to what workers may share.

What the program does stays the same. A probe gets the object, and by its site the name, line and kind of the
access. Names of `watch` that the calls use are put into each module: `__attribute__`, `__item__` and so on.
"""

import ast
from typing import Any

from grader.explorer.instrumentation.accesses import INSIDE
from grader.explorer.instrumentation.expressions import Reader
from grader.explorer.instrumentation.scopes import declared, local, yields


class Prober(Reader):
    """Rewrites one module."""

    def rewrite(self, tree: ast.Module) -> ast.Module:
        result = self.visit(tree)
        assert isinstance(result, ast.Module)
        return ast.fix_missing_locations(result)

    # Scopes.

    def visit_FunctionDef(self, node: Any) -> Any:
        node.decorator_list = [self.visit(item) for item in node.decorator_list]
        node.args.defaults = [self.visit(item) for item in node.args.defaults]
        node.args.kw_defaults = [item and self.visit(item) for item in node.args.kw_defaults]
        maker = f"{node.name}()" if yields(node) else ""
        self.functions.append(declared(node))
        self.local.append(local(node))
        self.generators.append(maker)
        body = self.block(node.body)
        if maker:
            begun = self.call("__begun__", self.site(node, "yield", maker, reads=True, writes=True), at=node)
            begin = ast.copy_location(ast.Assign([ast.Name(INSIDE, ast.Store())], begun), node)
            body.insert(ast.get_docstring(node, clean=False) is not None, begin)
            body += self.block([ast.copy_location(ast.Return(), node.body[-1])])
        node.body = body
        self.functions.pop()
        self.local.pop()
        self.generators.pop()
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        self.functions.append(set())
        self.local.append(local(node))
        self.generators.append("")
        node.body = self.visit(node.body)
        self.functions.pop()
        self.local.pop()
        self.generators.pop()
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        node.decorator_list = [self.visit(item) for item in node.decorator_list]
        node.bases = [self.visit(item) for item in node.bases]
        self.classes.append(node.name)
        node.body = self.block(node.body)
        self.classes.pop()
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        node.guard = node.guard and self.visit(node.guard)
        node.body = self.block(node.body)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        if node.value is not None:
            node.value = self.visit(node.value)
            if not isinstance(node.target, ast.Name):
                node.target = self.visit(node.target)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        for part in ast.walk(node):  # older Pythons count lines anew inside an f-string
            if hasattr(part, "lineno"):
                ast.copy_location(part, node)
        return self.generic_visit(node)  # type: ignore[return-value]

    # Accesses.

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        loads = isinstance(node.ctx, ast.Load)
        if loads and node.attr == "__dict__":
            node.value = self.call("__space__", self.visit(node.value), at=node)
            return node
        if node.attr.startswith("__") and node.attr.endswith("__"):
            return self.generic_visit(node)
        if loads and not self.changes(node.attr):
            return self.generic_visit(node)
        site = self.site(node, self.mangled(node.attr), node, reads=loads, writes=not loads)
        node.value = self.call("__attribute__", self.visit(node.value), site, at=node)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id in ("list", "dict", "set", "tuple", "type"):
            return node  # most likely a type
        loads = isinstance(node.ctx, ast.Load)
        site = self.site(node, "[]", node.value, reads=loads, writes=not loads)
        node.value = self.call("__item__", self.visit(node.value), site, at=node)
        node.slice = self.visit(node.slice)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if isinstance(node.ctx, ast.Load) and self.is_shared(node):
            site = self.site(node, node.id, node, reads=True)
            touched = ast.Tuple([self.call("__variable__", site, at=node), node], ast.Load())
            both = ast.Subscript(touched, ast.Constant(1), ast.Load())
            for part in ast.walk(both):
                ast.copy_location(part, node)
            return both
        return node

    def visit_Yield(self, node: ast.Yield) -> ast.AST:
        """A generator goes on behind it, in whichever worker asks: only one may be inside."""
        self.generic_visit(node)
        site = self.inside(node)
        if site is None:
            return node
        node.value = self.left(node, site)
        return self.call("__resumed__", node, ast.Name(INSIDE, ast.Load()), site, at=node)

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.AST:
        place = ast.unparse(node.value)
        node.value = self.visit(node.value)
        site = self.inside(node)
        if site is None:
            return node
        begins = self.site(node.value, "delegated", place, reads=True)
        node.value = self.call("__delegated__", node.value, ast.Name(INSIDE, ast.Load()), begins, at=node)
        return self.call("__resumed__", node, ast.Name(INSIDE, ast.Load()), site, at=node)

    def visit_Return(self, node: ast.Return) -> Any:
        self.generic_visit(node)
        if (site := self.inside(node)) is None:
            return node
        if node.value is None:  # an asynchronous generator must not bring a value at its end
            return [ast.copy_location(ast.Expr(self.left(node, site)), node), node]
        node.value = self.left(node, site)
        return node

    def inside(self, node: ast.AST) -> ast.Constant | None:
        """The site of what a generator keeps, where it is left or gone on with; None if this is in none."""
        if not self.generators or not self.generators[-1]:
            return None
        return self.site(node, "yield", self.generators[-1], reads=True, writes=True)

    def left(self, node: ast.Yield | ast.Return, site: ast.Constant) -> ast.expr:
        """What it brings, with a probe that others may make it go on from now on."""
        brought = node.value or ast.Constant(None)
        return self.call("__left__", brought, ast.Name(INSIDE, ast.Load()), site, at=node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.NamedExpr:
        node.value = self.visit(node.value)
        if self.is_shared(node.target):
            site = self.site(node, node.target.id, node.target, writes=True)
            node.value = self.call("__stored__", node.value, site, at=node)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        is_unpacked = any(isinstance(target, ast.Tuple | ast.List) for target in node.targets)
        node.value = self.read(node.value) if is_unpacked else self.visit(node.value)
        if any(isinstance(target, ast.Attribute) and target.attr == "__dict__" for target in node.targets):
            node.value = self.call("__spaces__", node.value, at=node.value)
        for target in node.targets:
            for name in ast.walk(target):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store) and self.is_shared(name):
                    site = self.site(node, name.id, name, writes=True)
                    node.value = self.call("__stored__", node.value, site, at=node.value)
        node.targets = [self.visit(target) for target in node.targets]
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        """`x.n += v` as what it is: read, add, write, with a probe before the read and the write."""
        target, value = node.target, self.visit(node.value)
        place = ast.unparse(target if isinstance(target, ast.Name | ast.Attribute) else target.value)
        plain = not any(isinstance(n, ast.Call | ast.Await | ast.Yield) for n in ast.walk(node.value))
        before: list[ast.stmt] = []
        read_site: dict[str, Any] = {"reads": True}
        write_site: dict[str, Any] = {"writes": True, "today": not plain}
        if isinstance(target, ast.Attribute):
            owner = self.keep(target.value, before, node)
            name = self.mangled(target.attr)
            reading = self.call("__attribute__", owner(), self.site(node, name, place, **read_site), at=node)
            writing = self.call("__attribute__", owner(), self.site(node, name, place, **write_site), at=node)
            load: ast.expr = ast.Attribute(reading, target.attr, ast.Load())
            store: ast.expr = ast.Attribute(writing, target.attr, ast.Store())
        elif isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Slice):
            owner, key = self.keep(target.value, before, node), self.keep(target.slice, before, node)
            reading = self.call("__item__", owner(), self.site(node, "[]", place, **read_site), at=node)
            writing = self.call("__item__", owner(), self.site(node, "[]", place, **write_site), at=node)
            load = ast.Subscript(reading, key(), ast.Load())
            store = ast.Subscript(writing, key(), ast.Store())
        elif isinstance(target, ast.Name) and self.is_shared(target):
            load = self.visit_Name(ast.copy_location(ast.Name(target.id, ast.Load()), node))  # type: ignore[assignment]
            store = ast.Name(target.id, ast.Store())
        else:
            if isinstance(target, ast.Name):  # a local name, but maybe of a list that others have too
                site = self.site(node, "+=", place, reads=True, writes=True)
                loaded = ast.Name(target.id, ast.Load())
                before.append(ast.Expr(self.call("__whole__", loaded, site, at=node)))
            node.value = value
            return [*(ast.copy_location(s, node) for s in before), node]
        held = f"_explorer_{self.temporary}"
        self.temporary += 1
        stored: ast.expr = ast.Name(held, ast.Load())
        if isinstance(target, ast.Name):
            site = self.site(node, target.id, target, **write_site)
            stored = self.call("__stored__", stored, site, at=node)
        change: list[ast.stmt] = []
        if not (
            isinstance(value, ast.Constant) and isinstance(value.value, int)
        ):  # it may be a list that grows
            added = f"_explorer_{self.temporary}"
            self.temporary += 1
            change.append(ast.Assign([ast.Name(added, ast.Store())], value))
            value = ast.Name(added, ast.Load())
            site = self.site(node, "+=", place, reads=True, writes=True)
            change.append(ast.Expr(self.call("__whole__", ast.Name(held, ast.Load()), site, at=node)))
        statements = [
            *before,
            ast.Assign([ast.Name(held, ast.Store())], load),
            *change,
            ast.AugAssign(ast.Name(held, ast.Store()), node.op, value),
            ast.Assign([store], stored),
        ]
        for statement in statements:
            for part in ast.walk(statement):
                if not hasattr(part, "lineno"):
                    ast.copy_location(part, node)
        return statements

    def keep(self, value: ast.expr, before: list[ast.stmt], at: ast.AST) -> Any:
        """Evaluate this once, before; what comes back makes a name for it."""
        name = f"_explorer_{self.temporary}"
        self.temporary += 1
        before.append(ast.Assign([ast.Name(name, ast.Store())], self.visit(value)))
        return lambda: ast.copy_location(ast.Name(name, ast.Load()), at)

    def visit_For(self, node: ast.For) -> ast.AST:
        site = self.site(node.iter, "for", node.iter, reads=True)
        node.target = self.visit(node.target)
        node.iter = self.call("__each__", self.visit(node.iter), site, at=node.iter)
        node.body, node.orelse = self.block(node.body), self.block(node.orelse)
        return node

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        place = ast.unparse(node.iter)
        node.target, node.iter = self.visit(node.target), self.visit(node.iter)
        node.iter = self.rounds(node.iter, place)
        node.body, node.orelse = self.block(node.body), self.block(node.orelse)
        return node

    def rounds(self, node: ast.expr, original: str) -> ast.expr:
        site = self.site(node, "for", original, reads=True, writes=True)
        return self.call("__rounds__", node, site, at=node)

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        place = ast.unparse(node.iter)
        self.generic_visit(node)
        if node.is_async:
            node.iter = self.rounds(node.iter, place)
        else:
            site = self.site(node.iter, "for", place, reads=True)
            node.iter = self.call("__each__", node.iter, site, at=node.iter)
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        node.test = self.read(node.test)
        round_again = ast.Expr(self.call("__round__", at=node))
        node.body = [ast.copy_location(round_again, node), *self.block(node.body)]
        node.orelse = self.block(node.orelse)
        return node

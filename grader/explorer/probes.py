"""Probes: a node's syntax tree, with a call before each access to what workers may share.

What the program does stays the same. A probe gets the object, and by its site the name, line and kind of the
access. Names of `watch` that the calls use are put into each module: `__attribute__`, `__item__` and so on.
"""

import ast
from typing import Any

from grader.explorer.accesses import CHANGING_FIRST, DEEP_READ, INSIDE, NEXT, READING, WHOLE_READ, WRITING, Site
from grader.explorer.variables import bound_again, declared, local, yields


class Prober(ast.NodeTransformer):
    """Rewrites one module. `sites` grows by its sites; `stored` are the attributes that may change."""

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

    def rewrite(self, tree: ast.Module) -> ast.Module:
        result = self.visit(tree)
        assert isinstance(result, ast.Module)
        return ast.fix_missing_locations(result)

    # Building blocks.

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

    def whole(self, node: ast.expr, original: str, function: str = "__whole__") -> ast.expr:
        """`node`, which has been visited, with a probe that it is read as a whole."""
        site = self.site(node, function.strip("_"), original, reads=True)
        return self.call(function, node, site, at=node)

    def tested(self, node: ast.expr) -> ast.expr:
        """A condition: of a container it asks whether it is empty."""
        visited: ast.expr = self.visit(node)
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            return self.whole(visited, ast.unparse(node))
        return visited

    def visit_If(self, node: ast.If) -> ast.If:
        node.test = self.tested(node.test)
        node.body, node.orelse = self.block(node.body), self.block(node.orelse)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.IfExp:
        node.test, node.body, node.orelse = (
            self.tested(node.test),
            self.visit(node.body),
            self.visit(node.orelse),
        )
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.BoolOp:
        node.values = [self.tested(value) for value in node.values]
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.UnaryOp:
        node.operand = self.tested(node.operand) if isinstance(node.op, ast.Not) else self.visit(node.operand)
        return node

    def visit_Dict(self, node: ast.Dict) -> ast.Dict:
        places = [ast.unparse(value) for value in node.values]
        node.keys = [key and self.visit(key) for key in node.keys]
        values = [self.visit(value) for value in node.values]
        node.values = [
            value if key else self.whole(value, place)
            for key, value, place in zip(node.keys, values, places, strict=True)
        ]
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.Starred:
        if isinstance(node.ctx, ast.Load):
            place = ast.unparse(node.value)
            node.value = self.whole(self.visit(node.value), place)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        loads = isinstance(node.ctx, ast.Load)
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

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        node.value = self.visit(node.value)
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
        plain = not any(isinstance(n, ast.Call | ast.Await | ast.Yield) for n in ast.walk(node.value))
        before: list[ast.stmt] = []
        read_site: dict[str, Any] = {"reads": True}
        write_site: dict[str, Any] = {"writes": True, "today": not plain}
        if isinstance(target, ast.Attribute):
            owner = self.keep(target.value, before, node)
            name = self.mangled(target.attr)
            reading = self.call("__attribute__", owner(), self.site(node, name, target, **read_site), at=node)
            writing = self.call("__attribute__", owner(), self.site(node, name, target, **write_site), at=node)
            load: ast.expr = ast.Attribute(reading, target.attr, ast.Load())
            store: ast.expr = ast.Attribute(writing, target.attr, ast.Store())
        elif isinstance(target, ast.Subscript) and not isinstance(target.slice, ast.Slice):
            owner, key = self.keep(target.value, before, node), self.keep(target.slice, before, node)
            reading = self.call("__item__", owner(), self.site(node, "[]", target.value, **read_site), at=node)
            writing = self.call("__item__", owner(), self.site(node, "[]", target.value, **write_site), at=node)
            load = ast.Subscript(reading, key(), ast.Load())
            store = ast.Subscript(writing, key(), ast.Store())
        elif isinstance(target, ast.Name) and self.is_shared(target):
            load = self.visit_Name(ast.copy_location(ast.Name(target.id, ast.Load()), node))  # type: ignore[assignment]
            store = ast.Name(target.id, ast.Store())
        else:
            if isinstance(target, ast.Name):  # a local name, but maybe of a list that others have too
                site = self.site(node, "+=", target, reads=True, writes=True)
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
        statements = [
            *before,
            ast.Assign([ast.Name(held, ast.Store())], load),
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

    def visit_Call(self, node: ast.Call) -> ast.AST:
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        place = ast.unparse(node.args[0]) if node.args else ""
        if name in DEEP_READ:
            self.read_deeply(node)
        if isinstance(function, ast.Attribute):
            if name not in DEEP_READ:
                self.arguments(node)
            if name in READING | WRITING:
                site = self.site(node, name, function.value, reads=True, writes=name in WRITING)
                if self.changes(name):
                    function = self.visit_Attribute(function)  # type: ignore[assignment]
                else:
                    function.value = self.visit(function.value)
                function.value = self.call("__method__", function.value, site, at=node)
                node.func = function
            else:
                node.func = self.visit(function)
            if name in CHANGING_FIRST:
                site = self.site(node, name, place, reads=True, writes=True)
                node.func = self.call("__function__", node.func, site, at=node)
            return node
        if name not in DEEP_READ:
            self.arguments(node)
        node.func = self.visit(function)
        if isinstance(function, ast.Name) and len(node.args) >= 1:
            first = node.args[0]
            if function.id in WHOLE_READ | NEXT and not isinstance(first, ast.Starred | ast.GeneratorExp):
                site = self.site(node, function.id, place, reads=True, writes=function.id in NEXT)
                node.args[0] = self.call("__whole__", first, site, at=node)
        if isinstance(function, ast.Name) and name not in WHOLE_READ | DEEP_READ | NEXT | {"super"}:
            # It may be a container's method, or a function of the library's that changes its first argument.
            changed = place if name in CHANGING_FIRST else function
            site = self.site(node, name, changed, reads=True, writes=True)
            node.func = self.call("__function__", node.func, site, at=node)
        return node

    def arguments(self, node: ast.Call) -> None:
        node.args = [self.visit(item) for item in node.args]
        for keyword in node.keywords:
            place = ast.unparse(keyword.value)
            keyword.value = self.visit(keyword.value)
            if keyword.arg is None:
                keyword.value = self.whole(keyword.value, place)

    def read_deeply(self, node: ast.Call) -> None:
        """Arguments that are read with all that is in them, by code that has no probes."""
        places = [ast.unparse(item) for item in node.args]
        self.arguments(node)
        node.args = [
            item if isinstance(item, ast.Starred | ast.GeneratorExp) else self.whole(item, place, "__deep__")
            for item, place in zip(node.args, places, strict=True)
        ]

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        texts = [ast.unparse(item) for item in node.comparators]
        self.generic_visit(node)
        for place, (operator, item) in enumerate(zip(node.ops, node.comparators, strict=True)):
            if isinstance(operator, ast.In | ast.NotIn):
                site = self.site(node, "in", texts[place], reads=True)
                node.comparators[place] = self.call("__member__", item, site, at=node)
        return node

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
        node.test = self.tested(node.test)
        round_again = ast.Expr(self.call("__round__", at=node))
        node.body = [ast.copy_location(round_again, node), *self.block(node.body)]
        node.orelse = self.block(node.orelse)
        return node

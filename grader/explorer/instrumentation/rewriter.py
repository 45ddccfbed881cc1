"""Source rewriting: a probe, that is a call, before each access to data that workers may share.

The program's meaning stays the same. A probe is given the object and the number of its site, which has the
name, line and kind of the access. What it calls are the functions of `hooks`, put into each module.
"""

import ast
from typing import Any

from grader.explorer.instrumentation.accesses import INSIDE
from grader.explorer.instrumentation.binding import Binder
from grader.explorer.instrumentation.scopes import yields

# The interpreter itself reads these, in calls and attribute look-ups: no source line shows the access.
IMPLICIT = {"__defaults__", "__kwdefaults__", "__code__", "__class__", "__bases__", "__globals__"}
ALWAYS = {"__class__", "__name__", "__qualname__", "__doc__", "__module__", "__file__", "__mro__", "__bases__"}


class Prober(Binder):
    """Rewrites one module."""

    def rewrite(self, tree: ast.Module) -> ast.Module:
        result = self.visit(tree)
        assert isinstance(result, ast.Module)
        return ast.fix_missing_locations(result)

    # Scopes.

    def visit_FunctionDef(self, node: Any) -> Any:
        node.decorator_list = [self.visit(item) for item in node.decorator_list]
        self.signature(node.args)
        node.returns = node.returns and self.visit(node.returns)
        maker = f"{node.name}()" if yields(node) else ""
        self.enter(node)
        self.generators.append(maker)
        body = self.block(node.body)
        if maker:
            begun = self.call("__begun__", self.site(node, "yield", maker, reads=True, writes=True), at=node)
            begin = ast.copy_location(ast.Assign([ast.Name(INSIDE, ast.Store())], begun), node)
            body.insert(ast.get_docstring(node, clean=False) is not None, begin)
            body += self.block([ast.copy_location(ast.Return(), node.body[-1])])
        if not maker and isinstance(node, ast.FunctionDef):
            body = self.with_return(body, node)
        node.body = body
        self.leave()
        self.generators.pop()
        return self.after_binding(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def with_return(self, body: list[ast.stmt], node: ast.FunctionDef) -> list[ast.stmt]:
        """With a word at the end, since it may be the library that has called."""
        documented = ast.get_docstring(node, clean=False) is not None
        done = body[documented:]
        if not done:
            return body
        last = ast.copy_location(ast.Expr(self.call("__returned__", at=node.body[-1])), node.body[-1])
        return [*body[:documented], ast.copy_location(ast.Try(done, [], [], [last]), done[0])]

    def signature(self, arguments: ast.arguments) -> None:
        """Defaults and annotations: they are evaluated where the function is defined."""
        arguments.defaults = [self.visit(item) for item in arguments.defaults]
        arguments.kw_defaults = [item and self.visit(item) for item in arguments.kw_defaults]
        if not self.annotations_wait:
            for each in ast.walk(arguments):
                if isinstance(each, ast.arg) and each.annotation is not None:
                    each.annotation = self.visit(each.annotation)

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        self.signature(node.args)
        self.enter(node)
        self.generators.append("")
        node.body = self.visit(node.body)
        node.body = self.call("__returned__", node.body, at=node.body)
        self.leave()
        self.generators.pop()
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        node.decorator_list = [self.visit(item) for item in node.decorator_list]
        node.bases = [self.visit(item) for item in node.bases]
        node.keywords = [self.visit(item) for item in node.keywords]
        self.classes.append(node)
        self.enter(node)
        node.body = self.block(node.body)
        self.leave()
        self.classes.pop()
        return self.after_binding(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if not self.annotations_wait and (not node.simple or self.scope.kind in ("module", "class")):
            node.annotation = self.visit(node.annotation)
        if node.value is not None:
            node.value = self.visit(node.value)
            if not isinstance(node.target, ast.Name):
                node.target = self.visit(node.target)
            elif self.is_shared(node.target.id):
                node.value = self.stored_as(node.value, node.target.id, node)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        for part in ast.walk(node):  # older Pythons count lines anew inside an f-string
            if hasattr(part, "lineno"):
                ast.copy_location(part, node)
        return self.generic_visit(node)  # type: ignore[return-value]

    # Accesses.

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        loads, name = isinstance(node.ctx, ast.Load), self.mangled(node.attr)
        if node.attr == "__dict__" and loads:
            node.value = self.call("__space__", self.visit(node.value), at=node)
            return node
        if not loads:
            hook = "__implicit__" if name in IMPLICIT else "__attribute__"
            node.value = self.call(
                hook, self.visit(node.value), self.site(node, name, node, writes=True), at=node
            )
            return node
        if self.is_known(node):
            return self.generic_visit(node)
        site = self.site(node, name, node, reads=True)
        hook = "__loaded__" if self.changes(node.attr) else "__load__"
        return self.call(hook, self.visit(node.value), site, at=node)

    def callee(self, node: ast.Attribute) -> ast.Attribute:
        """The attribute in `owner.attr(…)`."""
        loads_data = self.changes(node.attr) and not _is_special(node.attr)
        site = self.site(node, self.mangled(node.attr), node, reads=True) if loads_data else None
        node.value = self.visit(node.value)
        if site is not None:
            node.value = self.call("__attribute__", node.value, site, at=node)
        return node

    def is_known(self, node: ast.Attribute) -> bool:
        """Whether it is clear from the source that this attribute never changes."""
        if node.attr in ALWAYS:
            return True
        if self.changes(node.attr) or not isinstance(node.value, ast.Name):
            return False
        name = node.value.id
        return name in self.imported and self.is_global(name) and not self.is_shared(name)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id in ("list", "dict", "set", "tuple", "type"):
            return node  # most likely a type
        loads = isinstance(node.ctx, ast.Load)
        site = self.site(node, "[]", node.value, reads=loads, writes=not loads)
        node.value = self.call("__item__", self.visit(node.value), site, at=node)
        node.slice = self.visit(node.slice)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if isinstance(node.ctx, ast.Load) and self.is_shared(node.id):
            touched = ast.Tuple([self.touched(node, node.id, reads=True), node], ast.Load())
            both = ast.Subscript(touched, ast.Constant(1), ast.Load())
            for part in ast.walk(both):
                ast.copy_location(part, node)
            return both
        return node

    def visit_Yield(self, node: ast.Yield) -> ast.AST:
        """Behind it the generator is resumed by whichever worker asks next; only one may be inside."""
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
        """The site of a generator's state, where it is suspended or resumed; None outside of a generator."""
        if not self.generators or not self.generators[-1]:
            return None
        return self.site(node, "yield", self.generators[-1], reads=True, writes=True)

    def left(self, node: ast.Yield | ast.Return, site: ast.Constant) -> ast.expr:
        """The yielded or returned value, with a probe: from here on another worker may resume the generator."""
        brought = node.value or ast.Constant(None)
        return self.call("__left__", brought, ast.Name(INSIDE, ast.Load()), site, at=node)

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        """`x.n += v` as what it is: read, add, write, with a probe before the read and the write."""
        target, value = node.target, self.operand(node.value)
        place = ast.unparse(target if isinstance(target, ast.Name | ast.Attribute) else target.value)
        # With a constant no Python code runs between read and write: today's interpreter never switches there.
        plain = isinstance(node.value, ast.Constant)
        before: list[ast.stmt] = []
        read_site: dict[str, Any] = {"reads": True}
        write_site: dict[str, Any] = {"writes": True, "today": not plain}
        if isinstance(target, ast.Attribute):
            owner = self.keep(target.value, before, node)
            name = self.mangled(target.attr)
            if name == "__dict__":
                before.append(ast.Expr(self.call("__space__", owner(), at=node)))
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
        elif isinstance(target, ast.Name) and self.is_shared(target.id):
            load = self.visit_Name(ast.copy_location(ast.Name(target.id, ast.Load()), node))  # type: ignore[assignment]
            store = ast.Name(target.id, ast.Store())
        else:
            if isinstance(target, ast.Name):  # a local name, but maybe of a list that others have too
                site = self.site(node, "+=", place, reads=True, writes=True)
                loaded = ast.Name(target.id, ast.Load())
                before.append(ast.Expr(self.call("__whole__", loaded, site, at=node)))
            node.value = value
            return [*(ast.copy_location(s, node) for s in before), node]
        held = self.new_name()
        stored: ast.expr = ast.Name(held, ast.Load())
        if isinstance(target, ast.Name):
            stored = self.stored_as(stored, target.id, node, **write_site)
        change: list[ast.stmt] = []
        if not (
            isinstance(value, ast.Constant) and isinstance(value.value, int)
        ):  # it may be a list that grows
            added = self.new_name()
            change.append(ast.Assign([ast.Name(added, ast.Store())], value))
            value = ast.Name(added, ast.Load())
            site = self.site(node, "+=", place, reads=True, writes=True)
            change.append(ast.Expr(self.call("__whole__", ast.Name(held, ast.Load()), site, at=node)))
        ours = [*before, *change]
        kept = [ast.unparse(made.targets[0]) for made in ours if isinstance(made, ast.Assign)]
        statements = [
            *before,
            ast.Assign([ast.Name(held, ast.Store())], load),
            *change,
            ast.AugAssign(ast.Name(held, ast.Store()), node.op, value),
            ast.Assign([store], stored),
            self.forgotten(*kept, held),
        ]
        for statement in statements:
            for part in ast.walk(statement):
                if not hasattr(part, "lineno"):
                    ast.copy_location(part, node)
        return statements

    def keep(self, value: ast.expr, before: list[ast.stmt], at: ast.AST) -> Any:
        """Evaluate this once, before; what comes back makes a name for it."""
        name = self.new_name()
        before.append(ast.Assign([ast.Name(name, ast.Store())], self.visit(value)))
        return lambda: ast.copy_location(ast.Name(name, ast.Load()), at)

    def visit_While(self, node: ast.While) -> ast.AST:
        node.test = self.read(node.test)
        round_again = ast.Expr(self.call("__round__", at=node))
        node.body = [ast.copy_location(round_again, node), *self.block(node.body)]
        node.orelse = self.block(node.orelse)
        return node


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")

"""Probes for whatever binds names, beside plain assignment: loops, `with`, `except`, `import`, patterns, `del`.

Where a target can't have a probe itself, it is bound to a name of ours first, and assigned from that.
"""

import ast
import copy
from typing import Any, TypeVar

from grader.explorer.instrumentation.constructs import bound
from grader.explorer.instrumentation.expressions import Reader
from grader.explorer.instrumentation.patterns import looks, shape

Node = TypeVar("Node", bound=ast.AST)


class Binder(Reader):
    """Statements and expressions that bind names."""

    annotations_wait = False  # they are kept as texts

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        if node.module == "__future__" and any(alias.name == "annotations" for alias in node.names):
            self.annotations_wait = True
        return self.visit_Import(node)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> Any:
        names = [name for alias in node.names for name in bound(alias) if name != "*"]
        return [*self.about_to_bind(node, names), node]

    def about_to_bind(self, node: ast.AST, names: list[str]) -> list[ast.stmt]:
        """Statements that say so, for those names that others may see."""
        return [
            ast.copy_location(ast.Expr(self.touched(node, name, writes=True)), node)
            for name in names
            if self.is_shared(name)
        ]

    def after_binding(self, node: Any) -> Any:
        """A function or class statement, with a word before it if it binds what others may see."""
        return [*self.about_to_bind(node, [node.name]), node]

    def visit_Delete(self, node: ast.Delete) -> Any:
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        said = self.about_to_bind(node, names)
        node.targets = [self.visit(target) for target in node.targets]
        return [*said, node]

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.NamedExpr:
        node.value = self.visit(node.value)
        if self.is_shared(node.target.id):
            node.value = self.stored_as(node.value, node.target.id, node)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        node.value = (
            self.operand(node.value) if any(map(_takes_apart, node.targets)) else self.visit(node.value)
        )
        if any(isinstance(target, ast.Attribute) and target.attr == "__dict__" for target in node.targets):
            node.value = self.call("__spaces__", node.value, at=node.value)
        for target in node.targets:
            for name in _names(target):
                if self.is_shared(name):
                    node.value = self.stored_as(node.value, name, node.value)
        node.targets = [self.visit(target) for target in node.targets]
        return node

    def assigned(self, target: ast.expr, value: ast.expr) -> list[ast.stmt]:
        """What this value is assigned to the target with."""
        return self.block([ast.copy_location(ast.Assign([target], value), target)])

    def apart(self, target: ast.expr) -> tuple[ast.expr, list[ast.stmt]]:
        """A target, and what must follow: a name of ours, if others may see what is bound."""
        if not any(self.is_shared(name) for name in _names(target)):
            return self.visit(target), []
        name = self.new_name()
        ours = ast.copy_location(ast.Name(name, ast.Store()), target)
        bind = self.assigned(target, ast.copy_location(ast.Name(name, ast.Load()), target))
        return ours, [*bind, ast.fix_missing_locations(ast.copy_location(self.forgotten(name), target))]

    # Loops.

    def visit_For(self, node: ast.For) -> ast.AST:
        site = self.site(node.iter, "for", node.iter, reads=True)
        node.target, bind = self.apart(node.target)
        node.iter = self.call("__each__", self.visit(node.iter), site, at=node.iter)
        node.body, node.orelse = [*bind, *self.block(node.body)], self.block(node.orelse)
        return node

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        place = ast.unparse(node.iter)
        node.target, bind = self.apart(node.target)
        node.iter = self.rounds(self.visit(node.iter), place)
        node.body, node.orelse = [*bind, *self.block(node.body)], self.block(node.orelse)
        return node

    def rounds(self, node: ast.expr, original: str) -> ast.expr:
        site = self.site(node, "for", original, reads=True, writes=True)
        return self.call("__rounds__", node, site, at=node)

    def _comprehension(self, node: Any) -> Any:
        first = node.generators[0]
        places = [ast.unparse(each.iter) for each in node.generators]
        first.iter = self.visit(first.iter)
        self.enter(node)
        generators = []
        for each, place in zip(node.generators, places, strict=True):
            if each is not first:
                each.iter = self.visit(each.iter)
            if each.is_async:
                each.iter = self.rounds(each.iter, place)
            else:
                site = self.site(each.iter, "for", place, reads=True)
                each.iter = self.call("__each__", each.iter, site, at=each.iter)
            each.ifs = [self.visit(condition) for condition in each.ifs]
            generators += self._apart(each)
        node.generators = generators
        for field in ("key", "value", "elt"):
            if hasattr(node, field):
                setattr(node, field, self.visit(getattr(node, field)))
        self.leave()
        return node

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    def _apart(self, clause: ast.comprehension) -> list[ast.comprehension]:
        """`for x in it`; if functions inside see `x`, `for t in it for x in (t,)`, with a word between."""
        names = [name for name in _names(clause.target) if self.is_shared(name)]
        if not names:
            clause.target = self.visit(clause.target)
            return [clause]
        ours = self.new_name()
        value: ast.expr = ast.copy_location(ast.Name(ours, ast.Load()), clause.target)
        for name in names:
            value = self.stored_as(value, name, clause.target)
        once = ast.copy_location(ast.Tuple([value], ast.Load()), clause.target)
        second = ast.comprehension(self.visit(clause.target), once, clause.ifs, 0)
        clause.target, clause.ifs = ast.copy_location(ast.Name(ours, ast.Store()), clause.target), []
        return [clause, second]

    # Contexts and exceptions.

    def visit_With(self, node: Any) -> Any:
        bind: list[ast.stmt] = []
        for item in node.items:
            place = ast.unparse(item.context_expr)
            site = self.site(item.context_expr, "with", place, reads=True, writes=True)
            item.context_expr = self.call(
                "__entered__", self.visit(item.context_expr), site, at=item.context_expr
            )
            if item.optional_vars is not None:
                if len(node.items) == 1:
                    item.optional_vars, bind = self.apart(item.optional_vars)
                else:  # a later item may read it: said before
                    bind += self.about_to_bind(node, _names(item.optional_vars))
                    item.optional_vars = self.visit(item.optional_vars)
        node.body = [*bind, *self.block(node.body)]
        return node

    visit_AsyncWith = visit_With

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        node.type = node.type and self.visit(node.type)
        body = self.block(node.body)
        if node.name is not None and self.is_shared(node.name):
            said = self.about_to_bind(node, [node.name])
            last = self.about_to_bind(node, [node.name])  # it is unbound at the end
            whole = ast.copy_location(ast.Try(body, [], [], last), node)
            body = [*said, whole]
        node.body = body
        return node

    # Patterns.

    def visit_Match(self, node: ast.Match) -> ast.AST:
        """The subject is looked at for the first pattern, and again for each that comes to be tried."""
        place = ast.unparse(node.subject)
        subject = self._looked(node.cases[0].pattern, self.result(node.subject), place, node.subject)
        is_again = [looks(case.pattern) or bool(self._values(case.pattern)) for case in node.cases[1:]]
        ours = self.new_name() if any(is_again) else ""
        if ours:
            subject = ast.NamedExpr(ast.Name(ours, ast.Store()), subject)
        cases: list[ast.match_case] = []
        for case, again in zip(node.cases, (False, *is_again), strict=True):
            if again:
                looked = self._looked(case.pattern, ast.Name(ours, ast.Load()), place, case.pattern)
                never = ast.UnaryOp(ast.Not(), ast.Tuple([looked], ast.Load()))
                cases.append(ast.match_case(ast.MatchAs(), never, [ast.Pass()]))
            self._case(case)
            cases.append(case)
        if ours:  # no longer than the interpreter has it
            for case in node.cases:
                case.body.insert(0, ast.Assign([ast.Name(ours, ast.Store())], ast.Constant(None)))
            if not _takes_all(cases[-1]):
                last = ast.Assign([ast.Name(ours, ast.Store())], ast.Constant(None))
                cases.append(ast.match_case(ast.MatchAs(), None, [last]))
        node.subject = _all_at(subject, node.subject)
        node.cases = [_all_at(case, case.pattern) for case in cases]
        return node

    def _looked(self, pattern: ast.pattern, subject: ast.expr, place: str, at: ast.AST) -> ast.expr:
        """The subject, with a word before it of what this pattern is about to look at."""
        site = self.site(at, "match", place, reads=True)
        read = [self.visit(copy.deepcopy(value)) for value in self._values(pattern)]
        spec: Any = ast.Constant(shape(pattern))  # type: ignore[arg-type, unused-ignore]
        return self.call("__matched__", subject, spec, site, *read, at=at)

    def _values(self, pattern: ast.AST) -> list[ast.Attribute]:
        """The names with dots that a pattern compares with, if they may change."""
        found = [node.value for node in ast.walk(pattern) if isinstance(node, ast.MatchValue)]
        return [value for value in found if isinstance(value, ast.Attribute) and self.changes(value.attr)]

    def _case(self, case: ast.match_case) -> None:
        """Names that others may see are bound in the guard, from names of ours that the pattern binds."""
        binds: list[ast.expr] = []
        for part in ast.walk(case.pattern):
            field = "rest" if isinstance(part, ast.MatchMapping) else "name"
            name = getattr(part, field, None)
            if (
                isinstance(part, ast.MatchAs | ast.MatchStar | ast.MatchMapping)
                and name
                and self.is_shared(name)
            ):
                ours = self.new_name()
                setattr(part, field, ours)
                loaded = ast.copy_location(ast.Name(ours, ast.Load()), part)
                target = ast.copy_location(ast.Name(name, ast.Store()), part)
                binds.append(ast.NamedExpr(target, self.stored_as(loaded, name, part)))
        guard = case.guard and self.visit(case.guard)
        if binds:
            done = ast.Tuple(binds, ast.Load())  # which counts as true
            guard = done if guard is None else ast.BoolOp(ast.And(), [done, guard])
        case.guard = guard
        case.body = self.block(case.body)


def _takes_apart(target: ast.expr) -> bool:
    """Whether what is assigned is looked at for what it holds: `a, b = …`, `a[:] = …`."""
    is_slice = isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice)
    return is_slice or isinstance(target, ast.Tuple | ast.List)


def _names(target: ast.AST) -> list[str]:
    return [name for node in ast.walk(target) for name in bound(node) if isinstance(node, ast.Name)]


def _takes_all(case: ast.match_case) -> bool:
    """Whether no case may stand behind this one."""
    pattern = case.pattern
    return case.guard is None and isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def _all_at(node: Node, at: ast.AST) -> Node:
    """With the place of `at` where it has none of its own."""
    for part in ast.walk(node):
        if "lineno" in part._attributes and not hasattr(part, "lineno"):
            ast.copy_location(part, at)
    return node

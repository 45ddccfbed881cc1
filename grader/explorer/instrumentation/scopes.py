"""Scopes: whose variable a name is, and which variables may change while others can see them."""

import ast
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from grader.explorer.instrumentation.constructs import bound
from grader.explorer.instrumentation.known import QUIET_BUILTINS, QUIET_MODULES, STARTS

FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
SourcePosition = tuple[int, int]
ScopeKind = Literal["module", "function", "class", "comprehension", "generator"]
LIVE_ON = ("function", "generator")  # they may run when what is around them goes on


@dataclass(eq=False, slots=True)
class Scope:
    """A module, function, class or comprehension, and what it does to names."""

    kind: ScopeKind
    parent: "Scope | None" = None
    position: SourcePosition = (0, 0)
    bound: Counter[str] = field(default_factory=Counter)  # how often; in a loop, or from elsewhere: twice
    last: dict[str, SourcePosition] = field(default_factory=dict)  # where it is bound last
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    captured: dict[str, SourcePosition] = field(default_factory=dict)  # by the first function that uses it
    late: set[str] = field(default_factory=set)  # of a module: bound once others may be at work
    all_change: bool = False  # of a module: its names are bound in ways that the source doesn't tell

    def owner(self, name: str) -> "Scope":
        """Whose variable this name is, used here."""
        if self.parent is None:
            return self
        if name in self.globals:
            return self.module
        if self.bound[name] and name not in self.nonlocals:
            return self
        around: Scope = self.parent
        while around.parent is not None:
            if around.kind != "class":
                if name in around.globals:
                    return self.module
                if around.bound[name] and name not in around.nonlocals:
                    return around
            around = around.parent
        return around

    @property
    def module(self) -> "Scope":
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def changes(self, name: str, stored: set[str]) -> bool:
        """Whether this variable, which is this scope's own, may change while another function sees it.

        `stored` are names that are assigned as attributes, maybe of this module.
        """
        if self.kind == "class" or name not in self.captured:
            return False
        if self.kind == "module":
            told = self.bound[name] > 1 or name in self.late or name in stored
            return told or (self.all_change and self.bound[name] > 0)
        return self.bound[name] > 1 or self.last[name] > self.captured[name]


class Scopes(ast.NodeVisitor):
    """The scopes of one module, by the nodes that make them."""

    def __init__(self, tree: ast.Module) -> None:
        self.scope = self.module = Scope("module")
        self.of: dict[ast.AST, Scope] = {tree: self.module}
        self.loops = 0
        for statement in tree.body:
            self.visit(statement)
        self.imported = _imported(tree)
        self.module.late |= _late(tree, self.imported)
        for scope in self.of.values():
            self._capture(scope)

    def _capture(self, scope: Scope) -> None:
        for name in scope.used:
            owner, inside, between = scope.owner(name), scope.kind in LIVE_ON, scope
            if owner is scope:
                continue
            while between.parent is not owner and between.parent is not None:
                between = between.parent
                inside = inside or between.kind in LIVE_ON
            if inside or owner.kind == "module":
                first = owner.captured.get(name, between.position)
                owner.captured[name] = min(first, between.position)
            if name in scope.bound:  # by `global` or `nonlocal`: nobody knows when
                owner.bound[name] += 2
                owner.last.setdefault(name, scope.position)

    # Names.

    def _bind(self, node: ast.AST, scope: Scope) -> None:
        for name in bound(node):
            scope.bound[name] += 2 if self.loops else 1
            scope.last[name] = max(scope.last.get(name, (0, 0)), _position(node))
            scope.used.add(name)
            scope.all_change = scope.all_change or name == "*"

    def visit(self, node: ast.AST) -> None:
        if not isinstance(node, ast.arg):
            self._bind(node, self.scope)
        super().visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self.scope.used.add(node.id)
        if node.id in ("globals", "vars", "exec", "eval", "__main__"):
            self.module.all_change = True

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.module.all_change = self.module.all_change or node.attr == "modules"  # of `sys`
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> None:
        self.scope.globals.update(node.names)
        self.scope.used.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.scope.nonlocals.update(node.names)
        self.scope.used.update(node.names)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        scope = self.scope
        while scope.kind in ("comprehension", "generator") and scope.parent is not None:
            scope, self.loops = scope.parent, self.loops + 1
        self._bind(node.target, scope)
        self.scope.used.add(node.target.id)
        self.loops -= _depth(self.scope, scope)

    # Loops.

    def _loop(self, node: ast.AST) -> None:
        self.loops += 1
        self.generic_visit(node)
        self.loops -= 1

    visit_For = visit_AsyncFor = visit_While = _loop

    # Scopes.

    def _inside(self, node: ast.AST, kind: ScopeKind) -> "_WithinScope":
        return _WithinScope(self, node, kind)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
        outside: list[ast.AST | None] = [*arguments.defaults, *arguments.kw_defaults]
        outside += [each.annotation for each in every]
        body: list[ast.AST] = []
        if isinstance(node, ast.Lambda):
            body.append(node.body)
        else:
            outside += [*node.decorator_list, node.returns]
            body += [*getattr(node, "type_params", ()), *node.body]
        for each in outside:
            if each is not None:
                self.visit(each)
        with self._inside(node, "function"):
            for argument in every:
                self._bind(argument, self.scope)
            for each in body:
                self.visit(each)

    visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for each in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(each)
        with self._inside(node, "class"):
            for each in (*getattr(node, "type_params", ()), *node.body):
                self.visit(each)

    def _comprehension(self, node: COMPREHENSIONS) -> None:
        first, *rest = node.generators
        self.visit(first.iter)
        with self._inside(node, "generator" if isinstance(node, ast.GeneratorExp) else "comprehension"):
            self.loops = 1
            parts: list[ast.AST] = [first.target, *first.ifs, *rest]
            parts += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            for each in parts:
                self.visit(each)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension


class _WithinScope:
    """While the names of a node are looked at that has a scope of its own."""

    def __init__(self, scopes: Scopes, node: ast.AST, kind: ScopeKind) -> None:
        self.scopes, self.before = scopes, (scopes.scope, scopes.loops)
        self.scope = scopes.of[node] = Scope(kind, scopes.scope, _position(node))

    def __enter__(self) -> None:
        self.scopes.scope, self.scopes.loops = self.scope, 0

    def __exit__(self, *_: object) -> None:
        self.scopes.scope, self.scopes.loops = self.before


def _depth(scope: Scope, above: Scope) -> int:
    count = 0
    while scope is not above and scope.parent is not None:
        scope, count = scope.parent, count + 1
    return count


def _position(node: ast.AST) -> SourcePosition:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


# What is bound at the beginning, while there is but one thread, and never again, does not change.


def _late(tree: ast.Module, modules: dict[str, str]) -> set[str]:
    """The names that the module binds from the first statement on that may let others work."""
    late, names = False, set[str]()
    for statement in tree.body:
        late = late or any(not _is_quiet(node, modules) for node in _at_once(statement))
        if late:
            names |= {name for node in _at_once(statement) for name in bound(node)}
    return names


def _at_once(statement: ast.AST) -> list[ast.AST]:
    """What is done when this statement is, without what the functions do that it makes."""
    found, left = [], [statement]
    while left:
        node = left.pop()
        found.append(node)
        left += [
            child
            for child in ast.iter_child_nodes(node)
            if not (isinstance(node, FUNCTIONS) and child in _body(node))
        ]
    return found


def _body(node: FUNCTIONS) -> list[ast.AST]:
    return [node.body] if isinstance(node, ast.Lambda) else [*node.body]


def _imported(tree: ast.Module) -> dict[str, str]:
    """What names stand for that are imported: `threading`, or `queue.Queue`."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.partition(".")[0]] = alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def _is_quiet(node: ast.AST, imported: dict[str, str]) -> bool:
    """Whether what this node does by itself starts nobody."""
    if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
        return False
    if not isinstance(node, ast.Call):
        return True
    text = ast.unparse(node.func)
    root, _, rest = text.partition(".")
    if root not in imported:
        return text in QUIET_BUILTINS
    whole = imported[root] + (f".{rest}" if rest else "")
    module = whole.rpartition(".")[0]
    return module in QUIET_MODULES and whole.rpartition(".")[2] not in STARTS


def yields(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function makes generators."""
    inside: list[ast.AST] = [*function.body]
    while inside:
        node = inside.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            inside.extend(ast.iter_child_nodes(node))
    return False

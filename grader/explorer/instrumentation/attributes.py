"""Which attributes may change once others can see their owner, as far as the source tells."""

import ast
from collections.abc import Iterator

from grader.explorer.instrumentation.scopes import FUNCTIONS

ANY = "*"  # stands for every name: some are computed
_BY_NAME = {"setattr", "delattr", "vars", "exec", "eval", "globals"}
_SPACES = {"__dict__", "__setattr__", "__delattr__", "__setstate__"}


def changing(tree: ast.AST) -> set[str]:
    """Attributes that are assigned or deleted where others may know the owner already.

    Not so those that `__init__` assigns before it lets anybody know `self`, if it is called once.
    """
    again = any(
        isinstance(node, ast.Attribute) and node.attr == "__init__" and not _is_super(node.value)
        for node in ast.walk(tree)
    )
    makers = [*_makers(tree)]
    told = again or any(_own_attributes(maker, told=False)[1] for maker in makers)
    first: set[ast.AST] = set()
    if not again:
        for maker in makers:
            first |= _own_attributes(maker, told=told)[0]
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if not isinstance(node.ctx, ast.Load) and node not in first:
                names.add(node.attr)
            if node.attr in _SPACES:
                names.add(ANY)
        elif isinstance(node, ast.Name) and node.id in _BY_NAME:
            names.add(ANY)
    return names


def _makers(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    for kind in ast.walk(tree):
        if isinstance(kind, ast.ClassDef):
            for method in kind.body:
                if isinstance(method, ast.FunctionDef) and method.name == "__init__" and method.args.args:
                    yield method


def _own_attributes(maker: ast.FunctionDef, *, told: bool) -> tuple[set[ast.AST], bool]:
    """The targets that are assigned while nobody else knows `self`, and whether it gets known at all.

    `told`: the constructor of another class may let others know it.
    """
    me = maker.args.args[0].arg
    first: set[ast.AST] = set()
    known: set[str] = set()
    for statement in maker.body:
        targets = {
            node
            for node in ast.walk(statement)
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is(node.value, me)
        }
        if _is_told(statement, me, known, told=told):
            return first, True
        first |= targets
        known |= {node.attr for node in targets if isinstance(node, ast.Attribute)}
    return first, False


def _is_told(statement: ast.stmt, me: str, known: set[str], *, told: bool) -> bool:
    """Whether somebody may get to know `self` here: it is used by itself, or a method of it is."""
    owners = set()
    for node in ast.walk(statement):
        if isinstance(node, FUNCTIONS | ast.Await | ast.Yield | ast.YieldFrom):
            return True
        if isinstance(node, ast.Attribute) and _is(node.value, me):
            owners.add(node.value)
            if isinstance(node.ctx, ast.Load) and node.attr not in known:
                return True
        if isinstance(node, ast.Call) and _is_super(node) and told:
            return True
    return any(_is(node, me) and node not in owners for node in ast.walk(statement))


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_super(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _is(node.func, "super")

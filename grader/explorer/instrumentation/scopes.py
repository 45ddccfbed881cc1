"""What a module's source says of its names: which variables functions share, which attributes may change."""

import ast
from collections import Counter
from collections.abc import Iterator

FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def declared(node: ast.AST) -> set[str]:
    """The names that functions in here call global or nonlocal."""
    return {
        name for child in ast.walk(node) if isinstance(child, ast.Global | ast.Nonlocal) for name in child.names
    }


def bound_again(tree: ast.Module) -> set[str]:
    """Variables that the module's own lines bind more than once, or in a loop, and that functions read."""
    bound = Counter(_bound(tree, 1))
    read = {
        name.id
        for function in ast.walk(tree)
        if isinstance(function, FUNCTIONS)
        for name in ast.walk(function)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load)
    }
    return {name for name in read if bound[name] > 1}


def _bound(node: ast.AST, times: int) -> Iterator[str]:
    """The names that are bound here, outside of functions and classes; in a loop more than once."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FUNCTIONS | ast.ClassDef):
            continue
        if isinstance(child, ast.Assign | ast.AugAssign):
            targets = child.targets if isinstance(child, ast.Assign) else [child.target]
            for name in (name for target in targets for name in ast.walk(target)):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                    yield from [name.id] * times
        yield from _bound(child, 2 if isinstance(child, ast.For | ast.AsyncFor | ast.While) else times)


def local(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    """The names that are a function's own."""
    arguments = function.args
    names = {
        each.arg
        for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
                     arguments.vararg, arguments.kwarg)
        if each is not None
    }  # fmt: skip
    names |= {
        name.id for name in ast.walk(function) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }
    return names - declared(function)


def stored_names(tree: ast.AST) -> set[str]:
    """Attributes that are assigned outside of `__init__`: the others never change once they are there."""
    names: set[str] = set()

    def look(node: ast.AST, function: str | None) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                look(child, child.name)
                continue
            if (
                isinstance(child, ast.Attribute)
                and not isinstance(child.ctx, ast.Load)
                and function != "__init__"
            ):
                names.add(child.attr)
            if isinstance(child, ast.Name) and child.id in ("setattr", "vars", "delattr"):
                names.add("*")
            if isinstance(child, ast.Attribute) and child.attr in ("__dict__", "__setattr__"):
                names.add("*")
            look(child, function)

    look(tree, None)
    return names


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

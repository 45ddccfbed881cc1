"""The table of locks: whether a node's source touches each datum as its learner says. Read, never run."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.notebook.exercises.paper import Judged

BEFORE = "before"  # written before the first handler starts, only read from then on
STDOUT = "stdout"
LOCKS = ("Lock", "RLock", "Condition")
CHANGES = ("add", "append", "clear", "discard", "pop", "remove", "setdefault", "update")
STARTS = ("__init__", "init")  # where what is there `before` may be written
READERS = ("run", "dispatch")  # what the main thread does


def guarded(file: str, table: Mapping[str, str | None]) -> Judged:
    """Whether in this file each datum is guarded as the table says: by a lock's name, or "before".

    The table needs a row for each attribute that `Node.__init__` sets and that is no lock, and one for stdout.
    What is looked at is where each datum is named in the methods of the class `Node`:

    - with a lock: inside of `with self.LOCK:`, and in one method inside of one such block only
    - "before": changed in `__init__` and `init` only, and `self.init` is called by `run` or `dispatch` only
    """
    try:
        tree = ast.parse(Path(file).read_text("utf-8"))
    except (OSError, SyntaxError) as error:
        return Judged(False, f"{file} can't be read: {error}")
    node = next((each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == "Node"), None)
    if node is None:
        return Judged(False, f"{file} has no class Node")
    methods = {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}
    faults = _faults(methods, _named_outside(tree, node), table)
    if faults:
        return Judged(False, "\n".join(faults))
    return Judged(True, f"Each of {', '.join(table)} is touched as the table says.")


def unlocked(file: str) -> list[str]:
    """The data of this file's `Node` that change while handlers run, without one lock wherever they occur.

    A hint and no verdict: a lock that is held under another name, or without `with`, is not seen.
    """
    try:
        tree = ast.parse(Path(file).read_text("utf-8"))
    except (OSError, SyntaxError):
        return []
    node = next((each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == "Node"), None)
    methods = {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)} if node else {}
    if node is None or "__init__" not in methods:
        return []
    outside = _named_outside(tree, node)
    data, locks = _attributes(methods["__init__"])
    changed = [STDOUT, *(datum for datum in data if any(_changed(methods, datum)))]
    return [datum for datum in changed if all(any(_unguarded(methods, outside, datum, lock)) for lock in locks)]


def _faults(
    methods: dict[str, ast.FunctionDef], outside: frozenset[str], table: Mapping[str, str | None]
) -> list[str]:
    data, locks = _attributes(methods["__init__"]) if "__init__" in methods else ([], [])
    rows = [*data, STDOUT]
    known = [*locks, BEFORE]
    faults = [f"{datum} needs a row" for datum in rows if datum not in table]
    faults += [f"{datum}: there is no such datum in Node.__init__" for datum in table if datum not in rows]
    unknown = [datum for datum, guard in table.items() if guard not in known]
    if unknown:
        faults.append(f"{', '.join(unknown)}: write one of {', '.join(known)}, in quotes")
    if faults:
        return faults
    for datum, guard in table.items():
        if guard == BEFORE:
            faults += _changed(methods, datum)
        else:
            faults += _unguarded(methods, outside, datum, str(guard))
    if BEFORE in table.values():
        faults += _init_elsewhere(methods)
    return faults


def _attributes(method: ast.FunctionDef) -> tuple[list[str], list[str]]:
    """What a method sets on `self`: data, and locks."""
    data: list[str] = []
    locks: list[str] = []
    for each in ast.walk(method):
        targets = each.targets if isinstance(each, ast.Assign) else []
        targets = [each.target] if isinstance(each, ast.AnnAssign) else targets
        for target in targets:
            for one in target.elts if isinstance(target, ast.Tuple) else [target]:
                if name := _own(one):
                    value = getattr(each, "value", None)
                    (locks if isinstance(value, ast.Call) and _called(value) in LOCKS else data).append(name)
    return data, locks


def _own(expression: ast.AST) -> str:
    """The name in `self.NAME`, or nothing."""
    if isinstance(expression, ast.Attribute) and isinstance(expression.value, ast.Name):
        return expression.attr if expression.value.id == "self" else ""
    return ""


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _touches(node: ast.AST, datum: str) -> bool:
    if datum == STDOUT:
        if isinstance(node, ast.Call) and _called(node) == "print":
            return not any(keyword.arg == "file" for keyword in node.keywords)
        return isinstance(node, ast.Attribute) and node.attr == STDOUT
    return _own(node) == datum


def _named_outside(tree: ast.Module, node: ast.ClassDef) -> frozenset[str]:
    """What other code than this class asks of anything: a method of that name may be called there."""
    own = {id(each) for each in ast.walk(node)}
    return frozenset(
        each.attr for each in ast.walk(tree) if isinstance(each, ast.Attribute) and id(each) not in own
    )


def _inside(method: ast.FunctionDef, lock: str) -> dict[int, ast.With]:
    """What stands inside of a block of this lock, by identity, and which block it is."""
    blocks = [each for each in ast.walk(method) if isinstance(each, ast.With) and _holds(each, lock)]
    return {id(below): block for block in blocks for part in block.body for below in ast.walk(part)}


def _called_under(methods: dict[str, ast.FunctionDef], outside: frozenset[str], lock: str) -> set[str]:
    """The methods that are only ever called by somebody of the class who holds this lock."""
    free = {"__init__", *outside}  # that may be called without it
    uses: dict[str, list[tuple[str, bool]]] = {name: [] for name in methods}
    for name, method in methods.items():
        inside = _inside(method, lock)
        called = {id(each.func) for each in ast.walk(method) if isinstance(each, ast.Call)}
        for each in ast.walk(method):
            if (used := _own(each)) in uses:
                uses[used].append((name, id(each) in called and id(each) in inside))
    held = {name for name in methods if uses[name] and name not in free}
    while True:
        left = {name for name in held if all(holds or by in held - {name} for by, holds in uses[name])}
        if left == held:
            return held
        held = left


def _unguarded(
    methods: dict[str, ast.FunctionDef], outside: frozenset[str], datum: str, lock: str
) -> Iterator[str]:
    """Where a datum is touched without its lock, or in a second block of it."""
    under = _called_under(methods, outside, lock)
    for name, method in methods.items():
        if name == "__init__" or name in under:
            continue
        inside = _inside(method, lock)
        used: set[int] = set()
        for each in ast.walk(method):
            if not _touches(each, datum):
                continue
            block = inside.get(id(each))
            where = f"line {getattr(each, 'lineno', 0)}, in {name}"
            if block is None:
                yield f"{datum}: {where}, touches it outside of `with self.{lock}:`"
            elif used and id(block) not in used:
                yield (
                    f"{datum}: {where}, touches it in a second `with self.{lock}:` of the same method. "
                    "Between the two anybody may come in: take one block, or two methods"
                )
            used |= {id(block)} if block else set()


def _holds(block: ast.With, lock: str) -> bool:
    return any(_own(item.context_expr) == lock for item in block.items)


def _changed(methods: dict[str, ast.FunctionDef], datum: str) -> Iterator[str]:
    """Where a datum that should be there `before` is set again later."""
    if datum == STDOUT:
        yield f"{datum}: it is written all the time, so it needs a lock"
        return
    for name, method in methods.items():
        if name in STARTS:
            continue
        for each in ast.walk(method):
            if _stores(each, datum) or _mutates(each, datum):
                line = getattr(each, "lineno", 0)
                yield f"{datum}: line {line}, in {name}, changes it while handlers run"


def _stores(node: ast.AST, datum: str) -> bool:
    target = node.value if isinstance(node, ast.Subscript) else node
    return isinstance(getattr(node, "ctx", None), ast.Store | ast.Del) and _own(target) == datum


def _mutates(node: ast.AST, datum: str) -> bool:
    method = node.func if isinstance(node, ast.Call) else None
    return isinstance(method, ast.Attribute) and _own(method.value) == datum and method.attr in CHANGES


def _init_elsewhere(methods: dict[str, ast.FunctionDef]) -> Iterator[str]:
    """Where `self.init` is named other than as a call by what the main thread does."""
    for name, method in methods.items():
        called = {id(each.func) for each in ast.walk(method) if isinstance(each, ast.Call)}
        for each in ast.walk(method):
            if _own(each) == "init" and (name not in READERS or id(each) not in called):
                line = getattr(each, "lineno", 0)
                yield f"init: line {line}, in {name}: run or dispatch must call it, themselves and nobody else"

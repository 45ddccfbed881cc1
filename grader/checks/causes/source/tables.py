"""Slips with the table of who waits: emptied for all, of two kinds of keys, written too late."""

import ast
from collections.abc import Iterator

from grader.checks.causes.source.program import Source, last_name, own
from grader.checks.causes.source.slips import Slip


def forgets_all(source: Source) -> Iterator[Slip]:
    """A table in which others note who waits is emptied."""
    noted = {
        (ast.unparse(n.value), function)
        for function in source.functions()
        for n in own(function)
        if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)
    }
    for function in source.functions():
        for n in own(function):
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr == "clear":
                table = ast.unparse(n.func.value)
                if any(name == table and other is not function for name, other in noted):
                    text = f"{source.line(n.lineno)} empties {table} of all that is noted there, and others "
                    hint = f"Take out only what is done with, by its key: {table}.pop(number, None)."
                    yield Slip(f"{text}still wait for theirs.", n.lineno, hint)


def key_of_another_type(source: Source) -> Iterator[Slip]:
    """An entry is noted under a text, and looked for under the number that a reply names."""
    inside = [node for function in source.functions() for node in own(function)]
    noted = {
        ast.unparse(n.value): n
        for n in inside
        if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store) and _is_text(n.slice)
    }
    for table, store in noted.items():
        for node in inside:
            key = _looked_up(node, table)
            if key is not None and not _is_text(key) and "in_reply_to" in ast.unparse(key):
                text = f"{source.line(store.lineno)} notes under a text ({ast.unparse(store.slice)}) what line "
                text += f"{node.lineno} looks for under a number: “1” is not 1."  # type: ignore[attr-defined]
                yield Slip(text, store.lineno, "Take the msg_id as it is for the key, in both places.")


def _looked_up(node: ast.AST, table: str) -> ast.expr | None:
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and ast.unparse(node.value) == table:
        return node.slice
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        is_its = ast.unparse(node.func.value) == table
        return node.args[0] if is_its and node.func.attr in ("get", "pop") else None
    return None


def _is_text(key: ast.AST) -> bool:
    return isinstance(key, ast.JoinedStr) or (isinstance(key, ast.Call) and last_name(key.func) == "str")


def sent_before_noted(source: Source) -> Iterator[Slip]:
    """A request is sent, and only then who waits for its reply is noted."""
    for function in source.functions():
        if isinstance(function, ast.AsyncFunctionDef):  # nobody comes in between
            continue
        sent: dict[str, int] = {}
        for node in own(function):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _sends(node.value):
                sent |= {ast.unparse(target): node.lineno for target in node.targets}
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                at = sent.get(ast.unparse(node.slice))
                if at is not None and at < node.lineno:
                    text = f"{source.line(at)} sends, and only line {node.lineno} notes who waits: a reply "
                    hint = "Note who waits first, then send: take the number before."
                    yield Slip(f"{text}that comes in between finds nobody.", node.lineno, hint)


def _sends(call: ast.Call) -> bool:
    return any(word in last_name(call.func) for word in ("send", "write"))

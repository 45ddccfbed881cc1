"""Keys that are looked up where they never stand."""

import ast
from collections.abc import Iterator

from grader.checks.causes.source.program import Source, own
from grader.checks.causes.source.slips import Slip

OF_THE_BODY = ("type", "msg_id", "in_reply_to", "echo", "target", "inner")


def looked_up_beside_the_body(source: Source) -> Iterator[Slip]:
    """A key of the body's that is looked up in the message around it: `"in_reply_to" in message`."""
    for scope in (source.tree, *source.functions()):
        inside = list(own(scope))
        messages = {where for node in inside for where, key in _looked_up(node) if key == "body"}
        messages -= {
            ast.unparse(target)
            for node in inside
            if isinstance(node, ast.Assign)
            and any(key == "body" for n in ast.walk(node.value) for _, key in _looked_up(n))
            for target in node.targets
        }
        for node in inside:
            for where, key in _looked_up(node):
                if where in messages and key in OF_THE_BODY and isinstance(node, ast.expr):
                    text = f"{source.line(node.lineno)} looks for {key} in {where}: it stands in its body."
                    yield Slip(text, node.lineno, f'Look for it there, where the body is: {where}["body"].')


def _looked_up(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Where, and for which key, this looks: `where[key]`, `where.get(key)`, `key in where`."""
    match node:
        case ast.Subscript(value=where, slice=ast.Constant(value=str(key)), ctx=ast.Load()):
            yield ast.unparse(where), key
        case ast.Call(func=ast.Attribute(value=where, attr="get"), args=[ast.Constant(value=str(key)), *_]):
            yield ast.unparse(where), key
        case ast.Compare(left=ast.Constant(value=str(key)), ops=[ast.In() | ast.NotIn()], comparators=[where]):
            yield ast.unparse(where), key

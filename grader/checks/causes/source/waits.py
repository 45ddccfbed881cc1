"""Slips with waiting: until when, in what, and what a wait gives."""

import ast
from collections.abc import Iterator

from grader.checks.causes.source.program import Def, Source, last_name, own
from grader.checks.causes.source.slips import Slip, made_for_each

CLOCKS = ("monotonic", "time", "perf_counter")
OF_ONE_CALL = ("Event", "Queue", "SimpleQueue", "LifoQueue", "Future")
WAITS = ("get", "wait", "result")


def time_of_the_start(source: Source) -> Iterator[Slip]:
    """Until when to wait, worked out once, before anybody waits: `self.until = time.monotonic() + 1`."""
    for_each = made_for_each(source)
    classes = (n for n in ast.walk(source.tree) if isinstance(n, ast.ClassDef) and n.name not in for_each)
    starts = (n for made in classes for n in made.body if isinstance(n, Def) and n.name == "__init__")
    for node in (*source.tree.body, *(node for start in starts for node in own(start))):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and _asks_a_clock(node.value):
            name = ast.unparse(node.targets[0])
            text = f"{source.line(node.lineno)} works out once, at the start, until when to wait: later "
            hint = "Work it out where a wait begins: each has a time of its own."
            yield Slip(f"{text}{name} is over, and nobody waits.", node.lineno, hint)


def wait_asked_for_none(source: Source) -> Iterator[Slip]:
    """What an event's wait gives is compared with None: it is True, or False where time was up."""
    if any(function.name == "wait" for function in source.functions()):  # which may give whatever it likes
        return
    for scope in (source.tree, *source.functions()):
        inside = list(own(scope))
        given = {
            ast.unparse(node.targets[0])
            for node in inside
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and last_name(node.value.func) == "wait"
        }
        for node in inside:
            if not isinstance(node, ast.Compare) or ast.unparse(node.comparators[0]) != "None":
                continue
            asked = ast.unparse(node.left)
            if asked in given or (isinstance(node.left, ast.Call) and last_name(node.left.func) == "wait"):
                text = f"{source.line(node.lineno)} compares what wait() gives with None: it gives True, or "
                yield Slip(
                    f"{text}False where time was up.", node.lineno, f"Ask whether it is true: if not {asked}."
                )


def _asks_a_clock(node: ast.BinOp) -> bool:
    calls = (n for n in ast.walk(node) if isinstance(n, ast.Call))
    return isinstance(node.op, ast.Add) and any(last_name(n.func) in CLOCKS for n in calls)


def one_of_the_module(source: Source) -> Iterator[Slip]:
    """An event or a queue of the module's in which each call waits for what is its own, with a time limit."""
    made = {
        node.targets[0].id: node
        for node in source.tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Call)
        and last_name(node.value.func) in OF_ONE_CALL
    }
    for function in source.functions():
        inside = list(own(function))
        looping = {id(n) for loop in inside if isinstance(loop, ast.While | ast.For) for n in ast.walk(loop)}
        mine = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for call in inside:
            if (
                not isinstance(call, ast.Call)
                or not isinstance(call.func, ast.Attribute)
                or id(call) in looping
            ):
                continue
            where = call.func.value
            if not isinstance(where, ast.Name) or where.id not in {*made} - mine or not function.args.args:
                continue
            if call.func.attr in WAITS and (call.args or call.keywords):
                node = made[where.id]
                text = (
                    f"{source.line(node.lineno)} makes {where.id} once, and each call of {function.name} waits "
                )
                hint = f"Make one for each request: in {function.name}, and noted under its number."
                yield Slip(f"{text}for that one (line {call.lineno}).", node.lineno, hint)

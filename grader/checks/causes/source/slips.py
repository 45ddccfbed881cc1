"""Slips that can be read in a source: of each the lines, and what to do.

Each is told only of a node that has failed: such a line may be harmless elsewhere.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from grader.checks.causes.source.program import Def, Source, last_name, own
from grader.checks.causes.uncalled import HINT, NOTHING

# Who takes a function, to be called later: the place of that among the arguments, and its name there.
TAKERS = {
    "Thread": (1, "target"),
    "Process": (1, "target"),
    "Timer": (1, "function"),
    "submit": (0, "fn"),
    "to_thread": (0, "func"),
    "run_in_executor": (1, "func"),
    "call_later": (1, "callback"),
    "call_at": (1, "callback"),
    "call_soon": (0, "callback"),
    "call_soon_threadsafe": (0, "callback"),
    "add_done_callback": (0, "fn"),
}
GIVE_NOTHING = ("put", "put_nowait", "append", "set", "clear", "release", "notify", "notify_all", "set_result")
SIGNALS = ("Event", "Condition", "Queue", "SimpleQueue", "LifoQueue", "Future")
PUTS = ("put", "put_nowait")
KEEPERS = ("append", "add")
POOLS = ("to_thread", "run_in_executor", "submit")
METHODS = ("join", "start", "set", "wait", "release", "notify", "notify_all", "flush", "shutdown", "task_done")
CHANGES = ("update", "clear", "append", "extend", "insert", "setdefault", "pop", "popitem")


@dataclass(frozen=True, slots=True)
class Slip:
    """One of them, in words, with the line that is to be changed."""

    text: str
    line: int
    hint: str


@dataclass(frozen=True, slots=True)
class Changed:
    """An object of all calls' that is put into a queue in one line, and changed in another."""

    thing: str
    queue: str
    put: int
    change: int

    def slip(self, source: Source) -> Slip:
        text = f"{source.line(self.put)} puts {self.thing} itself into {self.queue}, and line {self.change} "
        return Slip(
            text + "changes it for the next one: a queue keeps the object, no copy.", self.change, A_NEW_ONE
        )


A_NEW_ONE = "Make a new one for each: what has been handed on is changed no more."


def called_at_once(source: Source) -> Iterator[Slip]:
    """A call where a function is meant, to be called later: `Timer(1, f(x))`, `Thread(target=f(x))`."""
    gives_nothing = {one.name for one in source.functions() if _gives_nothing(one)}
    for call in ast.walk(source.tree):
        if not isinstance(call, ast.Call) or (taker := last_name(call.func)) not in TAKERS:
            continue
        place, word = TAKERS[taker]
        given = [one.value for one in call.keywords if one.arg == word]
        given += call.args[place : place + 1] if not any(isinstance(a, ast.Starred) for a in call.args) else []
        for one in given:
            if not isinstance(one, ast.Call):
                continue
            name = last_name(one.func)
            if name in gives_nothing or (name in GIVE_NOTHING and isinstance(one.func, ast.Attribute)):
                f, arguments = ast.unparse(one.func), [*map(ast.unparse, (*one.args, *one.keywords))]
                text = f"{source.line(one.lineno)} calls {f}(…) there and then, and gives {taker} its result."
                yield Slip(
                    text, one.lineno, f"Give the function itself: {_apart(call, one, taker, f, arguments)}."
                )


def _apart(call: ast.Call, one: ast.Call, taker: str, f: str, arguments: Sequence[str]) -> str:
    """The call as it was meant, with the function and its arguments apart."""
    if taker in ("Thread", "Process"):
        return f"target={f}" + (f", args=({', '.join(arguments)},)" if arguments else "")
    before = (
        [ast.unparse(argument) for argument in call.args[: call.args.index(one)]] if one in call.args else []
    )
    if taker == "Timer":
        arguments = [f"[{', '.join(arguments)}]"] if arguments else []
    if taker == "add_done_callback":
        return f"{taker}(lambda done: {f}({', '.join(arguments)}))"
    return f"{taker}({', '.join((*before, f, *arguments))})"


def _gives_nothing(function: Def) -> bool:
    """Whether what it returns can't be a function: it returns nothing, or is a coroutine."""
    inside = list(own(function))
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in inside):
        return False
    gives = any(isinstance(node, ast.Return) and node.value is not None for node in inside)
    return isinstance(function, ast.AsyncFunctionDef) or not gives


def one_for_all(source: Source) -> Iterator[Slip]:
    """What each request needs for itself, and is made once: in a class body, or as a parameter's default."""
    classes = [node for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)]
    for_each = made_for_each(source)
    for made in classes:
        if made.name in for_each:
            yield from _in_its_body(source, made)
    kinds = (*SIGNALS, *(made.name for made in classes))
    for function in source.functions():
        yield from _as_a_default(source, function, kinds)


def made_for_each(source: Source) -> set[str]:
    """What is called in functions that are given something: of such classes there are many objects."""
    given = [one for one in source.functions() if one.args.args or one.args.vararg]
    return {last_name(n.func) for function in given for n in own(function) if isinstance(n, ast.Call)}


def _in_its_body(source: Source, made: ast.ClassDef) -> Iterator[Slip]:
    for node in made.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and _is_signal(node.value):
            name = ast.unparse(node.targets[0] if isinstance(node, ast.Assign) else node.target)
            text = (
                f"{source.line(node.lineno)} stands in the body of class {made.name}: it is made once, and all "
            )
            hint = f"Make one for each, in __init__: self.{name} = {ast.unparse(node.value)}."
            yield Slip(f"{text}{made.name}s share that one {name}.", node.lineno, hint)


def _as_a_default(source: Source, function: Def, kinds: Sequence[str]) -> Iterator[Slip]:
    for default in (*function.args.defaults, *function.args.kw_defaults):
        if isinstance(default, ast.Call) and last_name(default.func) in kinds:
            text = f"{source.line(default.lineno)} makes {ast.unparse(default)} once, where {function.name} is "
            hint = "Let the default be None, and make it inside of the function, for each call."
            yield Slip(f"{text}defined: all calls share that one.", default.lineno, hint)


def _is_signal(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) in SIGNALS


def put_and_changed(source: Source) -> Iterator[Changed]:
    """What all calls share, is put into a queue as it is, and is changed by the function that puts it there."""
    for function in source.functions():
        inside = list(own(function))
        made = {ast.unparse(n) for n in inside if isinstance(getattr(n, "ctx", None), ast.Store)}
        made |= {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}
        for call in inside:
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in PUTS:
                for thing in call.args[:1]:
                    name = ast.unparse(thing)
                    changes = [node.lineno for node in inside if _changes(node, name)]
                    if isinstance(thing, ast.Attribute | ast.Name) and name not in made and changes:
                        yield Changed(name, ast.unparse(call.func.value), call.lineno, changes[0])


def _changes(node: ast.AST, name: str) -> TypeGuard[ast.expr]:
    if isinstance(node, ast.Subscript):
        return isinstance(node.ctx, ast.Store | ast.Del) and ast.unparse(node.value) == name
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in CHANGES and ast.unparse(node.func.value) == name
    return False


def name_of_its_own(source: Source) -> Iterator[Slip]:
    """A function gives a value to a name that it never reads, and means the module's, which others read."""
    at_module = {name.id for name in _stored(source.tree)}
    free = {name for function in source.functions() for name in _read_of_the_module_s(function)}
    for function in source.functions():
        mine = _said_global(function) | {name.id for name in _loaded(function)}
        for target in _stored(function):
            name = target.id
            if name in at_module & free - mine:
                text = f"{source.line(target.lineno)} makes a name of {function.name}'s own: the {name} that "
                hint = f"Write global {name} at the beginning of {function.name}."
                yield Slip(f"{text}others read is the module's, and stays as it is.", target.lineno, hint)


def _read_of_the_module_s(function: Def) -> set[str]:
    """The names that it reads and does not bind itself."""
    bound = {one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
    bound |= {n.id for n in own(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return {name.id for name in _loaded(function)} - (bound - _said_global(function))


def _said_global(function: Def) -> set[str]:
    return {name for n in own(function) if isinstance(n, ast.Global | ast.Nonlocal) for name in n.names}


def _stored(scope: ast.AST) -> Iterator[ast.Name]:
    for node in own(scope):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
                yield from (part for part in parts if isinstance(part, ast.Name))


def _loaded(function: ast.AST) -> Iterator[ast.Name]:
    return (n for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))


def waits_before_it_answers(source: Source) -> Iterator[Slip]:
    """An `await` in the handler of echo, before its answer: another echo may overtake it there."""
    for function in source.functions():
        inside = list(own(function))
        answers = [n.lineno for n in inside if isinstance(n, ast.Constant) and n.value == "echo_ok"]
        for node in inside:
            if answers and isinstance(node, ast.Await) and (node.end_lineno or 0) < answers[0]:
                text = f"{source.line(node.lineno)} waits in {function.name} before it answers: another "
                hint = (
                    "Answer first and wait then, or write the replies in the order in which requests were read."
                )
                yield Slip(f"{text}echo, read later, overtakes it there.", node.lineno, hint)
                break


def writes_in_threads(source: Source) -> Iterator[Slip]:
    """What writes is handed to threads of a pool, which end in any order."""
    writers = {function.name for function in source.functions() if _writes(function)}
    for call in ast.walk(source.tree):
        if isinstance(call, ast.Call) and (taker := last_name(call.func)) in POOLS:
            for one in call.args[:2]:
                if last_name(one) in writers:
                    text = (
                        f"{source.line(call.lineno)} hands {ast.unparse(one)} to a pool's thread by {taker}: "
                    )
                    hint = (
                        f"Write where the order is known: call {ast.unparse(one)}(…) itself, it takes no time."
                    )
                    yield Slip(f"{text}which of two writes first is anybody's guess.", call.lineno, hint)


def _writes(function: Def) -> bool:
    said = [ast.unparse(n.func) for n in own(function) if isinstance(n, ast.Call)]
    return any(name == "print" or name.endswith(("stdout.write", "stdout.buffer.write")) for name in said)


def coroutine_not_started(source: Source) -> Iterator[Slip]:
    """A coroutine that is made and kept for later: nothing of it runs before somebody awaits it."""
    coroutines = {one.name for one in source.functions() if isinstance(one, ast.AsyncFunctionDef)}
    for function in source.functions():
        inside = list(own(function))
        calls = [n for n in inside if isinstance(n, ast.Call) and last_name(n.func) not in KEEPERS]
        used = {last_name(argument) for call in calls for argument in call.args}
        used |= {last_name(n.value) for n in inside if isinstance(n, ast.Await | ast.Return) and n.value}
        for node in inside:
            made = _kept(node, used)
            if isinstance(made, ast.Call) and last_name(made.func) in coroutines:
                text = f"{source.line(made.lineno)} makes a coroutine and starts nothing: it runs only once it "
                hint = f"Start it here: asyncio.create_task({ast.unparse(made)})."
                yield Slip(f"{text}is awaited, at the end, say.", made.lineno, hint)


def _kept(node: ast.AST, used: set[str]) -> ast.expr | None:
    """What is given a name that nothing of this function uses, or put away into a collection."""
    if isinstance(node, ast.Assign):
        return None if last_name(node.targets[0]) in used else node.value
    if isinstance(node, ast.Call) and last_name(node.func) in KEEPERS and node.args:
        return node.args[0]
    return None


def broad_before_narrow(source: Source) -> Iterator[Slip]:
    """An `except Exception` that stands before the one for TimeoutError, and takes that one's, too."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Try):
            continue
        for place, handler in enumerate(node.handlers):
            later = [ast.unparse(one.type) for one in node.handlers[place + 1 :] if one.type]
            if later and (handler.type is None or last_name(handler.type) in ("Exception", "BaseException")):
                text = f"{source.line(handler.lineno)} stands before except {later[0]}, and takes all of its: "
                yield Slip(f"{text}that one never runs.", handler.lineno, f"Put except {later[0]} first.")


def only_named(source: Source) -> Iterator[Slip]:
    """A line that names a method and does not call it: `owner.join`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Attribute) and node.value.attr in METHODS:
            what = ast.unparse(node.value)
            text = NOTHING.format(line=source.line(node.lineno))
            yield Slip(text, node.lineno, HINT.format(source=what))

"""Loaded into a Python node before its own code: on a signal it says on stderr where threads and tasks stand.

Python imports a module of this name at its start, from PYTHONPATH. Nothing of the node's changes by it, but
where it is followed (`following.py`): this folder leaves `sys.path` and PYTHONPATH again, the `sitecustomize`
that the system may have is run in its place, nothing is imported that was not there, and until the signal comes
nothing is done. The signal's handler runs in the main thread, between two of its instructions; calls that it
interrupts go on.

It can use nothing of the grader's: the node's Python may be another, without it.
"""

import os
import sys

TYPE_CHECKING = False  # as the module typing has it, which must not be imported here
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType
    from typing import Any

SIGNAL = 63  # a real-time signal that programs leave alone
BEGIN, ROW, END = "<<< where the node stands", "<<< stands ", "<<< that is where it stands"
FRAMES = 10  # of a stack, innermost first
STACKS = 24  # that differ
WAITING = 8  # of which it is told under what they are noted
SOURCE = 160  # characters of a line
_COROUTINE = 0x80 | 0x200  # inspect.CO_COROUTINE, CO_ASYNC_GENERATOR
_POOLS = "/concurrent/futures/thread.py", "/multiprocessing/pool.py"  # whose threads are workers of a pool
_FUNCTIONS = ("FunctionDef", "AsyncFunctionDef", "Lambda")
_ACTIONS = {  # of which a program's author expects that something happens
    *("set", "clear", "put", "put_nowait", "start", "join", "flush", "acquire", "release", "notify"),
    *("notify_all", "set_result", "set_exception", "task_done", "cancel", "drain", "shutdown", "close"),
}
_QUESTIONS = {"done", "cancelled", "is_set", "is_alive", "empty", "locked"}
_PARTS = (  # a kind of node, names, and its part that may be one of these without a call
    ("Expr", _ACTIONS, "value"),
    ("UnaryOp", _QUESTIONS, "operand"),
    ("BoolOp", _QUESTIONS, "values"),
    ("If", _QUESTIONS, "test"),
    ("While", _QUESTIONS, "test"),
    ("IfExp", _QUESTIONS, "test"),
)
_LOOPS = ("While", "For", "AsyncFor")
_ONLY_AST = 0x400
FOLLOW = "GRADER_FOLLOWS_SINCE"  # in the environment, where the node is followed: when that began
_following: "Any" = None


def _install() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    if FOLLOW in os.environ:
        _follow(float(os.environ.pop(FOLLOW)))
    sys.path[:] = [folder for folder in sys.path if os.path.abspath(folder) != here]
    before = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    after = [folder for folder in before if folder != here]
    if after:
        os.environ["PYTHONPATH"] = os.pathsep.join(after)
    else:
        os.environ.pop("PYTHONPATH", None)
    import _signal  # type: ignore[import-not-found]

    _signal.signal(SIGNAL, _tell)
    for finder in sys.meta_path:
        spec = finder.find_spec("sitecustomize", None)
        if spec is not None and spec.loader is not None:
            module = type(sys)("sitecustomize")
            module.__spec__, module.__file__ = spec, spec.origin
            sys.modules["sitecustomize"] = module
            spec.loader.exec_module(module)
            return


def _follow(began: float) -> None:
    """Keep in mind what the node catches, and tell it when asked, and at the end."""
    global _following
    import atexit

    import following  # type: ignore[import-not-found]

    del sys.modules["following"]  # the node may have a module of this name
    here = os.path.dirname(__file__)
    is_own = lambda file: os.path.dirname(file) != here and _is_own(file)  # noqa: E731
    _following = following.Following(is_own, _failed, began)
    atexit.register(_tell_at_the_end)


def _tell(_signum: int, frame: "FrameType | None") -> None:
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back  # asked while it was telling
    _write(lambda: _rows(frame))


def _tell_at_the_end() -> None:
    _write(_followed)


def _write(rows: "Callable[[], Iterable[dict[str, Any]]]") -> None:
    try:
        lines = [BEGIN, *(f"{ROW}{row!r}" for row in rows()), END]
    except Exception as error:
        fault = {"who": "fault", "text": repr(error)}
        lines = [BEGIN, f"{ROW}{fault!r}", END]
    data = "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")
    try:
        while data:
            data = data[os.write(2, data) :]
    except OSError:
        pass


def _rows(interrupted: "FrameType | None") -> "list[dict[str, Any]]":
    """A dict for each place at which threads or tasks stand, and for each task that failed unheard."""
    threading, asyncio = sys.modules.get("threading"), sys.modules.get("asyncio.tasks")
    main = threading.main_thread().ident if threading else None
    files: dict[Any, Any] = {}  # what is read of each file, by its name, and of each line, by both
    counted: dict[Any, Any] = {}
    for ident, current in sys._current_frames().items():
        frame = interrupted if current.f_code.co_filename == __file__ else current
        stack: list[Any] = []
        while frame is not None:
            stack.append((frame, frame.f_lineno))
            frame = frame.f_back
        who = "main" if ident == main or main is None else "thread"
        _count(counted, who, stack, files)
    failed = []
    for task in _tasks(asyncio):
        if task.done():
            error = None if task.cancelled() else getattr(task, "_exception", None)
            if error is not None:
                failed.append(_failed(error))
            continue
        stack, awaited = [], task.get_coro()
        while awaited is not None and len(stack) < 50:
            frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
            if frame is not None:
                stack.insert(0, (frame, frame.f_lineno))
            awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)
        runs_now = any(frame is interrupted for frame, _ in stack)
        if stack and not runs_now:
            _count(counted, "main task" if task.get_name() == "Task-1" else "task", stack, files)
    rows = [
        {"who": who, "count": len(stacks), "frames": frames, "pool": pool is not None, "queued": pool or 0}
        for (who, pool, _), (frames, stacks) in counted.items()
    ]
    _note_tables(list(zip(rows, [stacks for _, stacks in counted.values()], strict=True)), files)
    times = os.times()
    taken = [taken for file in list(files) if isinstance(file, str) for taken in _taken(file, files)]
    node = {"who": "node", "cpu": times[0] + times[1], "taken": taken, "processes": list(_processes(files))}
    node["uncalled"] = [at for file in list(files) if isinstance(file, str) for at in _uncalled(file, files)]
    return [node, *failed, *_followed(), *rows[:STACKS]]


def _followed() -> "Iterable[dict[str, Any]]":
    """What is known of a node that is followed: what ran, what was caught, what never started."""
    return _following.rows() if _following else ()


def _processes(files: "dict[Any, Any]") -> "Iterator[Any]":
    """Where the node has started processes with functions of its own: name of the function, file and line."""
    module = sys.modules.get("multiprocessing.process")
    if not getattr(module, "_children", ()):
        return
    for file in [file for file in files if isinstance(file, str)]:
        for node in _walk(_parsed(file, files)[1]):
            name = type(node).__name__ == "Call" and (_called(node) or getattr(node.func, "id", ""))
            if name == "Process":
                targets = [_dotted(word.value) for word in node.keywords if word.arg == "target"]
                yield from ((target, file, node.lineno) for target in targets if target)


def _tasks(asyncio: "Any") -> "list[Any]":
    if asyncio is None:
        return []
    known: Any = getattr(asyncio, "_scheduled_tasks", None)
    if known is None:
        known = getattr(asyncio, "_all_tasks", ())
    # A WeakSet may change while it is read, in threads that go on.
    for _ in range(5):
        try:
            return list(known)
        except RuntimeError:
            continue
    return []


def _failed(error: BaseException) -> "dict[str, Any]":
    file, line = "", 0
    seen: Any = error
    for _ in range(5):  # what was raised in a library has its own lines in what it came of
        at = seen.__traceback__ if seen is not None else None
        while at is not None:
            if _is_own(at.tb_frame.f_code.co_filename):
                file, line = at.tb_frame.f_code.co_filename, at.tb_lineno
            at = at.tb_next
        if file or seen is None:
            break
        seen = seen.__cause__ or seen.__context__
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:  # it is the node's own that says it
        text = type(error).__name__
    return {"who": "failed", "text": text[:500], "file": file, "line": line}


def _count(counted: "dict[Any, Any]", who: str, stack: "list[Any]", files: "dict[Any, Any]") -> None:
    frames: list[Any] = []
    for frame, line in stack:
        if len(frames) >= FRAMES:
            break
        code = frame.f_code
        own = _is_own(code.co_filename)
        if own or len(frames) == 0:
            source, locks, *loops = _of_line(frame, line, files) if own else ("", [], "", 0)
            is_coroutine = bool(code.co_flags & _COROUTINE)
            frames.append((code.co_filename, line, code.co_name, is_coroutine, source, locks, *loops))
    workers = [frame for frame, _ in stack if frame.f_code.co_filename.replace("\\", "/").endswith(_POOLS)]
    pool = max(map(_queued, workers), default=None)
    key = who, pool, repr(frames)
    counted.setdefault(key, (frames, []))[1].append(stack)


def _note_tables(places: "list[tuple[dict[str, Any], list[Any]]]", files: "dict[Any, Any]") -> None:
    """Add, to each row of those who wait, under what the node has noted that for which they wait."""
    own = [
        (row, [[at for at in stack if _is_own(at[0].f_code.co_filename)] for stack in stacks[:WAITING]])
        for row, stacks in places
    ]
    waiting = [
        (row, [lines[0] for lines in stacks])
        for row, stacks in own
        if stacks[0] and row["who"] in ("thread", "task") and row["count"] <= WAITING
    ]
    if not waiting:
        return
    module = type(sys)("noted")
    file = os.path.join(os.path.dirname(os.path.abspath(__file__)), "noted.py")
    with open(file, "rb") as stream:
        exec(compile(stream.read(), file, "exec"), module.__dict__)
    tables = module.Tables([frame for _, stacks in own for lines in stacks for frame, _ in lines], _walk)
    for row, lines in waiting[:WAITING]:
        try:
            row["noted"] = [tables.of(*at, *_parsed(at[0].f_code.co_filename, files)) for at in lines]
        except Exception:  # a table may change while it is read, in threads that go on
            continue


def _queued(worker: "FrameType") -> int:
    """How much work waits for a worker of the pool; of another kind of pool nobody knows, and some may."""
    try:
        return int(worker.f_locals["work_queue"].qsize())
    except Exception:
        return 1 if "/multiprocessing/" in worker.f_code.co_filename.replace("\\", "/") else 0


def _is_own(file: str) -> bool:
    slashed = file.replace("\\", "/")
    if file.startswith("<") or "/site-packages/" in slashed or "/dist-packages/" in slashed:
        return False
    return not slashed.startswith(os.path.dirname(os.__file__).replace("\\", "/") + "/")


def _of_line(frame: "FrameType", line: int, files: "dict[Any, Any]") -> "tuple[str, list[Any], str, int]":
    """The line itself, the locks that a `with` around it holds, or that the line wants, and its loops."""
    place = frame.f_code.co_filename, line  # a hundred threads may stand there: it is read once
    if place not in files:
        files[place] = _read_line(*place, files)
    source, locks, *loops = files[place]
    return source, [(state, name, _identity(name, frame), at) for state, name, at in locks], *loops


def _read_line(file: str, line: int, files: "dict[Any, Any]") -> "tuple[str, list[Any], str, int]":
    text, tree = _parsed(file, files)
    source = text[line - 1].strip()[:SOURCE] if 0 < line <= len(text) else ""
    locks = []
    for node in _walk(tree):
        kind = type(node).__name__
        if kind in ("With", "AsyncWith") and node.lineno <= line <= node.end_lineno:
            state = "wants" if line < node.body[0].lineno else "holds"
            for item in node.items:
                name = _dotted(item.context_expr)
                if name:
                    locks.append((state, name, node.lineno))
        elif kind == "Call" and node.lineno == line and _called(node) == "acquire":
            name = _dotted(node.func.value)
            if name:
                locks.append(("wants", name, line))
    return source, locks, *_loops(tree, line)


def _loops(tree: "Any", line: int) -> "tuple[str, int]":
    """The outermost loop of its function that a line is in: "for", "while", "ever" (while True), or none; and
    the line of the innermost.
    """
    around = [n for n in _walk(tree) if getattr(n, "lineno", line + 1) <= line <= (n.end_lineno or 0)]
    function = max((n.lineno for n in around if type(n).__name__ in _FUNCTIONS[:2]), default=0)
    loops = [n for n in around if type(n).__name__ in _LOOPS and n.lineno > function]
    if not loops:
        return "", 0
    first, last = (of(loops, key=lambda n: n.lineno) for of in (min, max))
    if type(first).__name__ != "While":
        return "for", last.lineno
    return "ever" if getattr(first.test, "value", None) in (True, 1) else "while", last.lineno


def _taken(file: str, files: "dict[Any, Any]") -> "Iterator[Any]":
    """Each `x.acquire()` that its function does not give back: what it takes, its line, and the way out.

    That is 0 where there is no `x.release()` at all, else the line of a `return` that stands before it.
    """
    _, tree = _parsed(file, files)
    for scope in _walk(tree):
        if type(scope).__name__ not in (*_FUNCTIONS, "Module"):
            continue
        inside = list(_walk(scope, _FUNCTIONS))
        calls = [node for node in inside if type(node).__name__ == "Call"]
        released = {_dotted(node.func.value) for node in calls if _called(node) == "release"}
        for node in calls:
            name = _dotted(node.func.value) if _called(node) == "acquire" else ""
            if name and name not in released:
                yield (name, file, node.lineno, 0)
        yield from ((name, file, *lines) for name, lines in _ways_out(inside))


def _uncalled(file: str, files: "dict[Any, Any]") -> "Iterator[Any]":
    """Each statement that only names a function of an object's, and does nothing, and each question that is put
    to the function itself, which counts as true: file, line, source, and of a question the name.
    """
    text, tree = _parsed(file, files)
    nodes = list(_walk(tree))
    attributes = [node for node in nodes if type(node).__name__ == "Attribute"]
    stored = {node.attr for node in attributes if type(node.ctx).__name__ == "Store"}
    stored |= {getattr(node.target, "id", "") for node in nodes if type(node).__name__ == "AnnAssign"}
    stored |= {node.arg for node in nodes if type(node).__name__ == "keyword"}
    for node in nodes:
        for kind, names, part in _PARTS:
            named = getattr(node, part) if type(node).__name__ == kind else None
            for one in named if isinstance(named, list) else [named]:
                if type(one).__name__ == "Attribute" and one is not None and one.attr in names - stored:
                    name = "" if kind == "Expr" else one.attr
                    yield file, node.lineno, text[node.lineno - 1].strip()[:SOURCE], name


def _ways_out(inside: "list[Any]") -> "Iterator[Any]":
    """Each lock that a function takes for sure and, further down, returns with: its name, and both lines."""
    finals = [
        (node.lineno, node.end_lineno, {_dotted(call.func.value) for call in _releases(node.finalbody)})
        for node in inside
        if type(node).__name__ == "Try" and node.finalbody
    ]
    sure = [node.value for node in inside if type(node).__name__ == "Expr" and _is_bare_acquire(node.value)]
    for call in sure:
        name = _dotted(call.func.value)
        let_go = [node.lineno for node in inside if _is_release(node) and _dotted(node.func.value) == name]
        for node in inside:
            if type(node).__name__ != "Return" or node.lineno <= call.lineno:
                continue
            is_safe = any(a <= node.lineno <= b and name in names for a, b, names in finals)
            if name and let_go and not is_safe and not any(call.lineno < at <= node.lineno for at in let_go):
                yield name, (call.lineno, node.lineno)


def _releases(nodes: "list[Any]") -> "list[Any]":
    return [node for top in nodes for node in _walk(top, _FUNCTIONS) if _is_release(node)]


def _is_release(node: "Any") -> bool:
    return type(node).__name__ == "Call" and _called(node) == "release"


def _is_bare_acquire(node: "Any") -> bool:
    """Whether it takes the lock whatever happens: one that may fail has arguments, or its result is used."""
    value = node.value if type(node).__name__ == "Await" else node
    is_call = type(value).__name__ == "Call" and _called(value) == "acquire"
    return is_call and not value.args and not value.keywords


def _parsed(file: str, files: "dict[Any, Any]") -> "Any":
    if file not in files:
        files[file] = [], None
        try:
            with open(file, "rb") as stream:
                raw = stream.read()
            files[file] = raw.decode("utf-8", "replace").splitlines(), compile(raw, file, "exec", _ONLY_AST)
        except (OSError, SyntaxError, ValueError):
            pass
    return files[file]


def _walk(node: "Any", within: "tuple[str, ...]" = ()) -> "Iterator[Any]":
    """The node and all below it, but for what stands in others of these kinds."""
    todo = [node] if node is not None else []
    while todo:
        node = todo.pop()
        yield node
        for name in node._fields:
            value = getattr(node, name, None)
            for child in value if isinstance(value, list) else [value]:
                if hasattr(child, "_fields") and type(child).__name__ not in within:
                    todo.append(child)


def _called(call: "Any") -> str:
    return str(getattr(call.func, "attr", "")) if hasattr(call.func, "value") else ""


def _dotted(node: "Any") -> str:
    """`self.lock` of an expression that is a name with attributes; of all else nothing."""
    names: list[str] = []
    while type(node).__name__ == "Attribute":
        names.insert(0, node.attr)
        node = node.value
    return ".".join([node.id, *names]) if type(node).__name__ == "Name" else ""


def _identity(dotted: str, frame: "FrameType") -> int:
    """Which object the name stands for, found without running anything of the node's; 0 if that can't be."""
    first, *rest = dotted.split(".")
    names: Any = frame.f_locals if first in frame.f_locals else frame.f_globals
    value = names.get(first)
    for name in rest:
        try:
            value = object.__getattribute__(value, "__dict__").get(name)
        except (AttributeError, TypeError):
            return 0
    return id(value) if value is not None else 0


_install()

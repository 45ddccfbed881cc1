"""Loaded beside `sitecustomize.py` where a node is followed: keeps in mind what it calls, catches and makes.

A case is played so once more where nobody knows why it failed. Python's own trace tells of each call, and of
each frame through which an exception goes; the last of the node's own is where it was caught, or where it left.
"""

import ast
import sys
import threading
import time
from collections import deque

TYPE_CHECKING = False  # as the module typing has it, which must not be imported here
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import Any

KEPT = 40  # exceptions: the first say why, a thousand that come of them nothing
CALLS = 60  # the latest
SOON_MS = 50.0  # so long a thread may be about to be started
# By which programs tell that something has ended, or has not come: to catch them is their use.
_NEWS = ("StopIteration", "StopAsyncIteration", "Empty", "Full", "QueueEmpty", "QueueFull", "TimeoutError")

_BROAD = ("Exception", "BaseException")  # who catches these catches what nobody had in mind
_SLIPS = "LookupError", "TypeError", "AttributeError", "NameError"  # and so may who catches these, from a call
_POOLS = "/concurrent/futures/thread.py", "/multiprocessing/pool.py"  # whose threads are workers of a pool
_FUNCTIONS = ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda
_OPTIMIZED = 0x1  # inspect.CO_OPTIMIZED
_SUSPENDS = 0x20 | 0x80 | 0x200  # inspect.CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR


class Passed:
    """An exception, and when it was raised. Of the last frame of the node's own through which it went: file,
    line, and the file of who called it; and through how many it went.
    """

    file = called_by = ""
    line = frames = 0

    def __init__(self, error: Exception, at_ms: float) -> None:
        self.error, self.at_ms = error, at_ms
        self.frame: FrameType | None = None

    def went(self, frame: "FrameType") -> None:
        self.frames += frame is not self.frame
        self.frame = frame
        self.file, self.line = frame.f_code.co_filename, frame.f_lineno
        self.called_by = frame.f_back.f_code.co_filename if frame.f_back else ""


class Call:
    """A call of one of the node's own functions, and the line that it has come to when it last gave way."""

    def __init__(self, frame: "FrameType", at_ms: float) -> None:
        code = frame.f_code
        self.code, self.at_ms, self.end, self.is_over = code, at_ms, 0, False

    def row(self) -> "tuple[str, int, int, bool, float]":
        return self.code.co_name, self.code.co_firstlineno, self.end, self.is_over, self.at_ms


class NewThread:
    """A thread, or a timer, which is one: where the node's own code has made it."""

    def __init__(self, thread: threading.Thread, frame: "FrameType", at_ms: float) -> None:
        self.thread, self.at_ms = thread, at_ms
        self.file, self.line = frame.f_code.co_filename, frame.f_lineno

    def row(self) -> "dict[str, Any]":
        kind = type(self.thread).__name__
        return {"who": "unstarted", "kind": kind, "file": self.file, "line": self.line, "at_ms": self.at_ms}


class Following:
    """Follows all threads from now on, in the files of which `is_own` says that they are the node's.

    `told` makes a row of an exception: its text, file and line. Times are counted from `began`, by the clock
    that all processes share, the monotonic one.
    """

    def __init__(
        self, is_own: "Callable[[str], bool]", told: "Callable[[Exception], dict[str, Any]]", began: float
    ) -> None:
        self.is_own, self.told, self.began = is_own, told, began
        self.passed: list[Passed] = []  # in order: all that its own code has raised, or let through
        self.calls: deque[Call] = deque(maxlen=CALLS)  # in order
        self.of_frame: dict[int, Call] = {}  # by the frame's number, which another may have later
        self.made: deque[NewThread] = deque(maxlen=CALLS)
        self._note_threads()
        threading.settrace(self._called)
        sys.settrace(self._called)

    def rows(self) -> "Iterator[dict[str, Any]]":
        """What ran, in order; the threads that were never started; and each exception that ended in a pool, or
        in an `except` that can't have had it in mind, with the lines of both.
        """
        yield from ({"who": "ran", "call": call.row()} for call in list(self.calls))
        for made in list(self.made):
            if made.thread.ident is None and self._now() - made.at_ms > SOON_MS:
                yield made.row()
        nodes: dict[str, list[ast.AST]] = {}  # of each file
        for one in list(self.passed):
            try:
                row = self._row(one, nodes)
            except Exception:  # the node's own words may fail, and its files be gone
                continue
            if row is not None:
                yield row

    def _note_threads(self) -> None:
        make = threading.Thread.__init__

        def noted(thread: threading.Thread, *args: "Any", **kwargs: "Any") -> None:
            make(thread, *args, **kwargs)
            frame = sys._getframe(1)
            while frame.f_code.co_name == "__init__" and frame.f_back:  # of its own class
                frame = frame.f_back
            if self.is_own(frame.f_code.co_filename):
                self.made.append(NewThread(thread, frame, self._now()))

        threading.Thread.__init__ = noted  # type: ignore[method-assign, assignment]

    def _row(self, one: Passed, nodes: "dict[str, list[ast.AST]]") -> "dict[str, Any] | None":
        row = {**self.told(one.error), "who": "swallowed", "at_ms": one.at_ms, "by": 0, "broad": False}
        kinds = [kind.__name__ for kind in type(one.error).__mro__]
        if one.file not in nodes:
            nodes[one.file] = list(ast.walk(ast.parse(_read(one.file))))
        taken = _catcher(one, kinds, nodes[one.file])
        if taken is None:
            return row if one.called_by.replace("\\", "/").endswith(_POOLS) else None
        row["by"], row["broad"], is_idle = taken
        # What is caught where it is asked for, and something is done then, was thought of.
        is_meant = one.frames == 1 and not is_idle
        return row if not is_meant and (row["broad"] or _is_from_afar(one, row, kinds)) else None

    def _called(self, frame: "FrameType", _event: str, _arg: "Any") -> "Any":
        if not self.is_own(frame.f_code.co_filename):
            return None
        frame.f_trace_lines = False
        known = self.of_frame.get(id(frame))
        if not frame.f_code.co_flags & _OPTIMIZED:  # a module, or the body of a class
            return self._in_frame
        goes_on = frame.f_lineno != frame.f_code.co_firstlineno  # a coroutine, where it had given way
        if known is None or known.code is not frame.f_code or known.is_over or not goes_on:
            self._begun(frame)
        return self._in_frame

    def _begun(self, frame: "FrameType") -> None:
        self.of_frame[id(frame)] = call = Call(frame, self._now())
        self.calls.append(call)

    def _in_frame(self, frame: "FrameType", event: str, arg: "Any") -> "Any":
        if event == "exception":
            error = arg[1]
            if isinstance(error, Exception) and type(error).__name__ not in _NEWS:
                self._take(error, frame)
        elif event == "return" and (call := self.of_frame.get(id(frame))) and call.code is frame.f_code:
            call.end = frame.f_lineno
            call.is_over = not frame.f_code.co_flags & _SUSPENDS
        return self._in_frame

    def _now(self) -> float:
        return (time.monotonic() - self.began) * 1000

    def _take(self, error: Exception, frame: "FrameType") -> None:
        known = next((passed for passed in reversed(self.passed) if passed.error is error), None)
        if known is None:
            if len(self.passed) >= KEPT:
                return
            known = Passed(error, self._now())
            self.passed.append(known)
        known.went(frame)


def _is_from_afar(one: Passed, row: "dict[str, Any]", kinds: "list[str]") -> bool:
    """Whether it is a slip in a function that was called where it was caught, and was not raised on purpose."""
    lines = _read(row["file"]).split("\n")
    words = lines[row["line"] - 1].split() if 0 < row["line"] <= len(lines) else []
    return one.frames > 1 and bool(set(kinds) & set(_SLIPS)) and words[:1] != ["raise"]


def _catcher(one: Passed, kinds: "list[str]", nodes: "list[ast.AST]") -> "tuple[int, bool, bool] | None":
    """The line of the `except`, or of the `with suppress`, that takes it in the last of its frames; whether
    that takes whatever may come, and whether nothing is done there. None if there is none.
    """
    of_function = max((n.lineno for n in nodes if isinstance(n, _FUNCTIONS) and _spans(n, one.line)), default=0)
    around = [
        node
        for node in nodes
        if isinstance(node, (ast.Try, ast.With))
        and of_function <= node.lineno < one.line
        and (node.body[-1].end_lineno or 0) >= one.line >= node.body[0].lineno
    ]
    for node in sorted(around, key=lambda node: -node.lineno):
        for at, names, body in _takers(node):
            if set(names) & {*_BROAD, *kinds}:
                if body and isinstance(body[-1], ast.Raise):
                    break  # it goes on from there
                return at, bool(set(names) & set(_BROAD)), all(map(_is_idle, body))
    return None


def _is_idle(done: ast.stmt) -> bool:
    """Whether a statement does nothing about an exception, but perhaps say that it came."""
    if isinstance(done, ast.Expr):
        call = done.value
        return isinstance(call, ast.Constant) or (
            isinstance(call, ast.Call)
            and _names(call.func)[0] in ("print", "print_exc", "write", "exception", "error")
        )
    return isinstance(done, (ast.Pass, ast.Continue, ast.Break, ast.Return))


def _takers(node: "ast.Try | ast.With") -> "Iterator[tuple[int, list[str], list[ast.stmt]]]":
    """The line of each clause that catches something, the names of what it catches, and what is done then."""
    if isinstance(node, ast.Try):
        for handler in node.handlers:
            yield handler.lineno, _names(handler.type) if handler.type else [*_BROAD], handler.body
        return
    for item in node.items:
        call = item.context_expr
        if isinstance(call, ast.Call) and _names(call.func) == ["suppress"]:
            yield call.lineno, [name for kind in call.args for name in _names(kind)], []


def _names(kind: ast.expr) -> "list[str]":
    """The last name of `a.b.Name`; of a tuple, of each."""
    each = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return [str(getattr(one, "attr", "") or getattr(one, "id", "")) for one in each]


def _spans(node: "ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda", line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or 0)


def _read(file: str) -> str:
    try:
        with open(file, "rb") as stream:
            return stream.read().decode("utf-8", "replace")
    except OSError:
        return ""

"""Names of locks, queues and the like, for people: from the line of the node's source that made them."""

import ast
import os
import sys
from functools import cache
from itertools import islice
from types import CodeType

from grader.explorer.runtime.resources import Resource
from grader.explorer.runtime.sources import Sources
from grader.explorer.runtime.worker import Key

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_DEEPEST = 8  # frames between what is made and the node's line that made it


class Made:
    """Where a thing was made: a key that is the same in every run, and a name for people."""

    __slots__ = ("at", "code", "file", "inside", "key", "kind", "line", "sources")

    def __init__(self, kind: Resource, sources: Sources) -> None:
        frame = sys._getframe(1)
        while frame.f_back is not None and frame.f_code.co_filename.startswith(_HERE):
            frame = frame.f_back
        key: list[tuple[str, int]] = []
        self.kind, self.sources = kind, sources
        self.file, self.line = "", 0
        self.code: CodeType | None = None
        self.at = 0
        self.inside = frame.f_code.co_filename not in sources
        while len(key) < _DEEPEST:
            code = frame.f_code
            key.append((os.path.basename(code.co_filename), frame.f_lineno))
            if code.co_filename in sources:
                self.file, self.line = code.co_filename, frame.f_lineno
                self.code, self.at = code, frame.f_lasti
                break
            if frame.f_back is None:
                break
            frame = frame.f_back
        self.key: Key = tuple(key)

    @property
    def label(self) -> str:
        """`self.lock`, if the source says so; else by kind and line."""
        if not self.file:
            return f"a {self.kind} of Python's own"
        target = _target(self.sources.line(self.file, self.line), self._column())
        if target and not self.inside:
            return target
        return f"the {self.kind} of {target}" if target else f"the {self.kind} of line {self.line}"

    def _column(self) -> int:
        """Where in its line the call stands that made it, indentation aside."""
        assert self.code is not None
        column = next(islice(self.code.co_positions(), self.at // 2, None))[2] or 0
        text = self.sources.lines[self.file][self.line - 1]
        return column - (len(text) - len(text.lstrip()))


@cache
def _target(text: str, column: int) -> str:
    """What a line assigns to, as it is written there; empty if it is no assignment.

    Of several targets the one that gets the value of this column.
    """
    try:
        statement = ast.parse(text).body[0]
    except (SyntaxError, IndexError):
        return ""
    if isinstance(statement, ast.AnnAssign):
        return ast.unparse(statement.target)
    if not isinstance(statement, ast.Assign):
        return ""
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, its in zip(target.elts, value.elts, strict=False):
            if its.col_offset <= column < (its.end_col_offset or 0):
                return ast.unparse(one)
    return ast.unparse(target)

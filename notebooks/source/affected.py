"""Which cells of a lesson come out otherwise once its exercises are solved: what a test needs to run again."""

import ast
import re
from collections.abc import Iterator
from typing import Any

from grader.notebook.course.statements import statements

FILES = re.compile(r"\b(\w+\.(?:py|jsonl|json))\b")
MODULES = re.compile(r"^\s*(?:from (\w+) import|import (\w+)\b)", re.M)
PREDICTIONS = re.compile(r'\b(?:predict|predicted|revealed|bet)\(\s*("[\w.]+")')
MAGIC = re.compile(r"%%(?:writefile|part) (\S+)")
MADE = re.compile(r'\b(?:begin|Path)\("(\w+\.\w+)"\)(?!\.read)')


def affected(unsolved: Any, solved: Any) -> list[Any]:
    """The cells of the solved notebook that differ, or that use what one of these has made, in order."""
    changed: set[str] = set()
    found = []
    for before, after in zip(unsolved.cells, solved.cells, strict=True):
        if after.cell_type != "code":
            continue
        if before.source != after.source or changed & set(_uses(after.source)):
            for each in _changed(before.source, after.source, changed):
                changed.add(each)
            found.append(after)
    return found


def _changed(before: str, after: str, changed: set[str]) -> Iterator[str]:
    """The names, files and predictions that a cell makes otherwise, now that it is solved."""
    if magic := MAGIC.match(after):
        yield magic[1]
        return
    same = set(_statements(before))
    for statement in _statements(after):
        if statement in same and not changed & set(_uses(statement)):
            continue
        yield from MADE.findall(statement.replace("'", '"'))
        yield from PREDICTIONS.findall(statement.replace("'", '"'))
        yield from (name for each in statements(statement) for name in each.binds)


def _statements(source: str) -> list[str]:
    """The statements at the top of a cell; imports bind the same whatever is solved."""
    imports = (ast.Import, ast.ImportFrom)
    return [ast.unparse(each) for each in ast.parse(source).body if not isinstance(each, imports)]


def _uses(source: str) -> Iterator[str]:
    """The names, files and predictions that a cell uses."""
    yield from PREDICTIONS.findall(source.replace("'", '"'))
    yield from FILES.findall(source)
    yield from (f"{one or other}.py" for one, other in MODULES.findall(source))
    for statement in statements(source):
        yield from statement.needs

"""Recorded runs of the corpus of races: what the explorer found, as data for the tests of the explanation.

`python -m tests.explorer.recordings [NAME …]` explores the nodes anew and writes their records again; the
explanation is a pure function of those, so its tests neither explore nor wait.
"""

import gzip
import json
import sys
import sysconfig
import types
import typing
from dataclasses import MISSING, fields, is_dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from grader.cases.select import select
from grader.conversation.submission import from_file
from grader.explorer.diagnosis.patterns import diagnose
from grader.explorer.search.engine import Searched
from grader.explorer.trace.model import Found, Run
from grader.grading.exploration import race
from tests.explorer.races import RACES, Node, nodes

RECORDED = Path(__file__).parent / "recorded"
BUDGET = 60.0  # seconds a node


@cache
def load(name: str) -> Found:
    """What was found in this node of the corpus."""
    return from_json(Found, json.loads(gzip.decompress(_file(name).read_bytes())))


def explore(node: Node) -> Found | None:
    """What the explorer finds in the node's own workload."""
    told: list[Searched] = []
    race(
        from_file(str(node.path)),
        select(["interleaving"], [node.workload]),
        budget=BUDGET,
        asked_for=[node.workload],
        on_searched=told.append,
    )
    return next((result.found for result in told if result.found), None)


def save(name: str, found: Found) -> None:
    """Write the record; without what the node wrote on stderr, which names files of this machine."""
    passing = found.passing and _without_stderr(found.passing)
    found = replace(found, failing=_without_stderr(found.failing), passing=passing)
    text = json.dumps(slim(found), ensure_ascii=False, separators=(",", ":"))
    for folder in (RACES, sysconfig.get_path("stdlib")):  # a traceback names them
        text = text.replace(f"{folder}/", "")
    RECORDED.mkdir(exist_ok=True)
    _file(name).write_bytes(gzip.compress(text.encode(), mtime=0))


def _without_stderr(run: Run) -> Run:
    return replace(run, transcript=tuple(event for event in run.transcript if event.kind != "err"))


def slim(value: Any) -> Any:
    """A record as JSON, without what is as it is by default."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: slim(getattr(value, field.name))
            for field in fields(value)
            if field.default is MISSING or getattr(value, field.name) != field.default
        }
    return [slim(item) for item in value] if isinstance(value, tuple) else value


def _file(name: str) -> Path:
    return RECORDED / f"{name}.json.gz"


def from_json(kind: Any, value: Any) -> Any:
    """What `as_json` wrote, as a `kind` again. Raises KeyError or TypeError if it is none."""
    return _read(kind, value)


@cache
def _hints(kind: type) -> dict[str, Any]:
    """The types of a record's fields, by name."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _read(kind: Any, value: Any) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], item) for name, item in value.items() if name in hints})
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        if len(inner) == 2 and inner[1] is ...:
            return tuple(_read(inner[0], item) for item in value)
        return tuple(_read(part, item) for part, item in zip(inner, value, strict=True))
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _read(next(part for part in inner if part is not type(None)), value)
    return value


if __name__ == "__main__":
    for node in nodes("wrong"):
        if not sys.argv[1:] or node.id in sys.argv[1:]:
            found = explore(node)
            if found:
                save(node.id, found)
            print(f"{node.id:<36}{diagnose(found).code if found else 'nothing found'}", flush=True)

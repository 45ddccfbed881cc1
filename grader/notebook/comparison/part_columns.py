"""A part of a node's source, cut out by its marks, and how the same part of several files is laid side by side.

Pure: text in, data out. A mark is a comment line like `# --- dispatch ---`; in Go, `// --- dispatch ---`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from textwrap import dedent

PARTS = ("read", "init", "dispatch", "guard", "reply", "drain")
ALL, SOME, ONE = " ", "~", "+"  # a line stands in all columns, in some of them, in this one only

MARK = re.compile(r"^([ \t]*)(?:#|//) --- (\w+) ---[ \t]*$")
FUNCTION = re.compile(r"^(?:async )?def (\w+)|^func (?:\([^)]*\) )?(\w+)")


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One line of a column: its text, whether other columns have it too, the sign of what it corresponds to."""

    text: str
    mark: str = ALL
    sign: str = ""


@dataclass(frozen=True, slots=True)
class PartColumn:
    """A part as one file has it. `kind` is the file's ending: only lines of one language are compared."""

    name: str
    kind: str
    text: str


CodeRow = tuple[tuple[CodeLine, ...], ...]  # what stands beside one another: lines of each column, maybe none


@dataclass(frozen=True, slots=True)
class _Function:
    name: str  # empty for what stands before the first one
    lines: tuple[str, ...]


def marks(source: str) -> list[str]:
    """The names of the marks in a source, in order."""
    return [mark[2] for line in source.splitlines() if (mark := MARK.match(line))]


def cut(source: str, part: str) -> str:
    """The text of a part, without its mark and without the indentation that all of it has.

    It ends at the next mark, or where the block that the mark stands in ends. Empty if there is no such mark.
    """
    taken: list[str] = []
    inside: str | None = None  # the indentation of the mark
    for line in source.splitlines():
        mark = MARK.match(line)
        if mark:
            inside = mark[1] if mark[2] == part else None
        elif inside is not None:
            if line.strip() and not line.startswith(inside):
                inside = None
            else:
                taken.append(line)
    return dedent("\n".join(taken)).strip("\n")


def only(text: str, function: str) -> str:
    """What a part has of one function; empty if it has none of this name."""
    lines = [line for each in _functions(text) if each.name == function for line in each.lines]
    return "\n".join(lines)


def lay(columns: Sequence[PartColumn]) -> list[CodeRow]:
    """The rows of a side-by-side view. Functions that all columns have begin on the same row.

    A line is marked as standing in ALL, SOME or ONE by looking at the other columns of its language,
    in the same row.
    """
    functions = [_functions(column.text) for column in columns]
    kinds = [column.kind for column in columns]
    rows = []
    begins = [0] * len(columns)
    for name in [*_common([[f.name for f in each] for each in functions]), None]:
        ends = [
            len(each) if name is None else _find(each, name, begin)
            for each, begin in zip(functions, begins, strict=True)
        ]
        for lows, highs in ((begins, ends), (ends, [end + 1 for end in ends])):
            blocks = [
                [line for f in each[low:high] for line in ("", *f.lines)][1:]
                for each, low, high in zip(functions, lows, highs, strict=True)
            ]
            if any(blocks):
                rows.append(_marked(blocks, kinds))
        begins = [end + 1 for end in ends]
    return rows


def sign(line: CodeLine, beginnings: Mapping[str, str]) -> CodeLine:
    """The line with the sign of the beginning that it has; a space if it has none of these."""
    signs = [sign for beginning, sign in beginnings.items() if line.text.strip().startswith(beginning)]
    return replace(line, sign=signs[0] if signs else " ")


def _functions(text: str) -> list[_Function]:
    """A part's functions, each with the comments and decorators that stand directly above it."""
    lines = text.splitlines()
    starts = [n for n, line in enumerate(lines) if FUNCTION.match(line)]
    found = []
    begin, name = 0, ""
    for start in [*starts, len(lines)]:
        above = start
        while above > begin and start < len(lines) and lines[above - 1].startswith(("#", "//", "@")):
            above -= 1
        block = "\n".join(lines[begin:above]).strip("\n")
        if block:
            found.append(_Function(name, tuple(block.splitlines())))
        if start < len(lines):
            head = FUNCTION.match(lines[start])
            assert head is not None
            begin, name = above, head[1] or head[2]
    return found


def _common(names: Sequence[Sequence[str]]) -> list[str]:
    """A long sequence of names that all lists have in this order."""
    shared = list(names[0])
    for other in names[1:]:
        shared = _in_both(shared, other)
    return shared


def _in_both(one: Sequence[str], other: Sequence[str]) -> list[str]:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return [name for match in matcher.get_matching_blocks() for name in one[match.a : match.a + match.size]]


def _find(functions: Sequence[_Function], name: str, begin: int) -> int:
    return next(n for n in range(begin, len(functions)) if functions[n].name == name)


def _marked(blocks: Sequence[Sequence[str]], kinds: Sequence[str]) -> CodeRow:
    have = [{line.rstrip() for line in block} for block in blocks]
    row = []
    for me, block in enumerate(blocks):
        others = [have[n] for n in range(len(blocks)) if n != me and kinds[n] == kinds[me]]
        row.append(tuple(CodeLine(line.rstrip(), _mark(line.rstrip(), others)) for line in block))
    return tuple(row)


def _mark(line: str, others: Sequence[set[str]]) -> str:
    found = sum(line in each for each in others)
    if not line or found == len(others):
        return ALL
    return SOME if found else ONE

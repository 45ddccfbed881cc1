"""A part of the node as it stands in several files, side by side, with what differs marked.

As HTML it is columns that stack by themselves where there is no room for them, without scripts or style
sheets, which sites that show notebooks drop; as plain text, columns if they fit, else one below the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.notebook.cell_output import CellOutput, paragraphs
from grader.notebook.comparison.part_columns import (
    ONE,
    PARTS,
    SOME,
    CodeLine,
    CodeRow,
    PartColumn,
    cut,
    lay,
    marks,
    only,
    sign,
)
from grader.notebook.exercises.lesson_files import load
from grader.notebook.nodes.node_files import REFERENCE, NoSuchNode, go_file, node_file
from grader.reports.html_templates import fill

WIDTH = 100  # characters that plain text may take
TAB = 4
SIGNS = "①②③④⑤⑥⑦⑧⑨"
TINT = {ONE: "background:rgba(255,160,0,.2)", SOME: "background:rgba(110,130,255,.16)"}
TEMPLATE = Path(__file__).with_name("side_by_side.html.jinja")


def side_by_side(part: str, *files: str, go: bool = False, width: int = WIDTH) -> CellOutput:
    """A part of the node (read, init, dispatch, guard, reply or drain) in several files, in columns.

    "guard.say" shows of guard the function say only. Without files it is the reference's three. With `go`
    the node in Go stands beside them, and numbers say which of its lines corresponds to which. `width` is
    how many characters plain text may take.
    """
    name, _, function = part.partition(".")
    if name not in PARTS:
        return _sorry(f"There is no part {name}; a node has {', '.join(PARTS)}.")
    try:
        paths = [node_file(file) for file in files or REFERENCE] + ([go_file()] if go else [])
    except NoSuchNode as refusal:
        return _sorry(str(refusal))
    columns, notes = _columns(paths, name, function)
    if not any(column.text for column in columns):
        return _sorry(*notes)
    rows = lay(columns)
    alike = [each for each in load("go/lines.toml").get(name, []) if go and _occurs(each, columns)]
    if go:
        rows = [_signed(row, columns, alike) for row in rows]
    names = [column.name for column in columns]
    legend = _legend([line for row in rows for block in row for line in block], alike, len(names) - go)
    return CellOutput(
        _text(part, names, rows, [*legend, *notes], width), _html(part, names, rows, [*legend, *notes])
    )


def _columns(paths: Sequence[Path], part: str, function: str) -> tuple[list[PartColumn], list[str]]:
    """The part as each file has it, and a line on what is missing."""
    columns, notes = [], []
    for path in paths:
        source = path.read_text("utf-8")
        if part in marks(source):
            text = cut(source, part)
            columns.append(PartColumn(path.name, path.suffix, only(text, function) if function else text))
        else:
            notes.append(_how_to_mark(path, part, marks(source)))
    if columns and not any(column.text for column in columns):
        notes.append(f"There is no function {function} in {part}." if function else f"{part} is empty.")
    return columns, notes


def _sorry(*lines: str) -> CellOutput:
    return CellOutput("\n".join(lines), paragraphs(lines))


def _how_to_mark(path: Path, part: str, there: Sequence[str]) -> str:
    has = f"it has marks for {', '.join(there)}" if there else "it has no marks"
    comment = "//" if path.suffix == ".go" else "#"
    return f'{path.name}: {has}; put the line "{comment} --- {part} ---" above what belongs to {part}.'


def _legend(lines: Sequence[CodeLine], alike: Sequence[Mapping[str, Any]], compared: int) -> list[str]:
    """What the signs and marks mean, as far as they occur. `compared` are the columns that are."""
    used = {line.mark for line in lines}
    numbers = [f"{SIGNS[n]} {each['says']}" for n, each in enumerate(alike)]
    some = ["~ in some of the other columns too"] if SOME in used else []
    one = ["+ only in this column"] if ONE in used else []
    same = ["unmarked: the same in all"] if some or one else ["the same in all"] * (compared > 1)
    return [*numbers, *some, *one, *same, *["Go is compared by the numbers only"] * bool(alike)]


def _occurs(alike: Mapping[str, Any], columns: Sequence[PartColumn]) -> bool:
    """Whether any of these lines that correspond is shown."""
    return any(
        line.strip().startswith(alike[column.name])
        for column in columns
        if column.name in alike
        for line in column.text.splitlines()
    )


def _signed(row: CodeRow, columns: Sequence[PartColumn], alike: Sequence[Mapping[str, Any]]) -> CodeRow:
    beginnings = [
        {str(each[column.name]): SIGNS[n] for n, each in enumerate(alike) if column.name in each}
        for column in columns
    ]
    return tuple(
        tuple(sign(line, begins) for line in block) for block, begins in zip(row, beginnings, strict=True)
    )


# Plain text


def _text(title: str, names: Sequence[str], rows: Sequence[CodeRow], below: Sequence[str], width: int) -> str:
    from grader.reports.text_table import ruled

    cells = [["\n".join(map(_line, block)) for block in row] for row in rows]
    beside = ruled(names, cells)
    fits = len(names) > 1 and len(beside[1]) <= width  # the line below the names goes all the way
    return "\n".join([*(beside if fits else _below(title, names, cells)), "", *below]).rstrip("\n")


def _line(line: CodeLine) -> str:
    return f"{line.mark}{line.sign} {line.text.expandtabs(TAB)}".rstrip()


def _below(title: str, names: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    body = []
    for n, name in enumerate(names):
        body.append(f"── {name}: {title} ──")
        for row in cells:
            body += [*row[n].splitlines(), ""] if row[n] else []
    return body[:-1]


# HTML


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line in HTML. Where it is too long, it goes on a little to the right of where it begins.

    No break may come between a long word and the space before it: so its first word begins in `begin`.
    """

    signs: str
    begin: str
    rest: str
    hang: int
    margin: int
    tint: str


def _html(title: str, names: Sequence[str], rows: Sequence[CodeRow], below: Sequence[str]) -> str:
    label = f"{title}, side by side: {', '.join(names)}"
    shown = [[[_shown(line) for line in block] for block in row] for row in rows]
    return fill(TEMPLATE, label=label, names=names, rows=shown, below=below)


def _shown(line: CodeLine) -> ShownLine:
    text = line.text.expandtabs(TAB)
    indent = len(text) - len(text.lstrip())
    margin = len(line.mark + line.sign) + 1
    tint = f";{TINT[line.mark]}" if line.mark in TINT else ""
    begin, rest = text[: indent + 1], text[indent + 1 :]
    return ShownLine(line.mark + line.sign, begin, rest, margin + indent + 2, margin, tint)

"""The cells of a CSV file, each with its place in the text, so that some can be changed and no other byte."""

from collections.abc import Iterable
from dataclasses import dataclass

DELIMITERS = ",;\t"  # a spreadsheet whose decimals have a comma writes semicolons


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a CSV file: its text, and where it stands in the file."""

    text: str
    start: int
    end: int


def delimiter_of(text: str) -> str:
    """What stands between the cells: of those signs the one that its first line has most of."""
    first = text.split("\n", 1)[0]
    return max(DELIMITERS, key=first.count)


def cells(text: str, delimiter: str = ",") -> list[list[Cell]]:
    """The cells, line by line, each with its place in the text, quotes included."""
    lines: list[list[Cell]] = []
    line: list[Cell] = []
    at = 0
    while at < len(text) or line:
        start = at
        if text.startswith('"', at):
            at += 1
            while at < len(text) and not (text[at] == '"' and not text.startswith('""', at)):
                at += 2 if text.startswith('""', at) else 1
            at = min(at + 1, len(text))
            value = text[start + 1 : at - 1].replace('""', '"')
        else:
            while at < len(text) and text[at] not in f"{delimiter}\r\n":
                at += 1
            value = text[start:at]
        line.append(Cell(value, start, at))
        if at < len(text) and text[at] == delimiter:
            at += 1
            continue
        lines.append(line)
        line = []
        if text.startswith("\r\n", at):
            at += 2
        elif at < len(text):
            at += 1
    return [line for line in lines if len(line) > 1 or line[0].text]


def changed(text: str, changes: Iterable[tuple[Cell, str]], delimiter: str = ",") -> str:
    """The text with these cells' contents, quoted where they were, or must be."""
    for cell, value in sorted(changes, key=lambda change: -change[0].start):
        quote = '"' if text.startswith('"', cell.start) or delimiter in value else ""
        text = f"{text[: cell.start]}{quote}{value}{quote}{text[cell.end :]}"
    return text

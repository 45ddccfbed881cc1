"""A learner's node grows part by part: a cell that begins with `%%part` puts its text in the place of one part.

The six parts stand between marks, as in the reference. `head` is what comes before the first mark, with
`__init__`; `lines` what comes after the class, and turns lines into messages; `handlers` the rest.
"""

import ast
import re
from pathlib import Path
from textwrap import dedent, indent

from grader.notebook.cell_output import CellOutput, preformatted
from grader.notebook.comparison.part_columns import PARTS
from grader.notebook.course.files import is_as_given, put_file, told
from grader.notebook.course.lesson_text import lesson_text
from grader.notebook.course.record import record
from grader.templates.new_node import TEMPLATE

NAMES = ("head", *PARTS, "lines", "handlers")
MARK = re.compile(r"^    # --- (\w+) ---\n", re.M)
AFTER_CLASS = re.compile(r"^(?=\S)", re.M)
HANDLERS = re.compile(r"^(?=node = Node\(\))", re.M)


class NoParts(ValueError):
    """A file or a name that has no parts; the text says what to do."""


def cut(source: str) -> dict[str, str]:
    """The parts of a node by name, in order, each as it stands in the file. Raises NoParts."""
    head, *rest = MARK.split(source)
    marks, texts = rest[::2], rest[1::2]
    if tuple(marks) != PARTS:
        raise NoParts(f"expected the marks {', '.join(PARTS)}, each like: # --- read ---")
    texts[-1], *after = AFTER_CLASS.split(texts[-1], maxsplit=1)
    lines, *handlers = HANDLERS.split("".join(after), maxsplit=1)
    return {"head": head, **dict(zip(PARTS, texts, strict=True)), "lines": lines, "handlers": "".join(handlers)}


def put_together(parts: dict[str, str]) -> str:
    """The file whose parts these are."""
    marked = [f"    # --- {name} ---\n{parts[name]}" for name in PARTS]
    return "".join([parts["head"], *marked, parts["lines"], parts["handlers"]])


def replaced(source: str, name: str, text: str) -> str:
    """The file with this text, which is not indented, in the place of one part. Raises NoParts."""
    if name not in NAMES:
        raise NoParts(f"expected one of {', '.join(NAMES)}, not {name}")
    text = dedent(text).strip("\n") + "\n"
    if name in PARTS:
        text = f"\n{indent(text, '    ')}"
    end = {"drain": "\n\n", "lines": "\n\n", "handlers": ""}.get(name, "\n")
    return put_together(cut(source) | {name: text + end})


def begin(file: str) -> None:
    """Write the node from which lessons 03 to 05 start, that of `grader new`. One with work in it stays."""
    if Path(file).is_file() and not is_as_given(file):
        print(f"{file} is here already, and stays as it is. Delete it to begin anew, or reset one exercise.")
        return
    put_file(file, TEMPLATE.read_text("utf-8"), is_given=True)
    print(f"{file}: a node that serves a message at a time, in six parts: {', '.join(PARTS)}")


def part(file: str, name: str) -> CellOutput:
    """One part of a node, to be looked at."""
    try:
        text = dedent(cut(Path(file).read_text("utf-8"))[name]).strip("\n")
    except (OSError, NoParts, KeyError) as error:
        text = f"{file} has no part {name}: {error}"
    return CellOutput(text, preformatted(text))


def put(line: str, text: str) -> None:
    """`%%part FILE NAME`: write the cell's text in the place of that part of the file.

    A text that is no Python is not put, and what stands there stays.
    """
    try:
        file, name = line.split()
        source = Path(file).read_text("utf-8")
        whole = replaced(source, name, text)
        ast.parse(dedent(text))
    except SyntaxError as error:
        record().add("part", file=file, part=name, is_taken=False)
        at = (error.lineno or 0) + 1  # the first line of the cell is the magic itself
        print(f"{file}: {name} stays as it was, for this is no Python: {error.msg}, in line {at} of this cell")
    except ValueError as error:  # NoParts too
        print(f"{error if isinstance(error, NoParts) else 'write it like: %%part my_threads.py dispatch'}")
    except OSError as error:
        print(f"{error.filename}: {error.strerror}; run the cells above first")
    else:
        kept = put_part(file, name, source, whole)
        record().add("part", file=file, part=name, is_taken=True)
        print(f"{file}: {name} is what stands above{told(kept)}")


def refused(node: str) -> list[str]:
    """The parts of a node, or of one that it runs, whose last text was no Python."""
    text = Path(node).read_text("utf-8", "replace") if Path(node).is_file() else ""
    last = {(one["file"], one["part"]): one["is_taken"] for one in record().read() if one["what"] == "part"}
    return [
        part
        for (file, part), is_taken in last.items()
        if not is_taken and (file == node or f'"{file}"' in text)
    ]


def put_part(file: str, name: str, source: str, whole: str) -> Path | None:
    """Write a node with a new text in one part; where its copy went, if a learner's gave way to a given one."""
    known = given_parts(file, name)
    before, after = cut(source)[name], cut(whole)[name]
    is_given = after in known
    return put_file(
        file, whole, is_given=is_given and is_as_given(file), overwrites=is_given and before not in known
    )


def given_parts(file: str, name: str) -> set[str]:
    """What the kit has for this part of a file: that of the node from which it begins, and the lesson's own."""
    beginning = TEMPLATE.read_text("utf-8")
    texts = _given_texts(file, name)
    return {cut(beginning)[name], *(cut(replaced(beginning, name, text))[name] for text in texts)}


def write_file(line: str, text: str) -> None:
    """`%%writefile FILE`: as IPython's own, but nothing is overwritten that somebody has written elsewhere."""
    file = line.strip()
    if file.startswith("-"):  # an option, as to append
        from IPython.core.getipython import get_ipython
        from IPython.core.magics.osm import OSMagics

        OSMagics(shell=get_ipython()).writefile(line, text)  # type: ignore[no-untyped-call]
        return
    is_there = Path(file).is_file()
    kept = put_file(file, text, is_given=text.rstrip("\n") in _given_texts(file, None))
    print(f"{'Overwriting' if is_there else 'Writing'} {file}{told(kept)}")


def _given_texts(file: str, name: str | None) -> list[str]:
    """What the cells of the lesson that is set up have for a file, or a part of it."""
    lesson = lesson_text(record().lesson)
    cells = lesson.cells if lesson else ()
    return [cell.given.partition("\n")[2] for cell in cells if cell.writes == (file, name)]

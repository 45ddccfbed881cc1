"""A learner's node grows part by part: a cell that begins with `%%part` puts its text in the place of one part.

The six parts stand between marks, as in the reference. `head` is what comes before the first mark, with
`__init__`; `lines` what comes after the class, and turns lines into messages; `handlers` the rest.
"""

import re
from pathlib import Path
from textwrap import dedent, indent

from grader.notebook.cell_output import CellOutput, preformatted
from grader.notebook.comparison.part_columns import PARTS
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
    """Write the node from which lessons 03, 04 and 05 start: that of `grader new`."""
    Path(file).write_text(TEMPLATE.read_text("utf-8"), "utf-8")
    print(f"{file}: a node that serves a message at a time, in six parts: {', '.join(PARTS)}")


def part(file: str, name: str) -> CellOutput:
    """One part of a node, to be looked at."""
    try:
        text = dedent(cut(Path(file).read_text("utf-8"))[name]).strip("\n")
    except (OSError, NoParts, KeyError) as error:
        text = f"{file} has no part {name}: {error}"
    return CellOutput(text, preformatted(text))


def put(line: str, text: str) -> None:
    """`%%part FILE NAME`: write the cell's text in the place of that part of the file."""
    try:
        file, name = line.split()
        Path(file).write_text(replaced(Path(file).read_text("utf-8"), name, text), "utf-8")
    except ValueError as error:  # NoParts too
        print(f"{error if isinstance(error, NoParts) else 'write it like: %%part my_threads.py dispatch'}")
    except OSError as error:
        print(f"{error.filename}: {error.strerror}; run the cells above first")
    else:
        print(f"{file}: {name} is what stands above")

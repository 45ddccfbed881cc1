"""`grader new`: the synchronous node from which the exercise starts, in the language of a file's name."""

import shlex
from pathlib import Path

TEMPLATE = Path(__file__).with_name("node.py")
# For each ending: its template, and what grades such a node.
LANGUAGES = {
    "": (TEMPLATE, "grader submit -- python3 {file}"),
    ".py": (TEMPLATE, "grader submit {file}"),
    ".js": (TEMPLATE.with_suffix(".js"), "grader submit {file}"),
    ".cjs": (TEMPLATE.with_suffix(".js"), "grader submit {file}"),
    ".go": (TEMPLATE.with_suffix(".go"), "go build -o {stem} {file} && grader submit ./{stem}"),
    ".java": (TEMPLATE.with_suffix(".java"), "javac -d . {file} && grader submit -- java Node"),
}


def write_new_node(file: str) -> str:
    """Copy the template of this language to `file`; what to type next.

    Raises ValueError for a language that has none, FileExistsError rather than overwrite, else OSError.
    """
    path = Path(file)
    if path.suffix not in LANGUAGES:
        known = ", ".join(ending for ending in LANGUAGES if ending)
        raise ValueError(f"{file}: there is no node in this language; name a file that ends in {known}")
    template, what = LANGUAGES[path.suffix]
    with open(file, "x", encoding="utf-8") as new:
        new.write(template.read_text("utf-8"))
    return what.format(file=shlex.quote(file), stem=shlex.quote(path.stem))

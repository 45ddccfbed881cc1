"""`grader new`: the synchronous node from which the exercise starts, in the language of a file's name."""

import shlex
from pathlib import Path

TEMPLATE = Path(__file__).with_name("node.py")
NODE = "a node that handles one message at a time. Next: "
# For each ending: its template, and what is said of such a file and what to do with it.
LANGUAGES = {
    "": (TEMPLATE, NODE + "grader submit -- python3 {file}"),
    ".py": (TEMPLATE, NODE + "grader submit {file}"),
    ".js": (TEMPLATE.with_suffix(".js"), NODE + "grader submit {file}"),
    ".cjs": (TEMPLATE.with_suffix(".js"), NODE + "grader submit {file}"),
    ".go": (TEMPLATE.with_suffix(".go"), NODE + "go build -o {stem} {file} && grader submit ./{stem}"),
    ".java": (TEMPLATE.with_suffix(".java"), NODE + "javac -d . {file} && grader submit -- java Node"),
    ".yml": (
        TEMPLATE.with_name("grade.yml"),
        "a workflow that grades node.py on GitHub Actions, in .github/workflows/; KIT in it says where from",
    ),
}


def write_new_node(file: str) -> str:
    """Copy the template of this language to `file`; what there is to say of it.

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

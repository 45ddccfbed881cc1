"""The lessons as a web site, built offline: `python -m notebooks.source.site OUT [02 03 …]`.

Each lesson is executed as its learner gets it, and what it showed becomes a page; seats can be played there.
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

from grader.notebook.cell_output import VERDICT
from grader.notebook.nodes.at_the_seat import FRAMES
from grader.reports.glossary import PAGE, page
from notebooks.source.lessons import NOTEBOOKS, SOURCES, WIDGET, build, name_of
from notebooks.source.strict import run

TITLE = "Concurrent messages"  # short enough for a phone
INDEX = """# Concurrent message handling

Lessons that you can read here, and play where they have a seat: its buttons need nothing but this page.
To write and grade nodes of your own, open the notebooks themselves.

LIST

```{toctree}
:hidden:

PAGES
```
"""
LINK = re.compile(
    r'(?<=<a href=")([\w-]+)\.(?:ipynb|md)'
)  # in what cells show: to a lesson, or to the glossary
# The theme puts a light sheet under what cells show, also in the dark; but ours has its colours from the page.
STYLE = """
html[data-theme] .bd-content div.cell_output .text_html:not(:has(table.dataframe)) {
  background: transparent; color: inherit; padding: 0;
}
"""
SETTINGS: dict[str, Any] = {
    "project": TITLE,
    "extensions": ["myst_nb"],
    "nb_execution_mode": "off",
    "myst_enable_extensions": ["dollarmath"],
    "myst_heading_anchors": 2,  # the glossary's words
    "html_theme": "pydata_sphinx_theme",
    "html_title": TITLE,
    "html_sidebars": {"**": []},  # the header has the lessons
    "html_css_files": ["site.css"],
    "html_show_sourcelink": False,
    "html_copy_source": False,
    "html_theme_options": {
        "navbar_end": ["theme-switcher"],
        "secondary_sidebar_items": ["page-toc"],
        "header_links_before_dropdown": 12,
    },
}


def main() -> int:
    """Execute the lessons and build their site; 1 if one has a fault, or Sphinx has a complaint."""
    options = argparse.ArgumentParser(prog="python -m notebooks.source.site", description=__doc__)
    options.add_argument("out", type=Path, help="the folder that the site is written to")
    options.add_argument("lessons", nargs="*", help="by their numbers; none: all")
    given = options.parse_args()
    sources = [
        path for path in sorted(SOURCES.glob("[0-9][0-9].md")) if path.stem in (given.lessons or path.stem)
    ]
    notebooks = []
    for source in sources:
        notebook, faults = executed(source.read_text("utf-8"))
        if faults:
            print(f"{source.name}: not built", *faults, sep="\n  ", file=sys.stderr)
            return 1
        notebooks.append(notebook)
        print(source.name, flush=True)
    return site(notebooks, given.out)


def executed(text: str) -> tuple[Any, list[str]]:
    """The learner's notebook of a source with all that it shows, seats as frames; and its faults."""
    notebook = build(text, solved=False)
    before = os.environ.get(FRAMES)
    os.environ[FRAMES] = "1"  # the kernel has it from us
    try:
        with tempfile.TemporaryDirectory() as folder:
            faults = run(notebook, Path(folder))
    finally:
        os.environ.pop(FRAMES)
        if before is not None:
            os.environ[FRAMES] = before
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            for kind in (WIDGET, VERDICT):  # the one would need a kernel, the other is for programs
                data.pop(kind, None)
            if "text/html" in data:
                data["text/html"] = LINK.sub(r"\1.html", data["text/html"])
    return notebook, faults


def site(notebooks: Sequence[Any], out: Path) -> int:
    """Write the pages of these notebooks; what Sphinx has to say goes to stderr, and its status is given."""
    from sphinx.application import Sphinx

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        source.mkdir()
        names = [name_of(notebook) for notebook in notebooks]
        for name, notebook in zip(names, notebooks, strict=True):
            nbformat.write(notebook, source / name)
        (source / PAGE).write_text(page(), "utf-8")
        (source / "index.md").write_text(_index(notebooks), "utf-8")
        static = source / "_static"
        static.mkdir()
        (static / "site.css").write_text(STYLE, "utf-8")
        for picture in NOTEBOOKS.glob("*.png"):
            (source / picture.name).write_bytes(picture.read_bytes())
        settings = {**SETTINGS, "html_static_path": [str(static)]}
        read = Path(folder, "read")
        made = Sphinx(source, None, out, read, "html", settings, status=None, warningiserror=True)
        made.build()
    return int(made.statuscode)


def _index(notebooks: Sequence[Any]) -> str:
    """The first page: the lessons by their titles; in the header, where there is little room, by number."""
    titles = {name_of(notebook): notebook.cells[0].source.splitlines()[0] for notebook in notebooks}
    listed = [f"- [{title.removeprefix('# ')}]({name})" for name, title in titles.items()]
    pages = [f"{name[:2]} <{name}>" for name in titles] + [f"Glossary <{PAGE}>"]
    return INDEX.replace("LIST", "\n".join(listed)).replace("PAGES", "\n".join(pages))


if __name__ == "__main__":
    sys.exit(main())

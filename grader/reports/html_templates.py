"""Filling templates of HTML. All that is put in is escaped, unless it is HTML already."""

from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.reports.visible import visible

if TYPE_CHECKING:
    from jinja2 import Template


def fill(file: Path, **values: object) -> str:
    """The template in this file, with these values put in."""
    return _template(file).render(**values)


def safe(html: str) -> object:
    """This as it is: HTML that was made by `fill`, or by nobody but us."""
    from markupsafe import Markup

    return Markup(html)


@cache
def _template(file: Path) -> "Template":
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    def escaped(value: Any) -> Markup:
        if isinstance(value, Markup):
            return value
        lines = str(value).split("\n")  # breaking lines is ours; all else that hides is shown
        return Markup(escape("\n".join(map(visible, lines))))

    environment = Environment(
        autoescape=True, finalize=escaped, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(file.read_text("utf-8"))

"""The seat in a page of its own, or inside another one: one text that needs no network and no kernel."""

import html
import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from grader.seat.game import Goal
from grader.seat.tree import Tree

SCRIPT = Path(__file__).with_name("seat.js")

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>:root {{ color-scheme: light dark; }}
body {{ margin: 1em; background: Canvas; color: CanvasText; }}</style></head>
<body><noscript>This picture needs JavaScript; as text it is there in grader race.</noscript>
<div id="seat"></div>
<script type="application/json" id="tree">{data}</script>
<script type="module">
{script}
const given = JSON.parse(document.getElementById("tree").textContent);
globalThis.seat = mount(document.getElementById("seat"), given.tree, given);
let tallest = 0; // a frame grows with what it shows; it never shrinks, or what is below would jump
new ResizeObserver(() => {{
  tallest = Math.max(tallest, document.documentElement.scrollHeight);
  if (globalThis.frameElement) frameElement.style.height = `${{tallest}}px`;
}}).observe(document.body);
</script></body></html>
"""


@cache
def script() -> str:
    """The component, as its file has it."""
    return SCRIPT.read_text("utf-8")


def page(tree: Tree, goal: Goal | None = None, moves: str = "") -> str:
    """A whole page."""
    title = html.escape(f"You are the scheduler of {tree.node}")
    return _PAGE.format(title=title, data=_data(tree, goal, moves), script=script())


def frame(tree: Tree, goal: Goal | None = None, moves: str = "") -> str:
    """The page inside another: an `iframe` whose text is in the other page, so that it lives on in copies."""
    inner = (
        page(tree, goal, moves).replace("&", "&amp;").replace("'", "&#39;")
    )  # as data has many double quotes
    style = "width: 100%; height: 44rem; border: 0; color-scheme: light dark"
    return f'<iframe title="You are the scheduler" style="{style}" srcdoc=\'{inner}\'></iframe>'


def _data(tree: Tree, goal: Goal | None, moves: str) -> str:
    given: dict[str, Any] = {"tree": tree.as_json(), "goal": asdict(goal) if goal else None, "moves": moves}
    text = json.dumps(given, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")  # what a node wrote can't end the script that it stands in

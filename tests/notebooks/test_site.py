# ruff: noqa: E402
"""The site of the lessons: its pages are built offline, and a seat in them is played in a browser."""

from tests.notebooks import jupyter

jupyter.needed()

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from grader.seat.game import shortest
from grader.seat.text import told
from notebooks.source.site import executed, site
from tests.explorer.nodes import THREAD, UNGUARDED, write_node
from tests.seat.trees import grown

CHROMIUM = shutil.which("chromium")
if (CHROMIUM is None or find_spec("myst_nb") is None) and os.environ.get("CI") != "true":
    pytest.skip("no chromium or no myst-nb here", allow_module_level=True)
LESSON = """
+++ {{"id": "title"}}

# 99 · A seat: to be played

```{{code-cell}} ipython3
:id: sit
:tags: [volatile]
from grader.notebook import seat

seat({node!r}, goal="Both replies number 1.", code="duplicate-msg-id")
```

```{{code-cell}} ipython3
:id: look-up
from grader.notebook import glossary

glossary("race")
```

+++ {{"id": "words"}}

A [race](glossary.md#race), once more.
"""


def test_a_seat_is_played_on_the_site(tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    node = write_node(tmp_path, UNGUARDED, THREAD)  # no lesson: a small one is enough, and quicker
    notebook, faults = executed(LESSON.format(node=str(node)))
    assert faults == []
    assert site([notebook], tmp_path / "out") == 0
    game = shortest(grown("unguarded"))
    assert game is not None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        asked: list[str] = []
        for width in (1280, 390):
            page = browser.new_page(viewport={"width": width, "height": 800})
            page.on("request", lambda request: asked.append(request.url))
            page.goto((tmp_path / "out" / "99-a-seat.html").as_uri())
            seat = page.frame_locator("iframe")
            seat.locator(".seat").focus()
            for token in game.moves.split():
                page.keyboard.press(token)
            assert seat.locator(".seat-said").text_content() == told(game)
            assert "Goal reached" in str(seat.locator(".seat-reached").text_content())
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        browser.close()
    assert [url for url in asked if not url.startswith(("file:", "about:", "data:", "blob:"))] == []
    assert "99-a-seat.html" in (tmp_path / "out" / "index.html").read_text("utf-8")
    lesson = (tmp_path / "out" / "99-a-seat.html").read_text("utf-8")
    assert lesson.count('href="glossary.html#race"') == 2  # from a cell's text, and from what a cell shows
    assert 'id="race"' in (tmp_path / "out" / "glossary.html").read_text("utf-8")

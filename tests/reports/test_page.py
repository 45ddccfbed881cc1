"""The report as a page: what leads, each failure with its source, its messages and its schedule."""

import html
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.cases.select import select
from grader.conversation.submission import Submission, from_file
from grader.grading.results import Grade
from grader.grading.runner import grade
from grader.reports.page import page
from grader.reports.submitted import played, source_of
from tests.explorer.nodes import THREAD, UNGUARDED, write_node

CHROMIUM = shutil.which("chromium")
HOSTILE = """
import sys
for line in sys.stdin:
    print("<script>document.title = 'owned'</script> \\u202e \\x1b[2J", flush=True)
    print("</script><img src=x onerror=1>", file=sys.stderr, flush=True)
    raise ValueError("<b>bold</b>")
"""


def rendered(submission: Submission, *ids: str, budget: float = 60.0) -> tuple[Grade, str]:
    graded = grade(submission, select(ids=ids), budget=budget)
    return graded, page(graded, source_of(submission), played(submission))


@pytest.fixture(scope="module")
def racy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Grade, str]:
    """The page of a node with a data race."""
    node = write_node(tmp_path_factory.mktemp("racy"), UNGUARDED, THREAD)
    return rendered(from_file(node), "echo", "two-echoes")


def test_it_needs_no_network_and_is_small(racy: tuple[Grade, str]) -> None:
    text = racy[1]
    assert re.findall(r"""(?:src|href)=["']?(?!#|\\?")[^"'> ]+""", text) == []
    assert "http" not in text.replace("http-equiv", "")
    assert len(text) < 2_000_000


def test_the_blamed_line_stands_in_its_source(racy: tuple[Grade, str]) -> None:
    graded, text = racy
    cause = graded.results[1].findings[0].cause
    assert cause is not None
    assert cause.line is not None
    [blamed] = re.findall(r'<div class="blamed"><span class="number">▶(\d+)</span> (.*?)</div>', text)
    assert blamed[0] == str(cause.line)
    source = Path(graded.submission).read_text("utf-8").split("\n")
    assert html.unescape(blamed[1]) == source[cause.line - 1]


def test_all_that_a_node_writes_is_escaped_and_shown(tmp_path: Path) -> None:
    node = tmp_path / "node.py"
    node.write_text(HOSTILE, "utf-8")
    _, text = rendered(from_file(str(node)), "init")
    ours = re.findall(r"<script>", text)
    assert len(ours) == 1
    assert "<img" not in text
    assert "&lt;script&gt;document.title" in text
    assert "\\u202e" in text
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "<b>bold" not in text


def test_a_source_beside_the_folder_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("secret = 1", "utf-8")
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "node.py").write_text("pass\n", "utf-8")
    (folder / "link.py").symlink_to(tmp_path / "secret.py")
    read = source_of(from_file(str(folder / "node.py")))
    assert read("node.py") == ["pass", ""]
    assert [read(name) for name in ("../secret.py", str(tmp_path / "secret.py"), "link.py", "none", "\0")] == [
        ()
    ] * 5


def test_a_page_that_would_be_too_large_says_what_is_missing(
    racy: tuple[Grade, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.reports.page.MOST", 2_000)
    submission = from_file(racy[0].submission)
    text = page(racy[0], source_of(submission), lambda _: None)
    assert "There was no room here for two-echoes" in text


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None and os.environ.get("CI") != "true":
        pytest.skip("no chromium here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_read_and_played_from_a_file(
    browser: Any, racy: tuple[Grade, str], width: int, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(racy[1], "utf-8")
    opened = browser.new_page(viewport={"width": width, "height": 900})
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.goto(file.as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")

    opened.locator(".lead a").click()
    assert opened.locator("article:target .blamed").is_visible()

    message = opened.locator(".message.marked").first
    assert "echo" in message.locator("title").text_content()
    before = opened.locator("svg.spacetime").bounding_box()["width"]
    opened.locator("[data-zoom='1.25']").click()
    assert opened.locator("svg.spacetime").bounding_box()["width"] > before

    opened.locator("article summary").click()
    opened.locator("[data-filter=in]").uncheck()
    assert opened.locator("tr.in:visible").count() == 0
    assert opened.locator("tr.out:visible").count() > 0

    seat = opened.frame_locator("iframe").locator(".seat")
    assert seat.locator(".seat-end").is_visible()
    seat.focus()
    opened.keyboard.press("u")
    seat.locator(".seat-end").wait_for(state="hidden")
    opened.close()
    assert wrong == []

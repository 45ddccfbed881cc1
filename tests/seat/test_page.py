"""The seat in a page, without a kernel: played by keys in a real browser, it says what the text form says."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.seat.game import Goal, begin, count, play, shortest
from grader.seat.page import frame, page
from grader.seat.text import told
from grader.seat.tree import SeatColumn, SeatWorker
from tests.seat.trees import grid, grown

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None and os.environ.get("CI") != "true":
    pytest.skip("no chromium here", allow_module_level=True)
CUT = "[...document.querySelectorAll('.seat pre')].filter(e => e.scrollWidth > e.clientWidth).length"
LOWEST = "Math.max(...[...document.querySelectorAll('.seat-box')].map(e => e.getBoundingClientRect().bottom))"
GOAL = Goal("Make both replies number 1, with one preemption.", "duplicate-msg-id", 1)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


@pytest.fixture
def shown(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """A page with the seat of the unguarded node; whatever goes wrong in it fails the test."""
    file = tmp_path / "seat.html"
    file.write_text(page(grown("unguarded"), GOAL), "utf-8")
    opened = browser.new_page(viewport={"width": 1200, "height": 900})
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.goto(file.as_uri())
    opened.locator(".seat").focus()
    yield opened
    opened.close()
    assert wrong == []


def press(shown: Any, moves: str) -> None:
    for key in moves.split():
        shown.keyboard.press(key)


def said(shown: Any) -> str:
    text: str = shown.locator(".seat-said").text_content()
    return text


def test_a_race_is_played_by_keys(shown: Any) -> None:
    game = shortest(grown("unguarded"))
    assert game is not None
    for length in range(1, len(game.made) + 1):
        press(shown, game.made[length - 1].token)
        assert said(shown) == told(play(game.tree, " ".join(game.moves.split()[:length])))
    assert game.position.finding in shown.locator(".seat-end").text_content()
    assert "Goal reached" in shown.locator(".seat-reached").text_content()
    assert shown.locator("[data-act=moves]").input_value() == game.moves
    assert "1 preemption" in shown.locator(".seat-used").text_content()


def test_a_move_is_taken_back_and_all_of_them(shown: Any) -> None:
    game = begin(grown("unguarded"))
    press(shown, f"{game.position.moves[0].token} u")
    assert said(shown) == told(game)
    press(shown, f"{game.position.moves[0].token} r")
    assert shown.evaluate("seat.text") == ""
    shown.evaluate("text => { seat.text = text; }", f"{game.position.moves[0].token} u r")
    assert said(shown) == told(game)


def test_who_cannot_go_on_says_why(shown: Any) -> None:
    press(shown, "9")
    assert said(shown) == "9 is nobody"
    waits = shown.locator("button[data-act='2']")
    assert waits.get_attribute("aria-disabled") == "true"
    assert "has not begun yet" in waits.text_content()


def test_what_arrives_has_a_key_too(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "seat.html"
    file.write_text(page(grown("tasks")), "utf-8")
    opened = browser.new_page()
    opened.goto(file.as_uri())
    opened.locator(".seat").focus()
    arrival = play(grown("tasks"), "a")
    assert not arrival.refused
    press(opened, "a")
    assert opened.evaluate("seat.text") == "a"
    assert said(opened) == told(arrival)
    opened.close()


def test_a_move_that_is_written_with_more_letters_has_a_key_of_its_own(browser: Any, tmp_path: Path) -> None:
    tree = grid(1, 1)
    first = tree.positions[0]
    turn = first.moves[0]
    tokens = ("a", "a2", "t1", "u2", "10")
    extra = tuple(replace(turn, token=token, kind="arrival", label=f"what {token} is") for token in tokens)
    columns = (*tree.columns, *(SeatColumn(f"w{n}", f"w{n}") for n in range(3, 11)))
    ended = tuple(SeatWorker(f"w{n}", f"w{n}", "", 0, "", "ended") for n in range(3, 11))
    here = replace(first, moves=(*first.moves, *extra), workers=(*first.workers, *ended))
    file = tmp_path / "seat.html"
    file.write_text(page(replace(tree, columns=columns, positions=(here, *tree.positions[1:]))), "utf-8")
    opened = browser.new_page()
    opened.goto(file.as_uri())
    keys = {}
    for token in tokens:
        keys[token] = opened.locator(f"button[data-act='{token}'] kbd").first.text_content()
        opened.locator(".seat").focus()
        opened.keyboard.press(keys[token])
        assert opened.evaluate("seat.text") == token
        opened.keyboard.press("r")
    assert keys["a"] == "a"
    assert len({*keys.values(), "u", "r"}) == len(tokens) + 2
    assert f"written {tokens[1]}" in opened.locator("button[data-act=a2]").text_content()
    opened.close()


def test_all_that_is_asked_for_is_what_python_says(shown: Any) -> None:
    shown.locator("[data-act=shortest]").click()
    game = shortest(grown("unguarded"))
    assert game is not None
    assert shown.evaluate("seat.text") == game.moves
    shown.locator("[data-act=count]").click()
    rows = shown.locator(".seat table tr").all_text_contents()
    assert len(rows) == len(count(game.tree)) + 1
    every = sum(row[0] for row in count(game.tree).values())
    assert f"{every} schedules from here" in shown.locator(".seat").text_content()


def test_it_fits_a_phone_and_both_themes(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "seat.html"
    file.write_text(page(grown("unguarded"), GOAL), "utf-8")
    for scheme in ("light", "dark"):
        opened = browser.new_page(viewport={"width": 390, "height": 800}, color_scheme=scheme)
        opened.goto(file.as_uri())
        assert opened.evaluate("document.documentElement.scrollWidth") <= 390
        opened.close()


def test_nothing_is_cut_and_what_is_shared_is_seen_without_scrolling(shown: Any) -> None:
    game = shortest(grown("unguarded"))
    assert game is not None
    for token in game.moves.split():
        press(shown, token)
        assert shown.evaluate(CUT) == 0
        assert shown.evaluate(LOWEST) <= 900


def test_in_another_page_it_is_whole(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(f"<!doctype html><p>A report.</p>{frame(grown('unguarded'))}", "utf-8")
    opened = browser.new_page()
    opened.goto(file.as_uri())
    inner = opened.frame_locator("iframe")
    inner.locator("button[data-act='1']").click()
    assert inner.locator("[data-act=moves]").input_value() == "1"
    opened.close()


def test_what_a_node_wrote_is_never_markup(browser: Any, tmp_path: Path) -> None:
    tree = grown("guarded")
    bad = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
    position = replace(tree.positions[tree.first], out=(bad,), shared=((bad, bad),))
    positions = (*tree.positions[: tree.first], position, *tree.positions[tree.first + 1 :])
    file = tmp_path / "seat.html"
    file.write_text(page(replace(tree, positions=positions)), "utf-8")
    opened = browser.new_page()
    opened.goto(file.as_uri())
    assert bad in opened.locator(".seat").text_content()
    assert opened.title().startswith("You are the scheduler")
    opened.close()


def test_a_tree_of_a_lesson_is_small_enough_for_a_page() -> None:
    assert len(json.dumps(grown("unguarded").as_json())) < 2_000_000

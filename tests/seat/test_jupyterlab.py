"""The seat in a real JupyterLab: what is played on the page the kernel knows, and text says the same."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from grader.seat.game import begin, play, shortest
from grader.seat.text import screen, told
from tests.explorer.nodes import GUARDED, THREAD, UNGUARDED, write_node
from tests.seat.trees import grown

CHROMIUM = shutil.which("chromium")
if (CHROMIUM is None or find_spec("jupyterlab") is None) and os.environ.get("CI") != "true":
    pytest.skip("no chromium or no jupyterlab here", allow_module_level=True)
pytestmark = pytest.mark.timeout(480)  # a server, a kernel and a browser start
TOKEN = "seat"
CUT = """from grader.cases.select import select
from grader.explorer.runtime.launch import of_file
from grader.notebook.nodes.at_the_seat import AtTheSeat
from grader.seat.build import grow
tree, ground = grow(of_file("broken/node.py"), select(["interleaving"], ["two-echoes"])[0], 20)
c = AtTheSeat(tree, ground=ground)"""
CELLS = {
    "broken": 'from grader.notebook import seat\ns = seat("broken/node.py")\ns',
    "said": 'print("moves:", s.moves)\nprint(s.play(s.moves))',
    "cut": f"{CUT}\nc",
    "cut-said": 'print("moves:", c.moves)\nprint(c.play(c.moves))',
    "fixed": 'f = seat("fixed/node.py")\nf',
    "fixed-said": 'print("moves:", f.moves)\nprint(f.count())',
}
COMMON = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
STARTED = 60.0  # seconds
SLOW = 120_000  # milliseconds


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a learner has: a notebook, a node that is broken, and one that is fixed."""
    made = tmp_path_factory.mktemp("lab")
    for name, sending in (("broken", UNGUARDED), ("fixed", GUARDED)):
        (made / name).mkdir()
        write_node(made / name, sending, THREAD)
    cells = [
        {
            "cell_type": "code",
            "id": name,
            "metadata": {},
            "source": text,
            "outputs": [],
            "execution_count": None,
        }
        for name, text in CELLS.items()
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (made / "seat.ipynb").write_text(json.dumps(notebook), "utf-8")
    return made


@pytest.fixture(scope="module")
def address(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A JupyterLab of our own, with nobody's settings."""
    home = tmp_path_factory.mktemp("jupyter")
    news = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text('{"fetchNews": "false"}', "utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
    }
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    options += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}"]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env={**os.environ, **{name: str(path) for name, path in own.items()}},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        found = f"http://127.0.0.1:{port}"
        end = time.monotonic() + STARTED
        while not _answers(f"{found}/api/status?token={TOKEN}"):
            if server.poll() is not None or time.monotonic() > end:
                pytest.fail(f"no JupyterLab: {(home / 'log').read_text('utf-8')}")
            time.sleep(0.2)
        yield found
    finally:
        server.terminate()  # so it ends its kernels, which have sessions of their own
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def lab(address: str) -> Iterator[Any]:
    """The notebook, opened, with its kernel at rest."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page(viewport={"width": 1400, "height": 1400})
        opened.set_default_timeout(SLOW)
        opened.goto(f"{address}/lab/tree/seat.ipynb?token={TOKEN}&reset")
        opened.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
        yield opened
        browser.close()


def run(lab: Any, cell: str) -> Any:
    """Run a cell, and give it back once there is something below it."""
    place = lab.locator(".jp-Notebook .jp-CodeCell").nth(list(CELLS).index(cell))
    place.locator(".cm-content").click()
    lab.keyboard.press("Shift+Enter")
    place.locator(".jp-OutputArea-output").first.wait_for()
    return place


def press(lab: Any, shown: Any, keys: str) -> str:
    """Press these keys on a seat; what it says then."""
    shown.focus()
    for key in keys.split():
        lab.keyboard.press(key)
    said: str = shown.locator(".seat-said").text_content()
    return said


def test_a_race_is_played_by_keys_and_the_kernel_knows_it(lab: Any) -> None:
    tree = grown("unguarded")
    game = shortest(tree)
    assert game is not None
    shown = run(lab, "broken").locator(".seat")
    assert press(lab, shown, game.moves) == told(game)
    assert game.position.finding in shown.locator(".seat-end").text_content()
    before = " ".join(game.moves.split()[:-1])
    assert press(lab, shown, "u") == told(play(tree, before))
    assert shown.locator(".seat-end").count() == 0
    press(lab, shown, game.moves.split()[-1])
    said = run(lab, "said").locator(".jp-OutputArea-output").first.text_content()
    assert said.split("\n")[0] == f"moves: {game.moves}"
    assert said.split("\n", 1)[1].strip() == screen(game)


def test_where_the_tree_is_cut_the_kernel_runs_the_node_further(lab: Any) -> None:
    game = shortest(grown("unguarded"))
    assert game is not None
    shown = run(lab, "cut").locator(".seat")
    for length in range(1, len(game.made) + 1):
        press(lab, shown, game.made[length - 1].token)
        here = play(game.tree, " ".join(game.moves.split()[:length]))
        shown.locator(".seat-said", has_text=told(here)).wait_for()  # behind the cut: once it has been grown
        assert shown.locator("[data-act=moves]").input_value() == here.moves
    assert game.position.finding in shown.locator(".seat-end").text_content()
    said = run(lab, "cut-said").locator(".jp-OutputArea-output").first.text_content()
    assert said.split("\n")[0] == f"moves: {game.moves}"
    assert said.split("\n", 1)[1].strip() == screen(game)


def test_a_fixed_node_is_played_to_no_race(lab: Any) -> None:
    game = begin(grown("guarded"))
    shown = run(lab, "fixed").locator(".seat")
    while game.position.moves:
        token = game.position.moves[-1].token
        game = play(game.tree, f"{game.moves} {token}")
        assert press(lab, shown, token) == told(game)
    assert "This schedule passes" in shown.locator(".seat-end").text_content()
    said = run(lab, "fixed-said").locator(".jp-OutputArea-output").first.text_content()
    assert said.startswith(f"moves: {game.moves}\n")
    assert ", 0 of them fail" in said

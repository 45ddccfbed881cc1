"""Fixtures that several test files share."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("kit", deadline=None)  # no test asserts a time
settings.load_profile("kit")
pytest_plugins = ["pytester"]

# Thousands of interpreters are started here: none need compile all anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A shell that starts the tests in the background has them ignore Ctrl-C, and what they start, too.
signal.signal(signal.SIGINT, signal.default_int_handler)

Grader = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def grader(tmp_path: Path) -> Grader:
    """Runs the command `grader` in an empty folder."""

    def run(*words: str | Path, **variables: str) -> "subprocess.CompletedProcess[str]":
        env = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", **variables}
        return subprocess.run(
            [sys.executable, "-m", "grader", *map(str, words)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=env,
            check=False,
        )

    return run


@pytest.fixture
def node_file(tmp_path: Path) -> Callable[[str], str]:
    """Writes a Python node and gives its path."""

    def write(source: str, name: str = "node.py") -> str:
        path = tmp_path / name
        path.write_text(source, "utf-8")
        return str(path)

    return write


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="record the golden files again")


@pytest.fixture
def record(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be recorded again."""
    return bool(request.config.getoption("--record"))

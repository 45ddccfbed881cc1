"""What the tests of the notebooks share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notebooks.cells import Cell, shell


@pytest.fixture(autouse=True)
def own_kernel_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels keep their connection files and history in a folder of the test's; stale imports can show."""
    folder = tmp_path_factory.mktemp("jupyter")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


@pytest.fixture(autouse=True)
def fresh_state() -> None:
    """What was predicted and done is forgotten."""
    from grader.notebook.course.record import keep_in

    keep_in(None)


@pytest.fixture
def cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cell]:
    """Runs a cell in an empty folder, in this process."""
    monkeypatch.chdir(tmp_path)
    with shell() as run:
        yield run

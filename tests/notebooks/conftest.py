"""What the tests of the notebooks share."""

import pytest


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

"""How a command starts a Python node is read as Python reads it."""

from pathlib import Path

import pytest

from grader.conversation.submission import Submission
from grader.explorer.runtime.launch import Launch, NotPython, launch_of


def of(folder: Path, *command: str) -> Launch:
    (folder / "node.py").touch()
    return launch_of(Submission("", command, folder))


def test_a_script_with_its_arguments(tmp_path: Path) -> None:
    launch = of(tmp_path, "/usr/bin/python3.12", "-u", "node.py", "-m", "3")
    script = str((tmp_path / "node.py").resolve())
    assert launch == Launch("/usr/bin/python3.12", str(tmp_path), script, "", ("-m", "3"), unbuffered=True)


def test_a_module_with_its_arguments(tmp_path: Path) -> None:
    launch = of(tmp_path, "python", "-B", "-m", "app.node", "x")
    assert launch == Launch("python", str(tmp_path), "", "app.node", ("x",))


@pytest.mark.parametrize(
    "command",
    [
        ("bash", "node.py"),
        ("python",),
        ("python", "-O", "node.py"),
        ("python", "-c", "pass"),
        ("python", "missing.py"),
    ],
)
def test_what_is_started_otherwise_is_refused_with_a_reason(tmp_path: Path, command: tuple[str, ...]) -> None:
    with pytest.raises(NotPython) as refused:
        of(tmp_path, *command)
    assert str(refused.value)

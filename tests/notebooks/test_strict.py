# ruff: noqa: E402
"""The strict runner sees what a plain run passes over: broken lessons, a fault each, in one kernel."""

from tests.notebooks import jupyter

jupyter.needed()

from pathlib import Path

import nbformat
import pytest

from notebooks.source.lessons import BrokenLesson, build
from notebooks.source.strict import run

BROKEN = {
    "error": ("1 / 0", "ZeroDivisionError"),
    "stderr": ("import sys; print('oh', file=sys.stderr)", "stderr: oh"),
    "thread": (
        "import threading; t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()",
        "thread or finaliser: ZeroDivisionError",
    ),
    "finaliser": (
        "class F:\n    def __del__(self): raise ValueError('late')\nF();",
        "thread or finaliser: ValueError",
    ),
    "task": (
        "import asyncio\nasync def bad(): raise OSError('lost')\n_t = asyncio.create_task(bad())\n"
        "await asyncio.sleep(0.01); del _t",
        "task: Task exception was never retrieved OSError('lost')",
    ),
    "future": (
        "async def bad(): raise OSError('kept')\nkept = asyncio.create_task(bad())\nawait asyncio.sleep(0.01)",
        "result never read",
    ),
    "task-left": ("left = asyncio.create_task(asyncio.sleep(30))", "task left"),
    "thread-left": (
        "threading.Thread(target=__import__('time').sleep, args=(8,), daemon=True).start()",
        "thread left",
    ),
    "process-left": (
        "import subprocess; p = subprocess.Popen(['sleep', '30'], start_new_session=True)",
        "process left",
    ),
}
MENDED = {
    "future": "kept.exception();",
    "task-left": "left.cancel();",
    "process-left": "p.kill(); p.wait();",
}


def cell(name: str, source: str, *tags: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(source, id=name, metadata={"tags": list(tags)})


def test_each_fault_is_seen_and_said_of_its_cell(tmp_path: Path) -> None:
    cells = []
    for name, (source, _) in BROKEN.items():
        cells.append(cell(name, source))
        if name in MENDED:
            cells.append(cell(f"mend-{name}", MENDED[name]))
    cells.append(cell("well", "1 + 1"))
    faults = run(nbformat.v4.new_notebook(cells=cells), tmp_path)
    for name, (_, says) in BROKEN.items():
        assert any(fault.startswith(f"{name}: ") and says in fault for fault in faults), (name, faults)


def test_what_is_meant_and_what_is_well_is_no_fault(tmp_path: Path) -> None:
    cells = [
        cell("meant", "1 / 0", "raises-exception"),
        cell("told", "import sys; print('x', file=sys.stderr)", "stderr-ok"),
        cell("well", "await __import__('asyncio').sleep(0)"),
        cell("numbers", "1 + 1"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    assert run(notebook, tmp_path) == []
    assert notebook.cells[-1].execution_count == 4  # our questions take no number


def test_a_cell_that_takes_too_long_is_a_fault(tmp_path: Path) -> None:
    from nbclient.exceptions import CellTimeoutError

    notebook = nbformat.v4.new_notebook(cells=[cell("slow", "import time; time.sleep(60)")])
    with pytest.raises(CellTimeoutError):
        run(notebook, tmp_path, timeout=1)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("+++\n\nno id", "id"),
        ('+++ {"id": "a"}\n\none\n\n+++ {"id": "a"}\n\ntwo', "id"),
        ("```{code-cell} ipython3\n:id: ex\n:tags: [exercise]\n1\n```", "stub"),
    ],
)
def test_a_source_that_breaks_the_rules_is_refused(source: str, says: str) -> None:
    with pytest.raises(BrokenLesson, match=says):
        build(source, solved=False)

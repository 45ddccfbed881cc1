# ruff: noqa: E402
"""What the import arranges in a kernel: `%%part`, and an interrupt that reaches a cell that awaits."""

from tests.notebooks import jupyter

jupyter.needed()

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.manager import start_new_kernel

from tests.conversations import init
from tests.hostile import nodes


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[tuple[Any, Any]]:
    manager, client = start_new_kernel(cwd=str(tmp_path))
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def printed(client: Any, code: str) -> str:
    """What a cell prints, or the name of its error."""
    texts = []

    def take(message: Any) -> None:
        content = message["content"]
        texts.append(content.get("text") or content.get("ename") or "")

    client.execute_interactive(code, output_hook=take, timeout=60)
    return "".join(texts)


def test_a_cell_writes_a_part_and_a_restart_loses_nothing(kernel: tuple[Any, Any]) -> None:
    manager, client = kernel
    assert "in six parts" in printed(client, "from grader.notebook import begin, part\nbegin('mine.py')")
    assert "drain is what stands above" in printed(
        client, "%%part mine.py drain\ndef drain(self):\n    return 1"
    )
    assert printed(client, "print(part('mine.py', 'drain'))") == "def drain(self):\n    return 1\n"
    set_up = 'from grader.notebook import *\nlesson("03")'
    printed(client, f"{set_up}\npredict('03.locks', 'a')")
    printed(client, "%%part mine.py drain\ndef drain(self):\n    return 2")
    printed(client, 'order = "c f"')
    manager.restart_kernel(now=True)  # in the middle of a lesson
    client.wait_for_ready(timeout=60)
    printed(client, set_up)
    assert printed(client, "print(order, predicted('03.locks'))") == (
        "(made from the cells above: order)\nYou expected: a\nc f True\n"
    )
    assert "return 2" in printed(client, "print(part('mine.py', 'drain'))")


@pytest.mark.skipif(os.name != "posix", reason="elsewhere there is no such signal, and no such trouble")
def test_an_interrupt_reaches_a_cell_that_awaits(kernel: tuple[Any, Any]) -> None:
    """The test's own time limit would end it: nobody sleeps for so long."""
    manager, client = kernel
    printed(client, "import asyncio, grader.notebook")
    # Not stop_on_error: it would take down with it what is asked next.
    client.execute("print('here')\nawait asyncio.sleep(600)", stop_on_error=False)
    while client.get_iopub_msg(timeout=60)["content"].get("text") != "here\n":
        pass
    manager.interrupt_kernel()
    while (message := client.get_iopub_msg(timeout=60))["msg_type"] != "error":
        pass
    assert message["content"]["ename"] in ("KeyboardInterrupt", "CancelledError")
    assert printed(client, "print(1 + 1)") == "2\n"


@pytest.mark.skipif(sys.platform != "linux", reason="who hides is found on Linux only")
def test_a_restart_leaves_no_node_and_nothing_that_one_started(kernel: tuple[Any, Any], tmp_path: Path) -> None:
    """The node, its keeper, and a process that has left its session, its parent and its environment."""
    manager, client = kernel
    (tmp_path / "node.py").write_text(nodes.source(nodes.HIDDEN.replace("MARK", "hidden")))
    talks = f"""
from grader.notebook import talk
node = talk("node.py").__enter__()
print(node.say({init()!r})[0]["body"]["type"])
"""
    assert "init_ok" in printed(client, talks)
    started = psutil.Process(manager.provisioner.pid).children(recursive=True)
    assert {"hidden", "node.py"} <= {Path(word).name for one in started for word in one.cmdline()}
    manager.restart_kernel(now=True)
    _, left = psutil.wait_procs(started, timeout=30)
    assert not left

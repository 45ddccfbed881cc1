"""Executes a notebook in a fresh kernel, and says of each cell what a plain run passes over.

After each cell the kernel is asked, by a silent request that takes no execution number, what its threads, tasks
and children did. Not seen: an exception that nobody asked an executor's future for.
"""

from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from traitlets.config import Config

from notebooks.source.lessons import tags

CELL_S = 180  # no cell may take longer; on a busy machine all cases at once, or a race, take their time
SILENT_S = 30  # for the kernel to answer our own questions

HOOKS = """
def _watch():
    import asyncio, builtins, contextlib, gc, os, psutil, sys, threading, time
    bad, loop = [], asyncio.get_running_loop()
    threading.excepthook = sys.unraisablehook = lambda a: bad.append(f"thread or finaliser: {a.exc_value!r}")
    loop.set_exception_handler(lambda l, c: bad.append(f"task: {c.get('message')} {c.get('exception')!r}"))
    known, own = set(threading.enumerate()), os.sep + "ipykernel" + os.sep
    def is_left(process):
        # The launcher of nodes is the kit's own, and lives as long as the kernel; a node below it doesn't.
        with contextlib.suppress(psutil.NoSuchProcess):
            try:
                return "grader.sandbox.launcher" not in str(process.cmdline())
            except psutil.ZombieProcess:
                return process.ppid() == os.getpid()  # others are for the launcher to wait for
        return False
    def processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            return [process for process in psutil.Process().children(recursive=True) if is_left(process)]
        return []
    was_set_up = []
    def report():
        gc.collect()
        if not was_set_up:
            was_set_up.append(True)
            gc.freeze()  # what a kernel and the kit consist of need not be looked through after each cell
        new = [t for t in threading.enumerate() if t not in known]
        # The kernel's own messages start a thread once one is large, such as a picture.
        r = bad[:] + [f"thread left: {t.name}" for t in new if not type(t).__module__.startswith("zmq.")]
        tasks = [t for t in asyncio.all_tasks(loop) if own not in t.get_coro().cr_code.co_filename]
        r += [f"task left: {t!r}" for t in tasks]
        futures = [o for o in gc.get_objects() if isinstance(o, asyncio.Future) and o._log_traceback]
        r += [f"result never read: {o!r}" for o in futures]
        until = time.monotonic() + 2  # those that have been told to end may still be about it
        while (left := processes()) and time.monotonic() < until:
            time.sleep(0.05)
        r += [f"process left: {process.pid}" for process in left]
        bad.clear()
        return r
    builtins._notebook_report = report
_watch()
"""


def run(notebook: Any, folder: Path, timeout: int = CELL_S) -> list[str]:
    """Execute all cells in `folder`, outputs go into the notebook; what went wrong, as `cell: what`."""
    faults: list[str] = []

    async def ask(code: str, expression: str) -> str:
        asked = client.kc.execute(code, silent=True, store_history=False, user_expressions={"r": expression})
        while True:
            message = await client.kc.get_shell_msg(timeout=SILENT_S)
            if message["parent_header"].get("msg_id") == asked:
                answer = message["content"]["user_expressions"]["r"]
                return str(answer["data"]["text/plain"])  # a KeyError means that the hook itself failed

    async def start(notebook: Any) -> None:  # noqa: ARG001  (nbclient calls it by keyword)
        await ask(HOOKS, "1")

    async def after(cell: Any, cell_index: int, execute_reply: Any) -> None:  # noqa: ARG001
        if (report := await ask("", "_notebook_report()")) != "[]":
            faults.append(f"{cell.id}: {report}")

    client: Any = NotebookClient(
        notebook,
        timeout=timeout,
        allow_errors=True,
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,  # else it depends on the clock into how many pieces a text falls
        resources={"metadata": {"path": str(folder)}},
        on_notebook_start=start,
        on_cell_executed=after,
        config=Config({"KernelManager": {"transport_encryption": "auto"}}),  # else a warning at each start
    )
    client.execute()
    return faults + [fault for cell in notebook.cells for fault in _outputs(cell)]


def _outputs(cell: Any) -> list[str]:
    """An error or a word on stderr, unless the cell says that it is meant."""
    faults = []
    for output in cell.get("outputs", []):
        if output.output_type == "error" and "raises-exception" not in tags(cell):
            faults.append(f"{cell.id}: {output.ename}: {output.evalue}")
        if output.get("name") == "stderr" and "stderr-ok" not in tags(cell):
            faults.append(f"{cell.id}: stderr: {output.text}")
    return faults

"""What the kit arranges in a kernel: the magics `%%part` and `%%writefile`, and interrupts that work."""

import os
import signal
import sys
from contextlib import suppress


def arrange() -> None:
    """Nothing outside of a kernel, where no loop runs and no magic is known."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        return
    from grader.notebook.nodes.parts import put, write_file

    shell.register_magic_function(put, "cell", "part")
    shell.register_magic_function(write_file, "cell", "writefile")
    let_interrupts_through()


def let_interrupts_through() -> None:
    """A cell that awaits hears of an interrupt at once, not when its timer ends.

    A loop that has a handler for any signal is woken by all signals, and then Python's own handlers run.
    SIGUSR1 is one that nobody needs. Windows has neither it nor the trouble.
    """
    if os.name != "posix":
        return
    import asyncio

    with suppress(RuntimeError, NotImplementedError):  # no loop runs here, or one that knows no signals
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, lambda: None)

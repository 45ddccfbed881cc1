"""Interrupts: Ctrl-C, or being told to end, as a call in a thread, wherever the main thread waits.

And a `Stop`, for those that wait for files and must hear of it too.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

STOPS = ("SIGINT", "SIGTERM", "SIGHUP")
# All others that end a process which does not catch them, but for those that tell of its own faults. Batch
# systems send some of these; real-time signals are dealt with alike.
RARE_STOPS = (
    *("SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGXCPU"),
    *("SIGIO", "SIGPWR", "SIGSTKFLT"),
)


class Stop:
    """A request to stop, set once from any thread; it has a file descriptor, for those who wait by `select`.

    Whoever makes it closes it, when nobody can set it any more.
    """

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()

    def set(self) -> None:
        os.write(self._writing, b"x")

    def fileno(self) -> int:
        return self._reading

    def close(self) -> None:
        os.close(self._reading)
        os.close(self._writing)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def interrupts_to(put: Callable[[], None]) -> Iterator[None]:
    """While this lasts each interrupt calls `put` in a thread of its own, which may, say, fill a mailbox.

    By a pipe that the interpreter itself writes to: a handler in Python would wait until the main thread
    runs again, and that waits for its mailbox. What was ignored before (as under nohup) stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)

    def forward() -> None:
        while os.read(reading, 1):
            put()
        os.close(reading)

    thread = threading.Thread(target=forward, daemon=True)
    thread.start()
    numbers = [getattr(signal, name) for name in STOPS if hasattr(signal, name)]
    before = {n: signal.getsignal(n) for n in numbers if signal.getsignal(n) is not signal.SIG_IGN}
    rare = [getattr(signal, name) for name in RARE_STOPS if hasattr(signal, name)]
    if hasattr(signal, "SIGRTMIN"):
        rare += range(signal.SIGRTMIN, signal.SIGRTMAX + 1)
    # One that has a handler means something else to whoever set it.
    before |= {n: signal.SIG_DFL for n in rare if signal.getsignal(n) is signal.SIG_DFL}
    wakeup = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in before:
        signal.signal(number, lambda *_: None)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup)
        os.close(writing)
        thread.join()

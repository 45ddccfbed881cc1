"""Single keys from the terminal, without Enter. The one place that knows how each system gives them."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def keys_to(put: Callable[[str], None]) -> Iterator[bool]:
    """Each key that is pressed goes to `put`, from a thread of its own. False where there is no keyboard."""
    if not sys.stdin or not sys.stdin.isatty():
        yield False
        return
    if os.name == "nt":
        _in_a_thread(_of_windows, put)
        yield True
        return
    import termios
    import tty

    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    tty.setcbreak(number)  # Ctrl-C stays what it is
    try:
        _in_a_thread(lambda: _read(number), put)
        yield True
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)


def _in_a_thread(read: Callable[[], str], put: Callable[[str], None]) -> None:
    def forward() -> None:
        while key := read():
            put(key)

    threading.Thread(target=forward, daemon=True).start()


def _read(number: int) -> str:
    try:
        return os.read(number, 1).decode("utf-8", "replace")
    except OSError:
        return ""


def _of_windows() -> str:
    import msvcrt

    return str(msvcrt.getwch())  # type: ignore[attr-defined]

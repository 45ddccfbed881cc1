"""The end of a node of which all is known: it may clean up. Who is killed leaves behind what it holds.

A lock file or a pid file that lies in its folder stops the next node of its kind. So a node's input ends, and
it is given a moment; and what such a node is known to take away when it ends, by its name, is taken away for
one that was killed. No other file is touched.
"""

import os
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.conversation.node_process import NodeProcess
    from grader.conversation.patience import Patience

LEAVE_S = 1.5  # to end by itself: it may wait for a peer before
HURRIED_LEAVE_S = 0.3  # where many cases of it have failed alike
LEAVE_CPU_S = 0.5  # that it may use for that: who goes round in a loop never ends


def let_go(
    process: "NodeProcess", patience: "Patience", goes_on: Callable[[], bool], time_s: float = LEAVE_S
) -> bool:
    """Wait for the node's own end for `time_s`, while `goes_on()` and it seems to come: whether it came.

    Its input has ended.
    """
    patience.heard()
    patience.count()
    began, end = patience.counted, time.monotonic() + time_s - patience.delay
    while goes_on() and (left := end + patience.delay - time.monotonic()) > 0:
        if process.wait(max(min(patience.next - time.monotonic(), left), 0)) is not None:
            return True
        patience.count()
        if patience.counted.ran_since(began) > LEAVE_CPU_S:
            break
    return False


def take_away(folder: Path, names: Collection[str]) -> None:
    """Remove those of these files, and empty folders, that are still there. Only while no node runs."""
    for name in names:
        path = folder / name
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            else:
                path.unlink(missing_ok=True)


def names_in(folder: Path) -> frozenset[str]:
    """The names of all that lies in a folder; none if it can't be read."""
    with suppress(OSError):
        return frozenset(os.listdir(folder))
    return frozenset()

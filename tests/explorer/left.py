"""What a test of the explorer may have left behind: processes, known by the folder in which they work."""

import os
from contextlib import suppress
from pathlib import Path

import psutil


def left_in(folder: Path) -> set[int]:
    """Processes that work in this folder, as the exploring one and its forks do."""
    left = set()
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and process.cwd() == os.path.realpath(folder):
                left.add(process.pid)
    return left


def wait_until_left(folder: Path, processes: set[int]) -> None:
    """Return once no others are left: those that were ended may need a moment."""
    while left_in(folder) != processes:
        pass

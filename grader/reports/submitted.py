"""What a page shows of the submission itself: the lines of its files, and schedules of it to be played."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from grader.conversation.submission import Submission
from grader.grading.results import Result
from grader.seat.tree import Tree

LARGEST = 1 << 20  # bytes of a source file that is read
SEATS = 2  # in one page: each is some hundred kilobytes


def source_of(submission: Submission) -> Callable[[str], Sequence[str]]:
    """Reads a file of the submission's folder by its name; no lines where that is not to be had."""
    folder = Path(submission.folder).resolve()

    @cache
    def read(name: str) -> Sequence[str]:
        try:
            path = (folder / name).resolve()
            if not path.is_relative_to(folder) or not path.is_file() or path.stat().st_size > LARGEST:
                return ()
            return path.read_text("utf-8", errors="replace").split("\n")
        except (OSError, ValueError):
            return ()

    return read


def played(submission: Submission) -> Callable[[Result], tuple[Tree, str] | None]:
    """Grows the tree of a schedule that the explorer has found, for the first few that are asked for."""
    left = SEATS

    def seat_of(result: Result) -> tuple[Tree, str] | None:
        nonlocal left
        if result.searched is None or result.searched.found is None or not left:
            return None
        left -= 1
        from grader.explorer.client import Gone
        from grader.explorer.runtime.launch import launch_of
        from grader.seat.found import tree_of

        try:
            tree, game = tree_of(launch_of(submission), result.searched)
        except Gone:
            return None
        return tree, game.moves if game else ""

    return seat_of

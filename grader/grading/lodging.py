"""Where a submission is lodged while it is graded: under its policy, in `full` in a copy of its folder."""

import os
import shutil
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from grader.conversation.submission import NotGradable, Submission
from grader.sandbox.policy import MIB, Limits, Policy, Strength
from grader.sandbox.run_folder import RunFolder

MOST_BYTES, MOST_FILES = 64 * MIB, 5_000  # of a folder that is copied
LEFT_OUT = frozenset((".git", ".hg", "__pycache__", ".mypy_cache", ".pytest_cache", ".ipynb_checkpoints"))
TOO_LARGE = (
    "{}: its folder holds more than {} MiB or {} files, and --sandbox full runs a copy of it; "
    "put the node into a folder of its own"
)


@contextmanager
def lodged(
    submission: Submission, strength: Strength, limits: Limits | None = None, keep_out: Collection[str] = ()
) -> Iterator[Submission]:
    """The submission as it is to be run. `keep_out` are files that don't go into the copy: cases, reports.

    Raises NotGradable if the folder is too large to be copied.
    """
    policy = Policy(strength, limits or Limits())
    if strength != "full":
        yield replace(submission, policy=policy)
        return
    from grader.sandbox.reach import of_node

    with RunFolder() as home:
        folder = home.path / "work" / (submission.folder.name or "node")
        _copy(submission, folder, {os.path.realpath(path) for path in keep_out})
        command = tuple(_moved(word, submission.folder, folder) for word in submission.command)
        reach = of_node(command, home.name)
        yield Submission(
            submission.name, command, folder, replace(policy, reach=reach, home=home.name), submission.folder
        )


def _moved(word: str, old: Path, new: Path) -> str:
    with suppress(ValueError):
        if os.path.isabs(word):
            return str(new / Path(word).relative_to(old))
    return word


def _copy(submission: Submission, folder: Path, keep_out: Collection[str]) -> None:
    """Files and folders; of links, those that lead to something in the folder."""
    size = files = 0
    todo = [(submission.folder, folder)]
    while todo:
        source, target = todo.pop()
        target.mkdir(parents=True)
        with os.scandir(source) as entries:
            found = list(entries)
        for entry in found:
            path = target / entry.name
            with suppress(PermissionError):
                if entry.is_symlink():
                    if Path(entry.path).resolve().is_relative_to(submission.folder) and os.path.exists(
                        entry.path
                    ):
                        path.symlink_to(os.readlink(entry.path))
                elif entry.is_dir():
                    if entry.name not in LEFT_OUT and not os.path.exists(
                        os.path.join(entry.path, "pyvenv.cfg")
                    ):
                        todo.append((Path(entry.path), path))
                elif stat.S_ISREG(entry.stat().st_mode) and entry.path not in keep_out:
                    size, files = size + entry.stat().st_size, files + 1
                    if size > MOST_BYTES or files > MOST_FILES:
                        what = TOO_LARGE.format(submission.name, MOST_BYTES // MIB, f"{MOST_FILES:,}")
                        raise NotGradable(what)
                    shutil.copyfile(entry.path, path)
                    path.chmod(stat.S_IMODE(entry.stat().st_mode) | 0o600)

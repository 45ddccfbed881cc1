"""Begin a process under a policy: kept where the system is Linux, plain elsewhere."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from grader.sandbox.policy import Policy, Used

LINUX = sys.platform == "linux"
NOT_LINUX = "Linux, which alone limits a node's memory, processes and files, and finds all that it started"


class Process(Protocol):
    """A process and all that it starts. Whoever begins it calls `end`, on every path."""

    @property
    def pid(self) -> int:
        """Its own number."""

    @property
    def left(self) -> tuple[str, ...]:
        """What it left behind, after its own end: each process by its command line."""

    @property
    def used(self) -> Used:
        """What all have used, once they are gone."""

    def wait(self, timeout: float | None = None) -> int | None:
        """Until it has ended: its exit status, negative for a signal. None if it goes on."""

    def wait_for_all(self) -> None:
        """Until all that it has started are gone, too: a moment after its own end."""

    def end(self) -> None:
        """End it and all that it has started, and wait until they are gone."""

    def pids(self) -> list[int]:
        """It and all that it has started; none where the system doesn't tell for sure."""


def begin(
    command: Sequence[str],
    folder: Path,
    env: Mapping[str, str],
    files: Sequence[int],
    policy: Policy,
    private: str = "",
    beyond: Callable[[str], object] = lambda _: None,
) -> Process:
    """Start it with these files: stdin, stdout, stderr, and others that it finds at `places`.

    `private` is its own folder, what lies in it counts as written. `beyond` is called, in another thread, with
    a text if it passes a limit; it is ended a moment later. Raises OSError if the system refuses the command.
    """
    if LINUX:
        from grader.sandbox.kept import Kept

        return Kept(command, folder, env, files, policy, private, beyond)
    from grader.sandbox.plain import Plain

    return Plain(command, folder, env, files)


def places(files: Sequence[int]) -> tuple[int, ...]:
    """By which numbers a process finds the files that it is given beyond stderr."""
    return tuple(range(3, 3 + len(files))) if LINUX else tuple(files)


def lacks(policy: Policy) -> tuple[str, ...]:
    """What this system has not got for the policy, each in words; nothing if all of it is in force."""
    if policy.strength == "off":
        return ()
    if not LINUX:
        return (NOT_LINUX,)
    from grader.sandbox.kept import missing_for

    return missing_for(policy)


def refusal(strength: str, lacking: Sequence[str]) -> str:
    """Why it can't be had here, and which option accepts less."""
    less = {"full": "--sandbox limits accepts less, from people whom you trust with your files"}
    what = less.get(strength, "--sandbox off accepts that nothing is limited")
    return f"--sandbox {strength} can't be had here, without {'; without '.join(lacking)}; {what}"


def begin_early() -> None:
    """Before the first process: it starts sooner then."""
    if LINUX:
        from grader.sandbox.kept import launch_early

        launch_early()

"""The client of the exploring process: starts it, reads its results, and gives up on it where it must."""

import os
import select
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from grader.conversation.interrupts import Stop
from grader.conversation.submission import Submission, environment
from grader.explorer.runtime.launch import NotPython, launch_of
from grader.explorer.search.framing import Letters, Misheard, letter
from grader.explorer.server import Job, Refused
from grader.sandbox.begin import Process, begin, places
from grader.sandbox.policy import MIB
from grader.sandbox.reach import of_explorer
from grader.sandbox.run_folder import RunFolder

PATIENCE = 20.0  # seconds beyond the budget, for starting, shrinking and recording
MORE_MEMORY = 512 * MIB  # than one run of a node may use: the runs that wait, and what explores them
MORE_PROCESSES = 1000  # forks that wait for their turn; what they hold is counted as memory
OVERTIME = 30.0  # CPU seconds beyond both, since the clock says nothing on a busy machine
LAST_WORDS = 3.0  # seconds, once it is interrupted, to tell what it knows
ASLEEP = 15  # seconds of sleep beyond both; runs that sleep are noticed before by who explores
ROOT = str(Path(__file__).resolve().parents[2])
TOO_OLD = 78  # a status of the exploring process
START = (
    f"import sys; sys.version_info >= (3, 11) or sys.exit({TOO_OLD}); "
    "sys.dont_write_bytecode = {unkept}; "  # else what we are made of is compiled anew each time
    "sys.path.insert(0, {root!r}); from grader.explorer.server import main; "
    "del sys.path[0]; main({reading}, {writing}, {lent!r})"
)
LENT = ("greenlet", "psutil")  # what the exploring process needs of other people's, whichever Python runs it


class Gone(Exception):
    """The exploring process has failed, or was given up on; the text says why.

    `fault` is the traceback of an error of ours.
    """

    def __init__(self, why: str, fault: str = "") -> None:
        super().__init__(why)
        self.fault = fault


class Stopped(Exception):
    """The exploring process was ended, since somebody said so."""


def missing() -> str:
    """What this system lacks for exploring; empty if nothing."""
    if not hasattr(os, "fork"):
        return "the explorer needs fork, which this system has not"
    try:
        import greenlet  # noqa: F401
    except ImportError:
        return "the explorer needs the package greenlet: pip install greenlet"
    return ""


def unfit(submission: Submission) -> str:
    """Why a submission can't be explored; empty if it can."""
    if reason := missing():
        return reason
    try:
        launch_of(submission)
    except NotPython as error:
        return str(error)
    return ""


def ask(job: Job, patience: float, stop: Stop | None = None) -> Generator[object, None, None]:
    """What the exploring process tells, as it comes. Raises Gone, or Stopped once `stop` is set."""
    job_reading, job_writing = os.pipe()
    reading, writing = os.pipe()
    beyond: list[str] = []
    home = RunFolder(job.launch.policy.home)
    try:
        process = _started(job, (job_reading, writing), home.name, beyond.append)
    except OSError as error:
        for fd in (reading, job_writing):
            os.close(fd)
        home.close()
        raise Gone(f"the exploring process could not be started: {error.strerror}") from None
    finally:
        os.close(job_reading)
        os.close(writing)
    letters = Letters(is_from_nodes=True)
    try:
        data = letter(job)
        with suppress(BrokenPipeError):
            while data:
                data = data[os.write(job_writing, data) :]
        try:
            yield from _hear(reading, letters, process, time.monotonic() + patience, stop)
        except Stopped:
            os.close(job_writing)  # so it hears of it, and tells what it knows
            job_writing = -1
            yield from _last_words(reading, letters)
            raise
        except Misheard as error:
            raise Gone(f"the explorer gave up: {error}") from None
        status = process.wait(PATIENCE)
        if beyond:
            raise Gone(f"the node went beyond a limit while it was explored ({beyond[0]})")
        if status and status < 0:
            raise Gone(f"the exploring process was ended by signal {-status}, by the node or the system")
        if status == TOO_OLD:
            raise Gone("the explorer needs Python 3.11 or newer, and the node's is older")
        if status:
            raise Gone(f"the explorer itself failed: its process ended with status {status}")
    finally:
        os.close(reading)
        if job_writing >= 0:
            os.close(job_writing)
        process.end()
        home.close()


def _started(job: Job, pipes: tuple[int, int], private: str, beyond: Callable[[str], object]) -> Process:
    """The exploring process. It may use more than a node: it is many runs of it at once."""
    policy = job.launch.policy
    is_full = policy.strength == "full"
    if is_full and policy.reach:
        policy = replace(policy, reach=of_explorer(policy.reach, LENT))
    limits = replace(
        policy.limits,
        memory=policy.limits.memory + MORE_MEMORY,
        processes=policy.limits.processes + MORE_PROCESSES,
    )
    job_reading, writing = places(pipes)
    unkept = sys.dont_write_bytecode
    start = START.format(root=ROOT, unkept=unkept, reading=job_reading, writing=writing, lent=_lent())
    env = {
        **environment(private, is_private=is_full),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LD_BIND_NOW": "1",  # else each fork looks up anew what its mother has not called
    }
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        files = (nothing, nothing, nothing, *pipes)
        command = [job.launch.python, "-P", "-c", start]
        return begin(
            command, Path(job.launch.folder), env, files, replace(policy, limits=limits), private, beyond
        )
    finally:
        os.close(nothing)


def _lent() -> dict[str, str]:
    """Where those packages are here."""
    from importlib.util import find_spec

    found = {name: find_spec(name) for name in LENT}
    return {n: str(Path(spec.origin).parents[1]) for n, spec in found.items() if spec and spec.origin}


def _hear(
    reading: int, letters: Letters, process: Process, deadline: float, stop: Stop | None
) -> Iterator[object]:
    from grader.explorer.search.watchdog import LOOK, Idleness

    silence = Idleness(OVERTIME, ASLEEP, of_all=True)
    files: list[int | Stop] = [reading] if stop is None else [reading, stop]
    while True:
        ready, _, _ = select.select(files, [], [], LOOK)
        if not ready:
            if process.wait(0) is not None:  # a run that has left its group still holds the pipe
                return
            if time.monotonic() >= deadline and (why := silence.look(process.pid)):
                raise Gone(f"the explorer gave up on itself: {why}")
            continue
        if reading not in ready:
            raise Stopped
        chunk = os.read(reading, 1 << 20)
        if not chunk:
            return
        for message in letters.feed(chunk):
            if isinstance(message, Refused):
                if not message.ours:
                    raise Gone(message.text)
                last = message.text.strip().rpartition("\n")[2]
                raise Gone(f"the explorer itself failed; the node is not to blame ({last})", message.text)
            yield message


def _last_words(reading: int, letters: Letters) -> Iterator[object]:
    """What it still tells, for a little while."""
    end = time.monotonic() + LAST_WORDS
    while select.select([reading], [], [], max(0.0, end - time.monotonic()))[0]:
        chunk = os.read(reading, 1 << 20)
        if not chunk:
            return
        for message in letters.feed(chunk):
            if not isinstance(message, Refused):
                yield message

"""The client of the exploring process: starts it, reads its results, and gives up on it where it must."""

import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path

from grader.conversation.interrupts import Stop
from grader.conversation.submission import Submission
from grader.explorer.runtime.launch import NotPython, launch_of
from grader.explorer.search.framing import Letters, letter
from grader.explorer.server import Job, Refused

PATIENCE = 20.0  # seconds beyond the budget, for starting, shrinking and recording
REAPING = 1.0  # seconds, for what has been told to end
OVERTIME = 30.0  # CPU seconds beyond both, since the clock says nothing on a busy machine
LAST_WORDS = 3.0  # seconds, once it is interrupted, to tell what it knows
ASLEEP = 15  # seconds of sleep beyond both; runs that sleep are noticed before by who explores
ROOT = str(Path(__file__).resolve().parents[2])
TOO_OLD = 78  # a status of the exploring process
START = (
    f"import sys; sys.version_info >= (3, 11) or sys.exit({TOO_OLD}); "
    "sys.path.insert(0, {root!r}); from grader.explorer.server import main; "
    "del sys.path[0]; main({reading}, {writing}, {lent!r})"
)
LENT = ("greenlet", "psutil")  # what the exploring process needs of other people's, whichever Python runs it


_Process = subprocess.Popen[bytes]


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
    start = START.format(root=ROOT, reading=job_reading, writing=writing, lent=_lent())
    private = tempfile.mkdtemp(prefix="grader-")
    process = subprocess.Popen(
        [job.launch.python, "-P", "-c", start],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=job.launch.folder,
        env={
            **os.environ,
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LD_BIND_NOW": "1",  # else each fork looks up anew what its mother has not called
            "TMPDIR": private,
        },
        pass_fds=(job_reading, writing),
        start_new_session=True,
    )
    os.close(job_reading)
    os.close(writing)
    letters = Letters()
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
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        if process.returncode and process.returncode < 0:
            raise Gone(
                f"the exploring process was ended by signal {-process.returncode}, by the node or the system"
            )
        if process.returncode == TOO_OLD:
            raise Gone("the explorer needs Python 3.11 or newer, and the node's is older")
        if process.returncode:
            raise Gone(f"the explorer itself failed: its process ended with status {process.returncode}")
    finally:
        os.close(reading)
        if job_writing >= 0:
            os.close(job_writing)
        _end(process)
        _reap(process.pid)
        shutil.rmtree(private, ignore_errors=True)


def _lent() -> dict[str, str]:
    """Where those packages are here."""
    from importlib.util import find_spec

    found = {name: find_spec(name) for name in LENT}
    return {n: str(Path(spec.origin).parents[1]) for n, spec in found.items() if spec and spec.origin}


def _hear(
    reading: int, letters: Letters, process: _Process, deadline: float, stop: Stop | None
) -> Iterator[object]:
    from grader.explorer.search.watchdog import LOOK, Idleness

    silence = Idleness(OVERTIME, ASLEEP, of_all=True)
    files: list[int | Stop] = [reading] if stop is None else [reading, stop]
    while True:
        ready, _, _ = select.select(files, [], [], LOOK)
        if not ready:
            if process.poll() is not None:  # a run that has left its group still holds the pipe
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


def _reap(session: int) -> None:
    """Take note that forks of the process have ended whose mother ended first.

    Where nodes have been run before, the system hands such orphans to us, and keeps them until we do.
    """
    import psutil

    end = time.monotonic() + REAPING
    left = [child.pid for child in psutil.Process().children() if _is_of(child.pid, session)]
    while left and time.monotonic() < end:
        for pid in list(left):
            with suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG) == (0, 0):
                    continue
            left.remove(pid)
        time.sleep(0.01 if left else 0)


def _is_of(pid: int, session: int) -> bool:
    with suppress(OSError):
        return os.getsid(pid) == session
    return False


def _end(process: _Process) -> None:
    """End the process and all its forks. Each of its children leads a group, which the system ends at once:
    of processes that are ended one after another, a later one could still fork.
    """
    if process.poll() == 0:  # it has ended them itself
        return
    import psutil

    with suppress(psutil.Error):
        mother = psutil.Process(process.pid)
        mother.suspend()  # so that it starts no more
        children = mother.children(recursive=True)
        for child in mother.children():
            with suppress(OSError):
                os.killpg(child.pid, signal.SIGKILL)
        for child in children:
            with suppress(psutil.Error):
                child.kill()
    process.kill()
    process.wait()
    for orphan in psutil.process_iter():  # if it was killed, by whoever, its runs have another parent now
        with suppress(OSError, psutil.Error):
            if os.getsid(orphan.pid) == process.pid:
                orphan.kill()

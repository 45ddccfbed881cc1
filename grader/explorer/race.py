"""Exploring a node from outside: starts the exploring process, hears its results, and never waits for ever."""

import os
import pickle
import select
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from grader.cases import Case
from grader.explorer.process import Job, Refused
from grader.explorer.search import Result as Searched
from grader.explorer.verdicts import Explored, findings
from grader.grading import Grade, Result
from grader.submission import Submission

PATIENCE = 20.0  # seconds beyond the budget, for starting, shrinking and recording
LOOK = 0.2  # seconds between two looks at the clock
ROOT = str(Path(__file__).resolve().parents[2])
START = (
    "import sys; sys.path.insert(0, {root!r}); from grader.explorer.process import main; "
    "del sys.path[0]; main({reading}, {writing})"
)


class Gone(Exception):
    """The exploring process has failed, or was given up on; the text says why."""


def unfit(submission: Submission) -> str:
    """Why a submission can't be explored; empty if it can."""
    if sys.platform == "win32":
        return "the explorer needs fork, which this system has not"
    if not submission.command[-1].endswith(".py") or len(submission.command) != 2:
        return "the explorer runs Python files only"
    if os.path.realpath(submission.command[0]) != os.path.realpath(sys.executable):
        return "the explorer runs nodes by its own Python only"
    try:
        import greenlet  # noqa: F401
    except ImportError:
        return "the explorer needs the package greenlet: pip install greenlet"
    return ""


def race(
    submission: Submission,
    cases: Sequence[Case],
    *,
    budget: float,
    seed: int = 0,
    on_result: Callable[[Result], None] | None = None,
    on_searched: Callable[[Searched], None] | None = None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Grade:
    """Explore these cases in at most `budget` seconds; a grade as for any suite.

    `on_result` is told each result as it is known, `on_searched` what it was made from. `is_stopped` is asked
    now and then whether to give up.
    """
    began = time.monotonic()
    results: list[Result] = []

    def tell(result: Result) -> None:
        results.append(result)
        if on_result:
            on_result(result)

    reason = unfit(submission)
    if not reason:
        job = Job(submission.command[-1], tuple(cases), budget, seed)
        try:
            for message in ask(job, budget + PATIENCE, is_stopped):
                assert isinstance(message, Searched)
                if on_searched:
                    on_searched(message)
                tell(_result(message))
        except Gone as gone:
            reason = str(gone)
    for case in cases[len(results) :]:
        explored = Explored(stopped="inconclusive", escaped=(reason,) if reason else ())
        tell(Result(case, "not-attempted", note=reason, explored=explored.as_json()))
    return Grade(
        submission.name, tuple(results), sum(case.points for case in cases), time.monotonic() - began, seed
    )


def _result(searched: Searched) -> Result:
    explored, found = searched.explored, searched.found
    result = Result(
        searched.case,
        "not-attempted" if explored.escaped else "failed" if found else "passed",
        findings(found, searched.case) if found else (),
        searched.transcript,
        searched.duration_s,
        explored.note,
        explored=explored.as_json(),
    )
    if result.status == "not-attempted":
        return replace(result, transcript=())
    return result


def ask(job: Job, patience: float, is_stopped: Callable[[], bool] = lambda: False) -> Iterator[object]:
    """What the exploring process tells, as it comes. Raises Gone."""
    job_reading, job_writing = os.pipe()
    reading, writing = os.pipe()
    start = START.format(root=ROOT, reading=job_reading, writing=writing)
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", start],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=Path(job.file).parent,
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
        pass_fds=(job_reading, writing),
        start_new_session=True,
    )
    os.close(job_reading)
    os.close(writing)
    try:
        with suppress(BrokenPipeError), open(job_writing, "wb") as pipe:
            pickle.dump(job, pipe)
        yield from _hear(reading, time.monotonic() + patience, is_stopped)
        if process.wait(patience):
            raise Gone(f"the explorer itself failed: its process ended with status {process.returncode}")
    finally:
        os.close(reading)
        _end(process)


def _hear(reading: int, deadline: float, is_stopped: Callable[[], bool]) -> Iterator[object]:
    data = b""
    while True:
        ready, _, _ = select.select([reading], [], [], LOOK)
        if not ready:
            if time.monotonic() < deadline and not is_stopped():
                continue
            raise Gone("the explorer gave up: the node neither ended nor waited")
        chunk = os.read(reading, 1 << 20)
        if not chunk:
            return
        data += chunk
        while len(data) >= 4 and len(data) >= 4 + struct.unpack_from("I", data)[0]:
            end = 4 + struct.unpack_from("I", data)[0]
            message = pickle.loads(data[4:end])
            data = data[end:]
            if isinstance(message, Refused):
                raise Gone(f"the explorer itself failed: {message.text}" if message.ours else message.text)
            yield message


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the process and all its forks; those have groups of their own, but stay its children."""
    if process.poll() is not None:
        return
    import psutil

    with suppress(psutil.Error):
        mother = psutil.Process(process.pid)
        mother.suspend()  # so that it starts no more
        for child in mother.children(recursive=True):
            with suppress(psutil.Error):
                child.kill()
    process.kill()
    process.wait()

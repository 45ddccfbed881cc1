"""One submission as work to be done anywhere: its contents, the suites and the options travel with it."""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from grader.sandbox.policy import Limits, Strength
from grader.sandbox.run_folder import RunFolder

CLASS_BUDGET_S = 30.0  # CPU seconds: one preemption in every workload of an ordinary node; nobody waits for it
GRACE_S = 10.0  # for the grader to report what is known, once it has been told that time is up
JobEnd = Literal["graded", "not-handed-in", "not-gradable", "timed-out", "broken", "stopped"]


@dataclass(frozen=True, slots=True)
class Options:
    """How all submissions of a class are graded. `limit_s`: seconds for each, whatever it does."""

    suites: tuple[str, ...] = ()  # the names of built-in ones
    own_suites: tuple[tuple[str, str], ...] = ()  # others: their names, and what they say
    asked_for: tuple[str, ...] = ()  # of both those that somebody named: they must be attempted
    cases: tuple[str, ...] = ()  # their ids; all of those suites if there are none
    but: tuple[str, ...] = ()  # the ids of those that are left out
    seed: int = 0
    slow: float = 1.0
    budget: float = CLASS_BUDGET_S
    limit_s: float = 300.0
    sandbox: Strength = "full"
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class ClassJob:
    """What it takes to grade one submission, wherever the kit is installed."""

    name: str
    entry: str
    files: tuple[tuple[str, bytes], ...]
    options: Options
    executable: frozenset[str] = frozenset()  # of its files

    def fingerprint(self, version: str) -> str:
        """The same for the same contents, options and version of the kit, and for nothing else."""
        told = hashlib.sha256()
        options = json.dumps(asdict(self.options), sort_keys=True)
        for part in (version, self.name, self.entry, options, *sorted(self.executable)):
            told.update(f"{len(part)}:{part}".encode())
        for path, data in self.files:
            told.update(f"{len(path)}:{path}:{len(data)}:".encode() + data)
        return told.hexdigest()


@dataclass(frozen=True, slots=True)
class JobResult:
    """What came of a job: the reports, or why there are none."""

    ended: JobEnd
    report: dict[str, Any] | None = None
    page: str = ""
    why: str = ""
    seconds: float = 0.0


class RunningJobs:
    """The processes of jobs under way, so that all can be ended at once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.processes: set[subprocess.Popen[bytes]] = set()
        self.is_stopped = False

    def add(self, start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes] | None:
        with self.lock:
            if self.is_stopped:
                return None
            process = start()
            self.processes.add(process)
            return process

    def remove(self, process: subprocess.Popen[bytes]) -> None:
        with self.lock:
            self.processes.discard(process)

    def stop(self) -> None:
        """End what runs, and begin nothing more."""
        with self.lock:
            self.is_stopped = True
            for process in self.processes:
                _end(process)


def do(job: ClassJob, running: RunningJobs | None = None) -> JobResult:
    """Grade a submission in a copy and a process of its own; whatever it does, within its limit."""
    running = running or RunningJobs()
    began = time.monotonic()
    home = RunFolder()
    folder = home.path
    try:
        work, suites = folder / "work", folder / "suites"
        for path, data in job.files:
            target = work / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            if path in job.executable:
                target.chmod(0o755)
        suites.mkdir()
        for name, text in job.options.own_suites:
            (suites / name).write_text(text, "utf-8")
        asked = {
            "file": str(work / job.entry),
            "name": job.name,
            "suites": [*job.options.suites, *(str(suites / name) for name, _ in job.options.own_suites)],
            "asked_for": job.options.asked_for,
            "cases": job.options.cases,
            "but": job.options.but,
            "seed": job.options.seed,
            "slow": job.options.slow,
            "budget": job.options.budget,
            "sandbox": job.options.sandbox,
            "limits": asdict(job.options.limits),
        }
        ended, why, told = _grade(asked, home.name, job.options.limit_s, running)
    except OSError as error:
        return JobResult("broken", why=f"{error.strerror}", seconds=time.monotonic() - began)
    finally:
        home.close()
    seconds = time.monotonic() - began
    if told is None:
        return JobResult(ended, why=why, seconds=seconds)
    if "refused" in told:
        return JobResult("not-gradable", why=told["refused"].replace(f"{folder}/work/", ""), seconds=seconds)
    return JobResult(ended, told["report"], told["page"], why, seconds)


def _grade(
    asked: dict[str, Any], home: str, limit_s: float, running: RunningJobs
) -> tuple[JobEnd, str, dict[str, Any] | None]:
    """What the grading process told, if it told anything. What it puts aside goes with `home`."""
    process = running.add(
        lambda: subprocess.Popen(
            [sys.executable, "-P", "-m", "grader.classes.grading_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "TMPDIR": home},
        )
    )
    if process is None:
        return "stopped", "stopped before it began", None
    ended: JobEnd = "graded"
    why = ""
    try:
        try:
            out, err = process.communicate(json.dumps(asked).encode(), timeout=limit_s)
        except subprocess.TimeoutExpired:
            ended, why = "timed-out", f"not done within {limit_s:g} s"
            process.terminate()  # then it reports what it knows
            try:
                out, err = process.communicate(timeout=GRACE_S)
            except subprocess.TimeoutExpired:
                _end(process)
                out, err = process.communicate()
    finally:
        running.remove(process)
        if process.poll() is None:
            _end(process)
            process.wait()
    if running.is_stopped:
        return "stopped", "stopped", None
    try:
        return ended, why, json.loads(out)
    except ValueError:
        if ended == "timed-out":
            return ended, why, None
        last = err.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return "broken", last or f"the grading process ended with status {process.returncode}", None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a grading process. What it has started is ended by its keepers, once they see that it is gone."""
    process.kill()

"""A class on a Dask cluster, with a scheduler and workers of its own: killed, restarted, interrupted."""

import csv
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.classes.test_class import RIGHT, WRONG, interrupt_where_one_hangs, makers

pytest.importorskip("distributed")

ROOT = Path(__file__).parents[2]
Process = subprocess.Popen[bytes]


class SmallCluster:
    """A scheduler at a port of ours, and workers; each a process that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.scheduler = self.start_scheduler()
        self.workers = [self.start_worker(), self.start_worker()]

    def start_scheduler(self) -> Process:
        return self._start("scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")

    def start_worker(self) -> Process:
        return self._start("worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard")

    def _start(self, what: str, *words: str) -> Process:
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *words]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, cwd=self.folder, env=env, stdout=quiet, stderr=quiet)

    def restart(self) -> None:
        """The scheduler dies, and with it its workers; new ones take their places."""
        kill(self.scheduler, *self.workers)
        self.scheduler, self.workers = self.start_scheduler(), [self.start_worker()]


def kill(*processes: Process) -> None:
    for process in processes:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallCluster]:
    made = SmallCluster(tmp_path_factory.mktemp("cluster"))
    yield made
    kill(made.scheduler, *made.workers)


def test_nothing_is_lost_and_nothing_told_twice(cluster: SmallCluster) -> None:
    """A worker is killed in the middle, then the scheduler with all that it knows."""
    from grader.classes.dask_cluster import DaskCluster

    names = "abcdefg"
    executor = DaskCluster(cluster.address)
    told = []
    try:
        jobs = makers({name: RIGHT if name in "aceg" else WRONG for name in names})
        for name, graded in executor.each(jobs):
            assert graded.report is not None, graded.why
            told.append((name, graded.report["passed"]))
            if len(told) == 1:
                kill(cluster.workers.pop())
            if len(told) == 3:
                cluster.restart()
    finally:
        executor.close()
    assert sorted(told) == [(name, name in "aceg") for name in names]


def test_ctrl_c_keeps_what_is_known(cluster: SmallCluster, tmp_path: Path) -> None:
    (tmp_path / "handed").mkdir()
    interrupt_where_one_hangs(tmp_path, "--dask", cluster.address)
    with open(tmp_path / "handed-grades" / "grades.csv", encoding="utf-8", newline="") as file:
        assert [(row["id"], row["passed"]) for row in csv.DictReader(file)] == [("ada", "true")]

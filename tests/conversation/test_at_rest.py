"""A node at rest: what is claimed of it, and what is not."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from grader.conversation import at_rest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells where threads stand")
SLEEPS = "import sys, threading, time, socket, select, signal\n"


@contextmanager
def running(source: str) -> Iterator[int]:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPS + source], stdin=pipe, stdout=pipe, stderr=pipe
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it is ready
        try:
            yield process.pid
        finally:
            process.kill()


def waits_for_ever(source: str) -> bool:
    """Whether that is said of the program once it has come to rest."""
    with running(f"print(flush=True)\n{source}") as pid:
        before = at_rest.look(at_rest.tree(pid))
        for _ in range(200):
            time.sleep(0.05)
            now = at_rest.look(at_rest.tree(pid))
            assert now is not None
            if before is not None and now.is_still(before):
                return at_rest.waits_for_ever(now)
            before = now
    raise AssertionError("it never came to rest")


@pytest.mark.parametrize(
    "source",
    [
        "sys.stdin.readline()",
        "threading.Thread(target=threading.Event().wait).start(); sys.stdin.readline()",
        "lock = threading.Lock(); lock.acquire(); lock.acquire()",
        "import asyncio; asyncio.run(asyncio.Event().wait())",
        "import subprocess; subprocess.run([sys.executable, '-c', 'input()'])",
    ],
)
def test_who_waits_without_a_deadline_waits_for_ever(source: str) -> None:
    assert waits_for_ever(source)


@pytest.mark.parametrize(
    "source",
    [
        "time.sleep(600)",
        "threading.Event().wait(600)",
        "threading.Timer(600, print).start(); sys.stdin.readline()",
        "import asyncio; asyncio.run(asyncio.sleep(600))",
        "import subprocess; subprocess.run(['sleep', '600'])",
        "signal.signal(signal.SIGALRM, print); signal.alarm(600); sys.stdin.readline()",
        "s = socket.create_server(('127.0.0.1', 0)); s.accept()",
        "s = socket.create_server(('127.0.0.1', 0)); select.select([s, sys.stdin], [], [])",
    ],
)
def test_of_who_waits_for_a_time_or_for_somebody_else_nothing_is_claimed(source: str) -> None:
    assert not waits_for_ever(source)

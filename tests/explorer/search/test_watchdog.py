"""Who says nothing is stuck if it spins or sleeps, and never because others keep it from running."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest

from grader.explorer.search.watchdog import Idleness


@contextmanager
def process(code: str) -> Iterator[int]:
    """A process that has begun to do this."""
    command = [sys.executable, "-c", f"print(flush=True)\n{code}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.readline()
        try:
            yield running.pid
        finally:
            running.kill()


def wait_until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        pass


def test_who_spins_has_used_the_processor() -> None:
    silence = Idleness(spins=0.2)
    with process("while True: pass") as pid:
        while not (why := silence.look(pid)):
            pass
    assert why == "it neither ends nor waits"


def test_who_sleeps_waits_for_what_never_comes() -> None:
    silence = Idleness(sleeps=3)
    with process("import signal; signal.pause()") as pid:
        wait_until(lambda: psutil.Process(pid).status() == psutil.STATUS_SLEEPING)
        said = [silence.look(pid) for _ in range(4)]
    assert said[:3] == ["", "", ""]
    assert said[3].startswith("it waits in a call")


def test_who_gets_no_time_is_not_stuck() -> None:
    silence = Idleness(spins=0.2, sleeps=3)
    with process("while True: pass") as pid:
        os.kill(pid, signal.SIGSTOP)  # as if others had the processor
        wait_until(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED)
        assert {silence.look(pid) for _ in range(20)} == {""}


def test_a_word_or_another_process_begins_anew() -> None:
    silence = Idleness(sleeps=1)
    with process("import signal; signal.pause()") as one, process("import signal; signal.pause()") as two:
        for pid in (one, two):
            wait_until(lambda pid=pid: psutil.Process(pid).status() == psutil.STATUS_SLEEPING)
        assert [silence.look(pid) for pid in (one, two, one)] == ["", "", ""]
        silence.is_broken()
        assert silence.look(one) == ""
        assert silence.look(one)


def test_children_count_too_where_all_are_meant() -> None:
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"
    with process(child) as pid:
        wait_until(lambda: bool(psutil.Process(pid).children()))
        children = psutil.Process(pid).children()
        silence = Idleness(spins=0.2, of_all=True)
        try:
            while not (why := silence.look(pid)):
                pass
        finally:
            for one in children:
                with suppress(psutil.Error):
                    one.kill()
    assert why == "it neither ends nor waits"


@pytest.mark.parametrize("of_all", [False, True])
def test_a_process_that_has_gone_is_not_judged(of_all: bool) -> None:
    with process("") as pid:
        pass
    silence = Idleness(sleeps=1, of_all=of_all)
    assert {silence.look(pid) for _ in range(3)} == {""}

"""Whom the launcher ends: what a keeper that was killed has left, and never a keeper."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the launcher is Linux's")

if sys.platform == "linux":
    from grader.sandbox import launcher as module


@pytest.fixture
def child() -> Iterator["subprocess.Popen[bytes]"]:
    """It lives until its stdin ends."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        yield process


@pytest.fixture
def launcher() -> Iterator["module._Launcher"]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield module._Launcher(theirs, os.pidfd_open(os.getpid()))


def test_a_keeper_that_the_list_of_children_skips_is_not_taken_for_an_orphan(
    launcher: "module._Launcher", child: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's list may skip one while another ends (proc(5)); the node was then found killed."""
    launcher.keepers[child.pid] = os.pidfd_open(child.pid)
    for listed in ([], [child.pid]):
        monkeypatch.setattr(module, "children", lambda _pid, listed=listed: listed)
        launcher.take_leave()
    assert child.pid in launcher.keepers
    child.communicate()
    assert child.returncode == 0  # it was not killed
    launcher.take_leave()
    assert not launcher.keepers


def test_who_is_no_keeper_is_ended_and_looked_for_again(
    launcher: "module._Launcher", child: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "children", lambda _pid: [child.pid])
    launcher.take_leave()
    assert child.wait() == -signal.SIGKILL
    assert not launcher.is_alone
    monkeypatch.setattr(module, "children", lambda _pid: [])
    launcher.take_leave()
    assert launcher.is_alone

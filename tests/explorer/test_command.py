"""`grader race` to the end: interrupts, what is said once only, and replays, good and bad."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.explorer.nodes import write_node

# Two echoes fail in every schedule; a proxy starts so much that its schedules don't come to an end.
SOON_AND_NEVER = """
def send(dest, body):
    write(dest, {**body, "msg_id": 1})

def work():
    locks = [threading.Lock() for _ in range(3)]
    def take():
        for lock in locks * 10:
            with lock:
                threads.append(lock)
    threads[:] = [threading.Thread(target=take) for _ in range(6)]
    for thread in list(threads):
        thread.start()

def start(message):
    if message["body"]["type"] == "proxy":
        work()
    handle(message)
"""
COMMANDS = {
    "race": ["race", "--budget", "600"],
    "submit": ["submit", "--suite", "interleaving", "--slow", "100"],
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", COMMANDS)
def test_an_interrupt_ends_everything_and_reports_what_is_known(
    tmp_path: Path, command: str, number: signal.Signals
) -> None:
    node = write_node(tmp_path, SOON_AND_NEVER)
    name, *options = COMMANDS[command]
    words = [name, node, *options, "--case", "two-echoes", "proxy-silent", "--json", "report.json"]
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "grader", *words], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:  # the first case is known, and the second under way
        if "duplicate-msg-id" in line:
            break
    process.send_signal(number)
    rest = process.stdout.read()
    assert process.wait() == 130
    assert "Interrupted: 1 of 2" in rest
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (report["interrupted"], report["passed"]) == (True, False)
    assert [(case["case"], case["status"]) for case in report["cases"]] == [("two-echoes", "failed")]
    assert left_in(tmp_path) == []


def left_in(folder: Path) -> list[psutil.Process]:
    """Processes that work in this folder, as the exploring one and its forks do."""
    left = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and process.cwd() == os.path.realpath(folder):
                left.append(process)
    return left

"""A flood that nobody reads: nodes that stop reading, nodes that don't, and nodes that end or wait for ever."""

import os
from collections.abc import Callable

import psutil
import pytest

from grader.notebook import flooded
from grader.notebook.comparison import flood
from grader.templates.new_node import TEMPLATE

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes can't be watched elsewhere")

NodeFile = Callable[[str], str]

HEAD = """
import json, sys, threading
from queue import SimpleQueue

post = SimpleQueue()

def write():
    while True:
        src, body = post.get()
        reply = {"type": body["type"] + "_ok", "in_reply_to": body["msg_id"], "echo": body.get("echo")}
        print(json.dumps({"src": "n1", "dest": src, "body": reply}), flush=True)

threading.Thread(target=write, daemon=True).start()
"""
ENDLESS = """
for line in sys.stdin:
    message = json.loads(line)
    post.put((message["src"], message["body"]))
"""
STOPS = """
for n, line in enumerate(sys.stdin):
    message = json.loads(line)
    post.put((message["src"], message["body"]))
    if n == 50:
        threading.Event().wait()
"""


def test_a_node_that_serves_a_message_at_a_time_stops_reading_by_itself() -> None:
    judged = flooded(str(TEMPLATE))
    assert judged.ok, judged.why
    assert "answered all of them" in judged.why


def test_a_mailbox_without_a_bottom_takes_all(node_file: NodeFile) -> None:
    judged = flooded(node_file(HEAD + ENDLESS))
    assert not judged.ok
    assert f"read all {flood.REQUESTS:,} requests" in judged.why


def test_a_reader_that_waits_for_ever_is_no_backpressure(
    node_file: NodeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flood, "PATIENCE_S", 1.0)
    judged = flooded(node_file(HEAD + STOPS))
    assert not judged.ok
    assert "only 50 of" in judged.why


@pytest.mark.parametrize(
    ("source", "says"),
    [("1 / 0", "The node ended"), ("input(); print('{}', flush=True)", "The node ended")],
)
def test_a_node_that_ends_is_said_so(node_file: NodeFile, source: str, says: str) -> None:
    before = psutil.Process().children()
    judged = flooded(node_file(source))
    assert not judged.ok
    assert says in judged.why
    assert psutil.Process().children() == before


def test_no_file_and_no_init_ok_are_said_so(node_file: NodeFile, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no such file" in flooded("nowhere.py").why
    monkeypatch.setattr(flood, "PATIENCE_S", 0.5)
    assert "no init_ok" in flooded(node_file("import time; time.sleep(60)")).why

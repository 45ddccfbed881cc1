"""Runs a part of a program twice, as a plain program and under the explorer: it must see the same both times.

What came with a later Python is looked for where it is, and must be missing where it isn't.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from grader.cases.select import select
from grader.conversation.submission import from_file
from grader.explorer.search.engine import Searched
from grader.grading.exploration import race

AROUND = """
import asyncio, concurrent.futures, json, queue, sys, threading, time

seen = []
see = seen.append

def error_of(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except BaseException as error:
        return type(error).__name__

def part():
{part}

for line in sys.stdin:
    message = json.loads(line)
    if message["body"]["type"] == "init":
        part()
    print(json.dumps({{"seen": seen, "of": message["body"]["msg_id"]}}), flush=True)
"""


def node(tmp_path: Path, part: str) -> Path:
    """A node that does this at init, and says what it has seen."""
    file = tmp_path / "node.py"
    file.write_text(AROUND.format(part=part.replace("\n", "\n    ")), "utf-8")
    return file


def seen_outside(file: Path) -> Any:
    """What it sees as a plain program."""
    init = '{"src": "c0", "dest": "n1", "body": {"type": "init", "msg_id": 1}}\n'
    outside = subprocess.run([sys.executable, file], input=init, capture_output=True, text=True, check=True)
    return json.loads(outside.stdout)["seen"]


def seen_inside(file: Path) -> Any:
    """What it sees under the explorer, from which nothing of it may escape."""
    told: list[Searched] = []
    race(from_file(str(file)), select(["interleaving"], ["start"]), budget=20.0, on_searched=told.append)
    assert [result.explored.escaped for result in told] == [()]
    first = next(event.line for event in told[0].transcript if event.kind == "out")
    return json.loads(first)["seen"]

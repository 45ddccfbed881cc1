"""Whether a node lets go of calls that are over: answered by their peer, or given up after a second.

No message shows it: a table that is never emptied only grows. So the node runs in a program that counts what it
keeps (`counted/`), under whatever name. What can't be counted is not found fault with.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.notebook.comparison.measuring import Fell, Running

CALLS = 10  # of each kind: what a node keeps only until its next call is no table that grows
PATIENCE_S = 1.0  # for a node to take out what is over, on a busy machine
COUNTING = str(Path(__file__).parent / "counted")
ANSWERED = (
    "{calls} calls were answered by their peers, and {tables} keeps something of {kept} of them.\n"
    "Nobody waits there any more. Take an entry out of the table when its reply is handed over:\n"
    "pop(number, None) gives what lies there and takes it out, in one step."
)
GIVEN_UP = (
    "{calls} calls were given up after a second without a reply, and {tables} keeps something of {kept}\n"
    "of them. Nobody waits there any more. Whoever gives up has the entry taken out of the table, too:\n"
    "pop(number, None), under the number of its request."
)
GROWS = "A node that runs for long has more and more of them in memory."

Counts = Mapping[str, int]


def kept(node: str) -> str:
    """What this node keeps of calls that are over, and what to do; empty if nothing, or if nobody can tell."""
    from grader.conversation.submission import NotGradable

    try:
        with Running([sys.executable, COUNTING, node]) as running:
            told = [_of_calls(running, is_answered=True), _of_calls(running, is_answered=False)]
    except (Fell, NotGradable, TimeoutError, KeyError):
        return ""
    faults = [
        text.format(calls=CALLS, tables=" and ".join(found), kept=min(max(found.values()), CALLS))
        for text, found in zip((ANSWERED, GIVEN_UP), told, strict=True)
        if found
    ]
    return "\n".join([*faults, GROWS]) if faults else ""


def _of_calls(running: Running, *, is_answered: bool) -> Counts:
    """The tables that have grown by some calls that are over, each by how many entries."""
    before = _counted(running, ())
    numbers = _call(running, CALLS, is_answered=is_answered)
    numbers += _call(running, 1, is_answered=True)  # some put their table in order when the next call begins
    until = time.monotonic() + PATIENCE_S
    while True:
        now = _counted(running, numbers)
        grown = {table: n - before.get(table, 0) for table, n in now.items()}
        found = {table: more for table, more in grown.items() if more > CALLS // 2}
        if not found or time.monotonic() > until:
            return found
        time.sleep(PATIENCE_S / 10)


def _call(running: Running, times: int, *, is_answered: bool) -> list[int]:
    """Have the node make calls at once, until each is over; the numbers that it gave them."""
    inner = {"type": "echo", "echo": "hi"}
    running.put(running.requests("c1", [{"type": "proxy", "target": "n2", "inner": inner}] * times))
    numbers: list[int] = []
    replies = 0
    while replies < times:
        for message in running.hear_or_fall():
            if "in_reply_to" in message["body"]:
                replies += 1
                continue
            numbers.append(message["body"]["msg_id"])
            if is_answered:
                running.put(running.answers([message]))
    return numbers


def _counted(running: Running, numbers: Sequence[int]) -> Counts:
    running.put(running.requests("c1", [{"type": "counted", "numbers": numbers}]))
    while True:
        for message in running.hear_or_fall():
            if message["body"].get("type") == "counted_ok":  # others may come late, on a busy machine
                counts: Counts = message["body"]["tables"]
                return counts

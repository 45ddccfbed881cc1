"""Transcripts and stacks as reports show them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.causes.raised import failure
from grader.conversation.thread_dumps import describe, looks, spoken
from grader.conversation.transcript import Event, cut
from grader.reports import json_report

DUMP = """Fatal Python error: Aborted

Thread 0x00007f01 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 324 in wait
  File "/usr/lib/python3.11/queue.py", line 171 in get
  File "/home/ada/node.py", line 40 in rpc
  File "/home/ada/node.py", line 52 in proxy
  File "/usr/lib/python3.11/threading.py", line 1002 in _bootstrap

Thread 0x00007f02 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 324 in wait
  File "/usr/lib/python3.11/queue.py", line 171 in get
  File "/home/ada/node.py", line 40 in rpc

Current thread 0x00007f03 (most recent call first):
  File "/home/ada/node.py", line 21 in run
  File "/home/ada/node.py", line 60 in <module>
""".splitlines()


def test_threads_are_read_from_a_dump() -> None:
    (look,) = looks(["noise", *DUMP])
    assert [len(stack.frames) for stack in look.stacks] == [5, 3, 2]
    assert [stack.who for stack in look.stacks] == ["thread", "thread", "main"]


def test_each_place_is_told_once_in_the_learners_own_lines() -> None:
    (look,) = looks(DUMP)
    assert describe(look) == (
        "a thread stood at node.py line 40, in rpc, waiting in wait (threading.py); called by proxy (line 52)",
        "a thread stood at node.py line 40, in rpc, waiting in wait (threading.py)",
        "the main thread stood at node.py line 21, in run; called by <module> (line 60)",
    )


def test_no_dump_no_word() -> None:
    assert looks(["Traceback", '  File "x.py", line 3 in y']) == []


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        (
            """Traceback (most recent call last):
  File "/home/ada/node.py", line 7, in <module>
    json.loads(line)
    ~~~~~~~~~~^^^^^^
  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads
    return decode(s)
json.decoder.JSONDecodeError: Expecting value""",
            "json.decoder.JSONDecodeError: Expecting value (node.py line 7)",
        ),
        (
            '  File "/home/ada/node.py", line 3\n    if x\n        ^\nSyntaxError: expected a colon',
            "SyntaxError: expected a colon (node.py line 3)",
        ),
        (
            """/home/ada/node.js:59
start()
^

TypeError: start is not a function
    at Object.<anonymous> (/home/ada/node.js:59:1)
    at Module._compile (node:internal/modules/cjs/loader:1521:14)

Node.js v20.20.2""",
            "TypeError: start is not a function (node.js line 59)",
        ),
        ("a note\n\n", "a note"),
        ("\n".join(["the last word", *DUMP]), "the last word"),
        ("", ""),
    ],
)
def test_an_error_is_told_on_one_line_with_its_place(stderr: str, said: str) -> None:
    assert failure(spoken(stderr.split("\n"))) == said


@given(st.integers(0, 700), st.sets(st.integers(0, 699), max_size=5))
def test_a_cut_transcript_accounts_for_every_event(length: int, keep: set[int]) -> None:
    transcript = tuple(Event(n, float(n), "out", "x") for n in range(length))
    shown = cut(transcript, keep)
    assert sum(event if isinstance(event, int) else 1 for event in shown) == length
    numbers = [event.n for event in shown if isinstance(event, Event)]
    assert numbers == sorted(numbers)
    assert {n for n in keep if n < length} <= set(numbers)
    assert len(shown) <= 200 + 2 * len(keep) + 2


def test_a_long_line_is_cut_with_a_mark() -> None:
    line = str(json_report.event(Event(0, 0.0, "out", "x" * 100_000))["line"])
    assert len(line) == 2000
    assert "more characters" in line

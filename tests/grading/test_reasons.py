"""An exception that nobody saw: the case is played once more, and what was caught, and where, is told."""

import sys
from pathlib import Path

import pytest

from grader.cases.select import select
from grader.conversation.submission import from_file
from grader.grading.results import Result
from grader.grading.runner import grade
from tests.slips.table import FOLDER

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a node is asked what it caught on Linux only")

CALLS = "            handler(message)\n"
TYPO = ('"echo": message["body"]["echo"]', '"echo": message["boby"]["echo"]')


def around(catches: str, then: str = "pass", call: str = "handler(message)") -> tuple[str, str]:
    """The handler's call, guarded."""
    guard = f"            try:\n                {call}\n            {catches}:\n                {then}\n"
    return CALLS, guard


def changed(kind: str, *changes: tuple[str, str]) -> str:
    text = (FOLDER / f"right_{kind}.py").read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def graded(tmp_path: Path, source: str, case: str = "echo") -> Result:
    (tmp_path / "node.py").write_text(source, "utf-8")
    (result,) = grade(from_file(str(tmp_path / "node.py")), select(ids=[case])).results
    return result


def line_of(source: str, words: str) -> int:
    return next(n for n, line in enumerate(source.split("\n"), 1) if words in line)


@pytest.mark.parametrize(
    ("catches", "then", "code"),
    [
        ("except", "pass", "no-reply"),
        ("except Exception", "return", "no-reply"),
        ("except (ValueError, Exception) as error", "pass", "no-reply"),
        ("except KeyError", "pass", "no-reply"),  # which came from a function that is called there
        (
            "except Exception",
            'self.reply(message, {"type": "error", "code": 13, "text": "crash"})',
            "wrong-type",
        ),
    ],
)
def test_what_was_caught_leads_with_both_lines(tmp_path: Path, catches: str, then: str, code: str) -> None:
    source = changed("threads", around(catches, then), TYPO)
    result = graded(tmp_path, source)
    leading = result.findings[0]
    assert leading.code == code
    assert leading.cause is not None
    assert (leading.cause.kind, leading.cause.line) == ("exception", line_of(source, '["boby"]'))
    caught = source.split("\n").index(f"            {catches}:") + 1
    assert leading.cause.text.startswith("KeyError: 'boby' (node.py line")
    assert f"line {caught} caught it" in leading.cause.text


def test_what_a_with_suppresses(tmp_path: Path) -> None:
    guard = "            with contextlib.suppress(Exception):\n                handler(message)\n"
    source = changed("threads", ("import json\n", "import contextlib\nimport json\n"), (CALLS, guard), TYPO)
    cause = graded(tmp_path, source).findings[0].cause
    assert cause is not None
    assert f"line {line_of(source, 'suppress')} caught it" in cause.text


def test_in_a_task(tmp_path: Path) -> None:
    calls = "            await handler(message)\n"
    guard = f"            try:\n    {calls}            except Exception:\n                pass\n"
    wrong = ('await self.rpc(body["target"], body["inner"])', 'await self.rpc(body["target"], body["iner"])')
    source = changed("asyncio", (calls, guard), wrong)
    cause = graded(tmp_path, source, "proxy").findings[0].cause
    assert cause is not None
    assert cause.text.startswith(f"KeyError: 'iner' (node.py line {line_of(source, 'iner')})")


POOLED = changed(
    "threads",
    ("import time\n", "import time\nfrom concurrent import futures\n"),
    ("self.threads = []\n", "self.threads = []\n        self.pool = futures.ThreadPoolExecutor(99)\n"),
    ("                thread = threading.Thread(target=self.dispatch, args=(message,))\n", ""),
    ("self.threads.append(thread)", "self.pool.submit(self.dispatch, message)"),
    ("                thread.start()\n", ""),
    ('self.rpc(body["target"]', 'self.rpc(boby["target"]'),
)


def test_what_stays_in_the_future_of_a_pool(tmp_path: Path) -> None:
    leading = graded(tmp_path, POOLED, "proxy").findings[0]
    assert leading.cause is not None
    assert leading.cause.text.startswith("NameError: name 'boby' is not defined (node.py line")
    assert "stays in the future" in leading.cause.text
    assert "future.result() raises it" in leading.hint


def test_a_try_around_a_definition_catches_nothing_of_its_calls(tmp_path: Path) -> None:
    before, rest = POOLED.split("class Node:", 1)
    node, after = rest.split("\n\n\nif __name__", 1)
    indented = f"class Node:{node}".replace("\n", "\n    ")
    source = f"{before}try:\n    {indented}\nexcept Exception:\n    raise\n\n\nif __name__{after}"
    cause = graded(tmp_path, source, "proxy").findings[0].cause
    assert cause is not None
    assert "stays in the future" in cause.text


SILENT = '            if body["type"] != "echo":\n                handler(message)\n'
ASKS = """            try:
                message["no such key"]
            except KeyError:
                pass
"""
ALWAYS = """        body = message["body"]
        try:
            self.nothing
        except Exception:
            pass
        handler = """


def test_who_catches_what_a_line_of_its_own_asks_meant_to(tmp_path: Path) -> None:
    leading = graded(tmp_path, changed("threads", (CALLS, ASKS + SILENT))).findings[0]
    assert (leading.code, leading.cause) == ("no-reply", None)


def test_what_comes_with_requests_that_are_answered_is_no_reason(tmp_path: Path) -> None:
    usual = ('        body = message["body"]\n        handler = ', ALWAYS)
    leading = graded(tmp_path, changed("threads", usual, (CALLS, SILENT))).findings[0]
    assert (leading.code, leading.cause) == ("no-reply", None)


def test_a_module_of_the_node_s_may_have_our_module_s_name(tmp_path: Path) -> None:
    (tmp_path / "following.py").write_text("mine = 1\n", "utf-8")
    source = changed(
        "threads", around("except Exception"), ("import json\n", "import following\nimport json\n")
    )
    source = source.replace('"echo": message["body"]["echo"]', '"echo": following.ours')
    cause = graded(tmp_path, source).findings[0].cause
    assert cause is not None
    assert cause.text.startswith("AttributeError: module 'following' has no attribute 'ours'")


@pytest.mark.parametrize("kind", ["threads", "asyncio"])
def test_which_functions_ran_is_told_where_no_reason_is_known(tmp_path: Path, kind: str) -> None:
    answers = 'self.reply(message, {"type": "echo_ok", "echo": message["body"]["echo"]})'
    waits = "await " if kind == "asyncio" else ""
    source = changed(kind, (f"        {waits}{answers}", "        pass"))
    leading = graded(tmp_path, source).findings[0]
    assert (leading.code, leading.cause) == ("no-reply", None)
    first, ended = line_of(source, "def dispatch("), line_of(source, f"{waits}handler(message)")
    how = "came to" if kind == "asyncio" else "ended in"
    assert (
        f"Since the request came these ran: dispatch (line {first}, {how} {ended}), missing (" in leading.hint
    )
    assert f"echo (line {line_of(source, 'def echo(')}, " in leading.hint
    assert leading.hint.endswith("Which step is missing, or ended too soon?")
    assert "init (" not in leading.hint  # which ran before


def test_that_no_function_ran_is_told_too(tmp_path: Path) -> None:
    source = changed(
        "threads", ('            elif "msg_id" in body:', '            elif body["type"] == "init":')
    )
    leading = graded(tmp_path, source).findings[0]
    at_work = f"run (line {line_of(source, 'def run(')}, still at work)"
    assert leading.hint.startswith(f"Since the request came no function of the node's was called: {at_work}.")


REPLACES = """            try:
                message["no such key"]
            except Exception:
                message["x"] = 1
"""
GOES_ON = """            try:
                handler(message)
            except Exception:
                raise
"""


def test_who_does_something_about_what_a_line_of_its_own_raises_meant_to(tmp_path: Path) -> None:
    leading = graded(tmp_path, changed("threads", (CALLS, REPLACES + SILENT))).findings[0]
    assert (leading.code, leading.cause) == ("no-reply", None)


def test_who_raises_it_again_has_not_caught_it(tmp_path: Path) -> None:
    assert POOLED.count(CALLS) == 1
    cause = graded(tmp_path, POOLED.replace(CALLS, GOES_ON), "proxy").findings[0].cause
    assert cause is not None
    assert "stays in the future" in cause.text

"""What stands in for stdin, stdout and stderr: a program sees the same as outside."""

from pathlib import Path

import pytest

from grader.cases.select import select
from grader.conversation.submission import from_file
from grader.grading.exploration import race
from tests.explorer.primitives.alike import node, seen_inside, seen_outside

PARTS = {
    "what a stream says of itself": """
see([sys.stdin.fileno(), sys.stdout.fileno(), sys.stderr.fileno()])
see([sys.stdin.readable(), sys.stdout.writable(), sys.stdin.isatty(), sys.stdout.isatty()])
see([sys.stdin.name, sys.stdout.name, sys.stderr.name])
see(error_of(sys.stdout.write, b"bytes"))
see([sys.stdout.write(""), sys.stdout.buffer.write(b"")])
""",
    "files by number": """
import os, select
see(select.select([], [sys.stdout], [], 0)[1] == [sys.stdout])
see(os.read(os.open(__file__, os.O_RDONLY), 14).decode())
see(os.write(os.open(os.devnull, os.O_WRONLY), b"to nobody"))
""",
    "what is printed where sys.stdout is another": """
import contextlib, io
text, before = io.StringIO(), sys.stdout
with contextlib.redirect_stdout(text) as other, contextlib.redirect_stderr(text):
    print("a", 1, None, sep="-", end=";")
    print()
    print("to stderr", file=sys.stderr, flush=True)
    sys.stdout.write("b")
    see(other is text)
see([text.getvalue(), sys.stdout is before])
sys.stdout = None
print("to nobody")
sys.stdout, text = text, io.StringIO()
print("c", file=text)
sys.stdout = before
see([text.getvalue(), error_of(print, sep=1), error_of(print, end=b""), error_of(print, 1, file=1)])
stdin, sys.stdin = sys.stdin, io.StringIO("one\\ntwo")
with contextlib.redirect_stdout(text):
    see([input("asks "), input(), error_of(input)])
sys.stdin = stdin
see(text.getvalue())
""",
}


@pytest.mark.parametrize("name", PARTS)
def test_it_sees_the_same_as_outside(tmp_path: Path, name: str) -> None:
    file = node(tmp_path, PARTS[name])
    assert seen_inside(file) == seen_outside(file)


PIPE = """
import os
reading, writing = os.pipe()
os.write(writing, b"by a pipe of its own")
see(os.read(reading, 100).decode())
"""


def test_a_pipe_of_its_own_is_said_to_escape(tmp_path: Path) -> None:
    """Who reads from it may wait for who writes, and nobody watches that."""
    file = node(tmp_path, PIPE)
    assert seen_outside(file) == ["by a pipe of its own"]
    [result] = race(from_file(str(file)), select(["interleaving"], ["start"]), budget=20.0).results
    assert result.explored is not None
    assert (result.status, result.findings, result.explored.stopped) == ("not-attempted", (), "inconclusive")
    assert [escaped for escaped in result.explored.escaped if "os.pipe" in escaped]

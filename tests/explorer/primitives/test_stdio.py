"""What stands in for stdin, stdout and stderr: a program sees the same as outside."""

from pathlib import Path

import pytest

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
reading, writing = os.pipe()
see(os.write(writing, b"by a pipe of its own"))
see(os.read(reading, 100).decode())
""",
}


@pytest.mark.parametrize("name", PARTS)
def test_it_sees_the_same_as_outside(tmp_path: Path, name: str) -> None:
    file = node(tmp_path, PARTS[name])
    assert seen_inside(file) == seen_outside(file)

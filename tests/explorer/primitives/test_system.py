"""What stands in for calls of the system: a program sees the same as outside."""

from pathlib import Path

import pytest

from tests.explorer.primitives.alike import node, seen_inside, seen_outside

PARTS = {
    "signals and chance": """
import os, random, signal
before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
see(before == signal.SIG_DFL)
see(signal.signal(signal.SIGTERM, before) == signal.SIG_IGN)
see([len(os.urandom(5)), os.urandom(8) != os.urandom(8)])
see(0 <= random.SystemRandom().random() < 1)
see(random.Random(7).random())
""",
    "what is done at the end": """
import atexit
def last(): pass
see(atexit.register(last) is last)
""",
}


@pytest.mark.parametrize("name", PARTS)
def test_it_sees_the_same_as_outside(tmp_path: Path, name: str) -> None:
    file = node(tmp_path, PARTS[name])
    assert seen_inside(file) == seen_outside(file)

"""Sets of threads and futures: in which order they come does not depend on where they are in memory."""

from pathlib import Path

from tests.explorer.primitives.alike import node, seen_inside

PART = """
waste = [bytes(n) for n in range(len(sys.argv[0]) * 100)]
things = {threading.Thread(name=str(n)) for n in range(20)}
see([thread.name for thread in things])
pool = concurrent.futures.ThreadPoolExecutor(2)
names = {pool.submit(str, n): n for n in range(20)}
see([names[future] for future in set(names)])
pool.shutdown()
"""


def test_two_runs_see_the_same_order(tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "the other, whose name is longer"
    first.mkdir()
    second.mkdir()
    assert seen_inside(node(first, PART)) == seen_inside(node(second, PART))

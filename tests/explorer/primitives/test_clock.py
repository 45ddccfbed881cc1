"""What stands in for `time` and `datetime`: a program sees the same as outside."""

from pathlib import Path

import pytest

from tests.explorer.primitives.alike import node, seen_inside, seen_outside

PARTS = {
    "sleeps": """
began = time.monotonic()
order = []
def after(seconds):
    time.sleep(seconds)
    order.append(seconds)
threads = [threading.Thread(target=after, args=[n / 2]) for n in (3, 1, 2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
see([n * 2 for n in order])
see(time.monotonic() - began > 1.49)
see(error_of(time.sleep, -1))
""",
    "readings": """
import datetime
first = time.time(), time.monotonic(), time.perf_counter(), time.time_ns(), time.monotonic_ns()
time.sleep(0.01)
second = time.time(), time.monotonic(), time.perf_counter(), time.time_ns(), time.monotonic_ns()
see([after > before for before, after in zip(first, second)])
see([type(reading).__name__ for reading in first])
see(datetime.datetime.now(datetime.UTC).tzname())
see(abs(datetime.datetime.now().timestamp() - time.time()) < 5)
""",
}


@pytest.mark.parametrize("name", PARTS)
def test_it_sees_the_same_as_outside(tmp_path: Path, name: str) -> None:
    file = node(tmp_path, PARTS[name])
    assert seen_inside(file) == seen_outside(file)

"""What stands in for `threading.Thread`: identity, end, errors, locals, and threads below `threading`.

A program sees the same as outside.
"""

from pathlib import Path

import pytest

from tests.explorer.primitives.alike import node, seen_inside, seen_outside

PARTS = {
    "threads": """
thread = threading.Thread(target=lambda: see(threading.current_thread().name), name="one")
see(thread.is_alive())
see("initial" in repr(thread))
thread.start()
thread.join()
see([thread.is_alive(), "stopped" in repr(thread), thread.ident is not None])
see(error_of(thread.start))
see(error_of(threading.current_thread().join))
see(error_of(threading.Thread(target=print).join))
see([threading.active_count(), [t.name for t in threading.enumerate()]])
see(threading.main_thread() is threading.current_thread())
see(error_of(setattr, thread, "daemon", True))
""",
    "thread ends by an error": """
def fail():
    raise ValueError("so be it")

threading.excepthook = lambda args: see([args.exc_type.__name__, args.thread.name])
thread = threading.Thread(target=fail, name="fails")
thread.start()
thread.join()
""",
    "timers and barriers": """
timer = threading.Timer(0.01, see, ["rang"])
timer.start()
timer.join()
never = threading.Timer(60, see, ["never"])
never.start()
never.cancel()
never.join()
barrier = threading.Barrier(2, action=lambda: see("both"))
threads = [threading.Thread(target=barrier.wait) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
barrier.abort()
see(error_of(barrier.wait))
see(type(error_of(threading.Barrier, 0)).__name__)
""",
    "thread-local values": """
mine = threading.local()
mine.value = 1
thread = threading.Thread(target=lambda: see(hasattr(mine, "value")))
thread.start()
thread.join()
see(mine.value)
""",
    "low threads": """
import _thread
lock = _thread.allocate_lock()
lock.acquire()
_thread.start_new_thread(lambda: (see("low"), lock.release()), ())
lock.acquire()
""",
}


@pytest.mark.parametrize("name", PARTS)
def test_it_sees_the_same_as_outside(tmp_path: Path, name: str) -> None:
    file = node(tmp_path, PARTS[name])
    assert seen_inside(file) == seen_outside(file)

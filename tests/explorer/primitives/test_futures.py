"""What stands in for `concurrent.futures`: pools and futures: a program sees the same as outside."""

from pathlib import Path

import pytest

from tests.explorer.primitives.alike import node, seen_inside, seen_outside

PARTS = {
    "pools": """
with concurrent.futures.ThreadPoolExecutor(2, "pool") as pool:
    see(list(pool.map(lambda x: x * 2, [1, 2, 3])))
    futures = [pool.submit(int, text) for text in ("1", "no")]
    done, pending = concurrent.futures.wait(futures)
    see([len(done), len(pending)])
    see([error_of(future.result) for future in futures])
    see(sorted(str(error_of(future.result)) for future in concurrent.futures.as_completed(futures)))
    see(type(futures[1].exception()).__name__)
    see([futures[0].done(), futures[0].running(), futures[0].cancel(), futures[0].cancelled()])
    see(pool.submit(lambda: threading.current_thread().name).result().startswith("pool_"))
see(error_of(pool.submit, print))
see(error_of(concurrent.futures.ThreadPoolExecutor, 0))
alone = concurrent.futures.Future()
see([error_of(alone.result, 0.01), alone.cancel(), error_of(alone.result)])
settled = concurrent.futures.Future()
see([error_of(settled.set_result, [1]), error_of(settled.set_result, 2), settled.result()])
see("".join(repr(settled).split()[3:]))
""",
    "futures": """
Future = concurrent.futures.Future
told = Future()
told.add_done_callback(lambda future: see(["first", future.result()]))
told.add_done_callback(lambda future: see("second"))
see([told.done(), told.running(), told.set_running_or_notify_cancel(), told.running(), told.cancel()])
told.set_result(1)
told.add_done_callback(lambda future: see("at once"))
see([told.result(), told.exception(), error_of(told.set_result, 2), told.cancelled()])
failed = Future()
failed.set_exception(KeyError("no"))
see([error_of(failed.result), repr(failed.exception()), failed.done()])
gone = Future()
see([gone.cancel(), gone.cancel(), gone.cancelled(), gone.set_running_or_notify_cancel()])
see([error_of(gone.result), error_of(gone.exception), error_of(Future().result, 0)])
done, pending = concurrent.futures.wait([told, Future()], timeout=0.01)
see([len(done), len(pending)])
done, pending = concurrent.futures.wait([told, Future()], return_when=concurrent.futures.FIRST_COMPLETED)
see([len(done), len(pending)])
done, pending = concurrent.futures.wait([failed, Future()], return_when=concurrent.futures.FIRST_EXCEPTION)
see([len(done), len(pending)])
see(error_of(list, concurrent.futures.as_completed([told, Future()], timeout=0.01)))
""",
    "pools that end": """
begun, go_on = threading.Event(), threading.Event()

def hold():
    begun.set()
    return go_on.wait(5)

pool = concurrent.futures.ThreadPoolExecutor(1, initializer=lambda: see("hello"))
held, queued, other = pool.submit(hold), pool.submit(int), pool.submit(int)
begun.wait()
see([held.running(), queued.cancel(), held.cancel()])
pool.shutdown(wait=False, cancel_futures=True)
see([other.cancelled(), error_of(pool.submit, int)])
go_on.set()
pool.shutdown()
see([held.result(), queued.cancelled()])
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    see(list(pool.map(pow, [2, 3], [3, 2])))
    see(error_of(list, pool.map(int, ["1", "no", "3"])))
    see(error_of(list, pool.map(time.sleep, [0.2, 0.2], timeout=0.3)))
""",
}


@pytest.mark.parametrize("name", PARTS)
def test_it_sees_the_same_as_outside(tmp_path: Path, name: str) -> None:
    file = node(tmp_path, PARTS[name])
    assert seen_inside(file) == seen_outside(file)

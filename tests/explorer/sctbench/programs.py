"""Programs of SCTBench, written anew: `python programs.py NAME [THREADS]` is a node that runs one for an echo.

Each is the concurrency of the original and its bug, no more. A program gives its threads and what must hold
once they have ended; what fails inside a thread, or holds everybody up for ever, fails, too.
"""

import json
import sys
from collections.abc import Callable
from threading import Condition, Lock, Semaphore, Thread
from types import SimpleNamespace

Program = tuple[list[Callable[[], object]], Callable[[], bool]]


def always() -> bool:
    return True


def account() -> Program:
    """The balance depends on the order of whole critical sections."""
    s, lock = SimpleNamespace(balance=10, seen=None), Lock()

    def deposit() -> None:
        with lock:
            s.balance += 5

    def withdraw() -> None:
        with lock:
            s.balance -= 5

    def check() -> None:
        with lock:
            s.seen = s.balance

    return [deposit, withdraw, check], lambda: s.seen == 10


def arithmetic_prog() -> Program:
    """Waits for a sum that comes only if the other one was first."""
    s, changed = SimpleNamespace(number=0, total=0), Condition()

    def first() -> None:
        with changed:
            s.number += 1
            changed.notify()

    def second() -> None:
        with changed:
            changed.wait()  # whether or not it has been told before
            s.total = s.number + 1

    return [first, second], lambda: s.total == 2


def dining(n: int) -> Program:
    """Each takes the left stick, waits for the bell and takes the right one; who rings may be last."""
    sticks, bells = [Lock() for _ in range(n)], Semaphore(0)
    eaten = []

    def philosopher(i: int) -> Callable[[], None]:
        def dine() -> None:
            with sticks[i]:
                bells.acquire()
                with sticks[(i + 1) % n]:
                    eaten.append(i)

        return dine

    def ring() -> None:
        bells.release(n)

    return [ring, *(philosopher(i) for i in range(n))], lambda: len(eaten) == n


def fsbench() -> Program:
    """A lock for each inode, and one inode more than there are locks."""
    locks, busy = [Lock() for _ in range(4)], [False] * 5

    def create(inode: int) -> Callable[[], None]:
        def run() -> None:
            with locks[inode]:
                busy[inode] = True

        return run

    return [create(0), create(4)], always


def lazy01() -> Program:
    """Two increments, and a third thread that takes it for wrong when both have come before it."""
    s, lock = SimpleNamespace(data=0, bad=False), Lock()

    def add(n: int) -> Callable[[], None]:
        def run() -> None:
            with lock:
                s.data += n

        return run

    def check() -> None:
        with lock:
            s.bad = s.data >= 3

    return [add(1), add(2), check], lambda: not s.bad


def phase01() -> Program:
    """A lock that is never released."""
    lock = Lock()
    return [lock.acquire, lock.acquire], always


def sync01() -> Program:
    """A wait for a signal that has been given before."""
    s, lock = SimpleNamespace(items=0), Condition()

    def put() -> None:
        with lock:
            if s.items > 0:
                lock.wait()
            s.items += 1

    def get() -> None:
        with lock:
            lock.wait()  # without a look at the items
            s.items -= 1

    return [put, get], always


def sync02() -> Program:
    """As sync01, the consumer begins; nobody signals."""
    threads, holds = sync01()
    return threads[::-1], holds


def token_ring() -> Program:
    """Each passes on what its neighbour had: all are alike only if they go in turn."""
    x, lock = [1, 2, 3, 4], Lock()

    def pass_on(i: int) -> Callable[[], None]:
        def run() -> None:
            with lock:
                x[i] = x[i - 1]

        return run

    return [pass_on(i) for i in (1, 2, 3, 0)], lambda: len(set(x)) == 1


def bluetooth_driver() -> Program:
    """The stop flag is looked at, then the pending work counted: in between, the device stops."""
    s, lock = SimpleNamespace(stopping=False, pending=1, stopped=False, used_stopped=False), Lock()

    def change(by: int) -> None:
        with lock:
            s.pending += by
            if s.pending == 0:
                s.stopped = True

    def work() -> None:
        if not s.stopping:
            change(1)
            s.used_stopped = s.stopped
            change(-1)

    def stop() -> None:
        s.stopping = True
        change(-1)

    return [work, stop], lambda: not s.used_stopped


def carter01() -> Program:
    """The first in takes the lock, the last out gives it back: with two locks in the opposite order."""
    s, m, one, two = SimpleNamespace(a=0, b=0), Lock(), Lock(), Lock()

    def uses(count: str, door: Lock, inner: Lock) -> Callable[[], None]:  # type: ignore[valid-type]
        def run() -> None:
            with m:
                setattr(s, count, getattr(s, count) + 1)
                if getattr(s, count) == 1:
                    door.acquire()
            with inner:
                pass
            with m:
                setattr(s, count, getattr(s, count) - 1)
                if getattr(s, count) == 0:
                    door.release()

        return run

    return [uses("a", one, two), uses("b", two, one)], always


def circular_buffer() -> Program:
    """Two put into a ring without a lock."""
    s, ring = SimpleNamespace(first=0), [0] * 4

    def put(value: int) -> Callable[[], None]:
        def run() -> None:
            ring[s.first] = value
            s.first += 1

        return run

    return [put(1), put(2)], lambda: sorted(ring[:2]) == [1, 2]


def deadlock01() -> Program:
    """Two locks, opposite order."""
    a, b = Lock(), Lock()

    def both(first: Lock, second: Lock) -> Callable[[], None]:  # type: ignore[valid-type]
        def run() -> None:
            with first, second:
                pass

        return run

    return [both(a, b), both(b, a)], always


def queue() -> Program:
    """A queue whose length is checked under one lock, and changed under another."""
    s, one, two = SimpleNamespace(items=[], taken=0), Lock(), Lock()

    def put() -> None:
        with one:
            items = list(s.items)
            s.items = [*items, 1]

    def get() -> None:
        with two:
            items = list(s.items)
            if items:
                s.items = items[1:]
                s.taken += 1

    return [put, get, put], lambda: len(s.items) + s.taken == 2


def stack() -> Program:
    """The top is read before the lock is taken."""
    s, lock = SimpleNamespace(top=0), Lock()

    def push() -> None:
        top = s.top
        with lock:
            s.top = top + 1

    return [push, push], lambda: s.top == 2


def reorder(n: int) -> Program:
    """Two fields are set one after the other by n - 1 threads; the last one sees them half done."""
    s = SimpleNamespace(a=0, b=0, bad=False)

    def setter() -> None:
        s.a = 1
        s.b = -1

    def checker() -> None:
        a, b = s.a, s.b
        s.bad = (a, b) not in ((0, 0), (1, -1))

    return [setter] * (n - 1) + [checker], lambda: not s.bad


def twostage(n: int) -> Program:
    """The first stage is under one lock, the second under another; readers see what is in between."""
    s, one, two = SimpleNamespace(first=0, second=0, bad=False), Lock(), Lock()

    def writer() -> None:
        with one:
            s.first = 1
        with two:
            s.second = s.first + 1

    def reader() -> None:
        with one:
            first = s.first
        if first:
            with two:
                s.bad = s.second != first + 1

    return [writer] * (n - 1) + [reader], lambda: not s.bad


def wronglock(n: int) -> Program:
    """One thread counts under a lock, the others under another."""
    s, right, wrong = SimpleNamespace(data=0, bad=False), Lock(), Lock()

    def checked() -> None:
        with right:
            before = s.data
            s.data += 1
            s.bad = s.data != before + 1

    def other() -> None:
        with wrong:
            s.data += 1

    return [checked] + [other] * (n - 1), lambda: not s.bad


def stringbuffer() -> Program:
    """The length is asked for, then the characters: an erase comes between, and the text is rewritten."""
    s, lock, got = SimpleNamespace(text="abc"), Lock(), []

    def length() -> int:
        with lock:
            return len(s.text)

    def characters(n: int) -> str:
        with lock:
            if n > len(s.text):
                raise IndexError(n)
            return str(s.text[:n])

    def append() -> None:
        got.append(characters(length()))

    def erase() -> None:
        with lock:
            s.text = ""
        with lock:
            s.text += "xyz"

    return [append, erase], lambda: len(got) == 1


PROGRAMS = {
    f.__name__: f
    for f in (
        account, arithmetic_prog, fsbench, lazy01, phase01, sync01, sync02, token_ring, bluetooth_driver,
        carter01, circular_buffer, deadlock01, queue, stack, stringbuffer,
    )
}  # fmt: skip
OF_THREADS = {f.__name__: f for f in (dining, reorder, twostage, wronglock)}


def main(name: str, *numbers: str) -> None:
    def read() -> dict[str, object]:
        return json.loads(sys.stdin.readline())["body"]  # type: ignore[no-any-return]

    def answer(dest: str, msg_id: int, **body: object) -> None:
        print(json.dumps({"src": "n1", "dest": dest, "body": {**body, "msg_id": msg_id}}), flush=True)

    answer("c0", 0, type="init_ok", in_reply_to=read()["msg_id"])
    request = read()
    workers, holds = OF_THREADS[name](*map(int, numbers)) if numbers else PROGRAMS[name]()
    failed: list[BaseException] = []

    def guarded(worker: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            try:
                worker()
            except Exception as error:
                failed.append(error)

        return run

    threads = [Thread(target=guarded(worker)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed or not holds():
        sys.exit(f"{name}: {failed or 'what must hold does not'}")
    answer("c1", 1, type="echo_ok", echo=request["echo"], in_reply_to=request["msg_id"])


if __name__ == "__main__":
    main(*sys.argv[1:])

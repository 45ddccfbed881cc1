"""Stand-ins for `threading.Thread` and what belongs to a thread: its identity, its locals, its end."""

import functools
import sys
import threading
from collections.abc import Callable
from typing import Any

from grader.explorer.primitives import locks
from grader.explorer.runtime import originals
from grader.explorer.runtime.context import is_running, scheduler
from grader.explorer.runtime.worker import Key, Worker

ENDS: Key = ("the end of a thread",)  # a scheduling point once anybody has asked who is alive
FIRST = 10_000  # the identity of the main thread; others count up from there
_PLAIN = threading.Thread


def get_ident() -> int:
    """The identity of the current thread."""
    return FIRST + (scheduler().current.number if is_running() else 0)


def install() -> None:
    """Put the stand-ins into `threading` and `_thread`. The process can't go back to real threads."""
    import _thread
    import _threading_local

    main = threading.main_thread()
    originals.put(main, _ident=FIRST, _native_id=FIRST)
    _active().clear()
    _active()[FIRST] = main
    originals.put(_thread, get_ident=get_ident, start_new_thread=start_new_thread)
    originals.put(_thread, allocate_lock=allocate_lock(_thread.allocate_lock, locks.Lock))
    originals.put(_thread, RLock=allocate_lock(_thread.RLock, locks.RLock), get_native_id=get_ident)
    originals.put(_threading_local, RLock=_NoLock, _patch=_patch)
    originals.put(functools, RLock=locks.RLock)  # of a `cached_property`, until Python 3.11
    originals.put(
        threading,
        get_ident=get_ident,
        get_native_id=get_ident,
        local=_threading_local.local,
        _allocate_lock=locks.Lock,
        _register_atexit=at_end.append,
        enumerate=alive,
        active_count=lambda: len(alive()),
        activeCount=lambda: len(alive()),
    )
    originals.put(threading.Thread, start=start, join=join, is_alive=is_alive, __repr__=text_of)


def _active() -> dict[int, threading.Thread]:
    """The threads that `threading` knows to be alive, by their identity."""
    active: dict[int, threading.Thread] = vars(threading)["_active"]
    return active


class _NoLock:
    """A null lock: look-ups of thread-locals are never contended, and need no scheduler step."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


_NO_LOCK = _NoLock()


def _patch(local: Any) -> _NoLock:
    """What is done before a thread-local is used: the current thread's attributes become its attributes.

    The library's own does the same, in a context manager made from a generator: that takes five times as long.
    """
    impl = object.__getattribute__(local, "_local__impl")
    try:
        own = impl.get_dict()
    except KeyError:
        own = impl.create_dict()
        args, kwargs = impl.localargs
        local.__init__(*args, **kwargs)
    object.__setattr__(local, "__dict__", own)
    return _NO_LOCK


at_end: list[Callable[[], object]] = []  # what executors want done before threads are waited for


def start(thread: threading.Thread) -> None:
    """`Thread.start`: the parent goes on."""
    if not hasattr(thread, "_started"):
        raise RuntimeError("thread.__init__() not called")
    if worker_of(thread) is not None:
        raise RuntimeError("threads can only be started once")
    run = scheduler()
    worker = run.spawn(
        lambda: _run(thread),
        thread.name,
        daemon=thread.daemon,
        twin=_twin(thread),
        last=lambda: _active().pop(get_ident(), None),
    )
    thread.__dict__["_explorer_worker"] = worker
    vars(thread)["_started"].flag = True
    originals.put(thread, _ident=FIRST + worker.number, _native_id=FIRST + worker.number)
    _active()[FIRST + worker.number] = thread
    if worker.twin is not None:  # who is given a message begins in its turn: there may be more to see
        run.begin(worker)
    run.step("start", point=False)


def _run(thread: threading.Thread) -> None:
    """The body of a thread; an uncaught exception goes to the node's own excepthook, if it has set one."""
    try:
        thread.run()
    except SystemExit:
        raise
    except BaseException as error:
        if threading.excepthook is threading.__excepthook__:
            raise
        scheduler().crash(error, is_told=False)
        # Not by a name: it would keep this frame alive, which the error knows, and with it those of the node.
        threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, thread)))
    finally:
        if ENDS in scheduler().places.shared:
            scheduler().step("end")


def text_of(thread: threading.Thread) -> str:
    """`repr` of a thread: how it knows that it has ended differs from Python to Python."""
    alive = is_alive(thread)
    status = "started" if alive else "initial" if thread.ident is None else "stopped"
    details = f"{status}{' daemon' * thread.daemon}{'' if thread.ident is None else f' {thread.ident}'}"
    return f"<{type(thread).__name__}({thread.name}, {details})>"


def _twin(thread: Any) -> Any:
    """A key that is equal for symmetric threads: alike until they do something. None if nothing is known."""
    target = thread._target
    if (
        type(thread) is not _PLAIN
        or scheduler().program.tells_threads_apart
        or vars(thread)["_args"]
        or vars(thread)["_kwargs"]
        or not hasattr(target, "__code__")
    ):
        return None
    run = scheduler()
    owner = getattr(target, "__self__", target)  # what else the threads of one owner could differ in
    born = f"{run.current.path}.{run.current.made}"
    _, first = run.families.setdefault((id(owner), target.__qualname__), (owner, born))
    return target.__qualname__, first


def worker_of(thread: threading.Thread) -> Worker | None:
    """The worker that runs this thread, once it has been started."""
    worker: Worker | None = thread.__dict__.get("_explorer_worker")
    return worker


def is_alive(thread: threading.Thread) -> bool:
    """`Thread.is_alive`: it observes the end of a thread, so it is a scheduling point."""
    if thread is threading.main_thread():
        return True
    worker = worker_of(thread)
    if worker is None:
        return False
    run = scheduler()
    run.learnt.shared.add(ENDS)
    run.step("look", worker.end, writes=False)
    ended = worker.end.has_come()
    run.note_seen("alive", not ended)
    if ended:
        run.hear(worker.end.clock, worker.end.seen)
    return not ended


def alive() -> list[threading.Thread]:
    """`threading.enumerate`: it observes all threads."""
    if is_running():
        run = scheduler()
        run.learnt.shared.add(ENDS)
        run.step("look")
        run.sleepers.touch_all()
        ended = [worker for worker in run.workers if worker.state == "ended"]
        run.note_seen("ended", *(worker.number for worker in ended))
        for worker in ended:
            run.hear(worker.end.clock, worker.end.seen)
    return list(_active().values())


def join(thread: threading.Thread, timeout: float | None = None) -> None:
    """`Thread.join`."""
    worker = worker_of(thread)
    if worker is None:
        if thread is threading.main_thread():
            raise RuntimeError("cannot join current thread")
        raise RuntimeError("cannot join thread before it is started")
    run = scheduler()
    if worker is run.current:
        raise RuntimeError("cannot join current thread")
    end = worker.end
    if timeout is not None:
        run.learnt.shared.add(ENDS)
    # Who has ended so early may be at work still, for all that anybody knows: others may go on meanwhile.
    free = end.is_early
    if run.step("join", end, ready=end.has_come, timeout=timeout, point=timeout is not None, free=free):
        run.hear(worker.end.clock, worker.end.seen)
        run.observer.note("wait", end)


def start_new_thread(function: Callable[..., object], args: Any, kwargs: Any = None) -> int:
    """`_thread.start_new_thread`."""
    thread = threading.Thread(target=function, args=args, kwargs=kwargs, daemon=True)
    thread.start()
    return thread.ident or 0


def allocate_lock(real_one: Callable[[], Any], stand_in: Callable[[], Any]) -> Callable[[], Any]:
    """`_thread.allocate_lock` for the node's own files; what imports modules keeps the real one."""

    def allocate() -> Any:
        caller = sys._getframe(1).f_code.co_filename
        return stand_in() if is_running() and caller in scheduler().sources else real_one()

    return allocate


def wait_for_all() -> None:
    """What Python does once the main thread is through: executors end, other threads are waited for."""
    while at_end:
        at_end.pop()()
    run = scheduler()
    for worker in list(run.workers):
        if worker is not run.current and not worker.daemon:
            end = worker.end
            run.step("join", end, ready=end.has_come, point=False)
            run.hear(worker.end.clock, worker.end.seen)
    if any(not w.daemon and w.state != "ended" for w in run.workers[1:]):
        wait_for_all()

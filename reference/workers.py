"""The threads that run handlers, in the nodes with threads and with queues: as many as are needed.

Handlers may block, so a request must never wait for a handler to return: where no worker is free,
there must be one more. `concurrent.futures.ThreadPoolExecutor` does the same, at three times the
price for a message.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

MAX_WORKERS = 2000  # with many more, Python is busy just choosing which of them runs

Request = TypeVar("Request")


class Call:
    """A handler's request to a peer, and what it waits for."""

    def __init__(self) -> None:
        self.sent: SimpleQueue[int] = SimpleQueue()  # its msg_id, once it has one
        self.reply: SimpleQueue[Any] = SimpleQueue()  # the handler's next turn, and the body of the reply


class ThisThread(threading.local):
    """What each thread knows of itself."""

    is_worker = False
    turn: Any = None  # the turn that its handler has now


class Workers(Generic[Request]):
    """A pool of threads that call `handle` with one request after another.

    Whoever brings a request calls a worker, unless one is on its way already; and a worker that comes
    and sees more than one request calls the next, before it runs a handler.
    """

    def __init__(self, handle: Callable[[Request], object]) -> None:
        self.handle = handle
        self.lock = threading.RLock()  # guards all that follows; who has it may take it once more
        self.called = threading.Condition(self.lock)  # idle workers wait for it
        self.left = threading.Condition(self.lock)  # the last worker has
        self.requests: deque[Request] = deque()
        self.workers = 0
        self.idle = 0  # of them, how many wait to be called
        self.coming = False  # one was called, and is on its way
        self.closed = False  # there will be no more requests

    def put(self, request: Request) -> None:
        """Have a worker handle this request."""
        with self.lock:
            self.requests.append(request)
            self.call()

    def call(self) -> None:
        """Make a worker come, or start one. If there can't be one more, the request waits. Needs the lock."""
        if self.coming:
            return
        if self.idle:
            self.called.notify()
            self.coming = True
        elif self.workers < MAX_WORKERS:
            with contextlib.suppress(RuntimeError):  # the system has no thread for it
                threading.Thread(target=self.work, daemon=True).start()
                self.workers += 1
                self.coming = True

    def work(self) -> None:
        """A worker's life: it handles requests while there are any, then waits to be called."""
        with self.lock:
            while not self.closed or self.requests:
                self.coming = False
                if len(self.requests) > 1:
                    self.call()
                while self.requests:
                    request = self.requests.popleft()
                    self.lock.release()  # others go on while the handler runs, however long
                    self.handle(request)
                    self.lock.acquire()
                if not self.closed:
                    self.idle += 1
                    self.called.wait()
                    self.idle -= 1
            self.workers -= 1
            if not self.workers:
                self.left.notify()

    def join(self) -> None:
        """Wait until all requests are handled, and all workers have ended."""
        with self.lock:
            self.closed = True
            self.called.notify_all()
            while self.workers:
                self.left.wait()

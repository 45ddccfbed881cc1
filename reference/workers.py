"""The threads that run handlers, in the nodes with threads and with queues: as many as are needed.

Handlers may block, so a request must never wait for a handler to return: where no worker is free,
there must be one more. `concurrent.futures.ThreadPoolExecutor` does the same, at three times the
price for a message.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

MAX_WORKERS = 2000  # with many more, Python is busy just choosing which of them runs

Request = TypeVar("Request")


class ThisThread(threading.local):
    """What each thread knows of itself."""

    is_worker = False
    turn: object = None  # the turn that its handler has now


class Workers(Generic[Request]):
    """A pool of threads that call `handle` with one request after another.

    Whoever puts a request into the queue calls a worker, unless one is on its way already; and a
    worker that comes and sees more than one request calls the next, before it runs a handler.
    """

    def __init__(self, handle: Callable[[Request], object]) -> None:
        self.handle = handle
        self.requests: SimpleQueue[Request] = SimpleQueue()
        self.lock = threading.Lock()  # guards all that follows
        self.called = threading.Condition(self.lock)  # idle workers wait for it
        self.left = threading.Condition(self.lock)  # a worker has
        self.workers = 0
        self.idle = 0  # of them, how many wait to be called
        self.coming = False  # one was called, and is on its way
        self.closed = False  # there will be no more requests

    def put(self, request: Request) -> None:
        """Have a worker handle this request."""
        with self.lock:
            self.requests.put(request)
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

    def come(self) -> None:
        """A worker that was called is there. Needs the lock."""
        self.coming = False
        if self.requests.qsize() > 1:
            self.call()

    def work(self) -> None:
        """A worker's life: it handles requests while there are any, then waits to be called."""
        with self.lock:
            self.come()
        while True:
            with contextlib.suppress(Empty):
                while True:
                    self.handle(self.requests.get_nowait())
            with self.lock:
                if not self.requests.empty():
                    continue  # it came when no worker could be called
                if self.closed:
                    self.workers -= 1
                    self.left.notify()
                    return
                self.idle += 1
                self.called.wait()
                self.idle -= 1
                self.come()

    def join(self) -> None:
        """Wait until all requests are handled, and all workers have ended."""
        with self.lock:
            self.closed = True
            self.called.notify_all()
            while self.workers:
                self.left.wait()

"""The threads that run handlers, in the nodes with threads and with queues: as many as are needed.

Handlers may block, so a request must not wait for a handler to return: where no worker is free, there
must be one more, up to MAX_WORKERS. `concurrent.futures.ThreadPoolExecutor` does the same, at three times the
price for a message.
"""

from __future__ import annotations

import threading
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

    Who takes a request and leaves no worker free hires the next, before it runs the handler: so there
    is always one to take what comes. Nobody waits for a lock here. All would need it for each request,
    and a thread that lost its processor while it had it would hold up all the others.
    """

    def __init__(self, handle: Callable[[Request], object]) -> None:
        self.handle = handle
        self.requests: SimpleQueue[Request] = SimpleQueue()
        self.free: SimpleQueue[None] = SimpleQueue()  # a token for each worker that is free, or on its way
        self.handled: SimpleQueue[None] = SimpleQueue()  # a token for each request that is
        self.count = 0  # of all requests
        self.hired: list[threading.Thread] = []  # two may hire at once: to append is one step

    def put(self, request: Request) -> None:
        """Have a worker handle this request. Call it from one thread only."""
        self.count += 1
        self.requests.put(request)
        if not self.hired:
            self.hire()

    def hire(self) -> None:
        """Start a worker. If there can't be one more, requests wait for those we have."""
        if len(self.hired) >= MAX_WORKERS:
            return
        self.free.put(None)  # from now on, so that nobody else hires for the same reason
        worker = threading.Thread(target=self.work, daemon=True)
        try:
            worker.start()
        except RuntimeError:  # the system has no thread for it
            self.free.get()
        else:
            self.hired.append(worker)

    def work(self) -> None:
        """A worker's life. It ends with the process: nobody need tell it that no more will come."""
        while True:
            request = self.requests.get()
            self.free.get()  # there is one: its own
            if self.free.empty():
                self.hire()
            self.handle(request)
            self.free.put(None)
            self.handled.put(None)

    def join(self) -> None:
        """Wait until all requests are handled. Call it from the thread that has put them."""
        for _ in range(self.count):
            if self.hired:
                self.handled.get()
            else:  # there was no thread for even one: this one is the worker
                self.handle(self.requests.get())

"""Threads and locks: the main thread reads, workers run the handlers, locks guard what they share.

Every message read gives a handler a turn: a request its first, a peer's reply the next one. Turns
are numbered in the order of reading, and run at the same time. A turn ends when its handler
answers, waits or returns; what was said in it is written once all turns before it have ended.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias

if __name__ == "__main__" and not __package__:  # run by its file: find the package all the same
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from reference import protocol as wire
from reference.protocol import Body, ErrorCode, Message, RPCError

Request: TypeAlias = tuple[int, Any]  # a message and the number of its turn
END: Request = (-1, None)  # there will be no more
MORE: Request = (-2, None)  # there will be, when there is room for them
Box: TypeAlias = SimpleQueue[Any]  # for a handler that waits: first its msg_id, then the reply


class Here(threading.local):
    """What each thread has for itself."""

    handling = False  # it runs handlers
    turn: int | None = None  # the turn that its handler has now


class Node(wire.Registry[Callable[[Message], object]]):
    """A node whose handlers run in threads, and may block: in `rpc`, or in calls of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.here = Here()
        self.requests: SimpleQueue[Request] = SimpleQueue()  # for whichever worker is free
        self.room = threading.Semaphore(wire.ROOM)  # chunks that may still be read

        self.pool = threading.Lock()  # guards crew and free
        self.crew = 0  # workers
        self.free = 0  # workers that wait for a request
        self.gone = threading.Condition(self.pool)  # all workers are

        self.order = threading.Lock()  # guards all that follows
        self.turns = 0  # turns given so far
        self.head = 0  # the first turn that has not ended
        self.ended: dict[int, tuple[str, Box | None]] = {}  # what was said in later ones
        self.next_id = 0  # for the next message
        self.ready: list[str] = []  # lines to write
        self.owed = 0  # rooms to make once they are written
        self.calls: dict[int, Box] = {}  # the handlers that wait for a reply, by our msg_id
        self.closed = False  # the input has ended
        self.writing = False  # somebody is, and looks for more before they stop
        self.written = threading.Condition(self.order)  # nobody is any more, at the end

    # --- read ---

    def run(self) -> None:
        """Serve until the end of input. Call it from the main thread, which does the reading."""
        wire.end_on_ctrl_c()
        self.hire()
        lines, size = wire.Lines(), 0
        while chunk := wire.read():
            for line in lines.feed(chunk):
                self.dispatch(line)
            size += len(chunk)
            if size >= wire.CHUNK:
                self.pause()
                size = 0
        self.dispatch(lines.rest())
        self.drain()

    def pause(self) -> None:
        """Wait until there is room for one more chunk."""
        self.requests.put(MORE)
        self.room.acquire()

    # --- init ---

    def init(self, message: Message) -> None:
        """Serve the first message, at once: nothing else can be served before."""
        if self.learn_name(message):
            self.reply(message, {"type": "init_ok"})

    # --- dispatch ---

    def dispatch(self, line: bytes) -> None:
        """Give the message on this line to the handler that waits for it, or to a worker."""
        message = wire.parse(line)
        if message is None:
            return
        if "in_reply_to" in message["body"]:
            self.resume(message["body"]["in_reply_to"], message["body"])
        elif not self.id:
            self.init(message)
        else:
            self.requests.put((self.new_turn(), message))

    def hire(self) -> None:
        """Start a worker. If the system has no thread for it, requests must wait for those we have."""
        with self.pool:  # counted before it starts, lest it leave before it is counted
            self.crew += 1
            self.free += 1
        try:
            threading.Thread(target=self.work, daemon=True).start()
        except RuntimeError:
            with self.pool:
                self.crew -= 1
                self.free -= 1

    def work(self) -> None:
        """A worker's life. While it runs a handler, there is another to take what comes."""
        self.here.handling = needed = True
        while needed and (request := self.requests.get()) is not END:
            with self.pool:
                self.free -= 1
                alone = self.free == 0 and self.crew < wire.CREW
            if alone:
                self.hire()
            if request is MORE:
                self.make_room()
            else:
                self.handle(*request)
            with self.pool:
                needed = self.free < wire.SPARE
                self.free += needed
        with self.pool:
            self.crew -= 1
            if not self.crew:
                self.gone.notify()
            elif needed:
                self.requests.put(END)  # for the next worker

    def handle(self, turn: int, message: Message) -> None:
        """Run one handler, from its first turn to its last; what it raises is the answer."""
        self.here.turn = turn
        try:
            self.find(message)(message)
        except BaseException as error:
            body = wire.error_body(error)
            if "msg_id" in message["body"]:
                self.reply(message, body)
        if self.here.turn is not None:
            self.say()

    # --- guard ---

    def new_turn(self) -> int:
        """A turn at the end of the line."""
        with self.order:
            self.turns += 1
            return self.turns - 1

    def say(self, text: str = "", box: Box | None = None) -> None:
        """End this thread's turn, with a message or without; write what may be written now.

        One thread at a time writes, for all: who finds somebody at it needn't wait.
        """
        turn = self.new_turn() if self.here.turn is None else self.here.turn
        self.here.turn = None
        with self.order:
            self.ended[turn] = text, box
            while self.head in self.ended:
                text, box = self.ended.pop(self.head)
                self.head += 1
                if box:
                    self.calls[self.next_id] = box
                    box.put(self.next_id)
                if text:
                    self.ready.append(wire.finish(text, self.next_id))
                    self.next_id += 1
            lines, rooms = self.take()
        self.write(lines, rooms)

    def take(self, *, again: bool = False) -> tuple[str, int]:
        """What is to be written now, and how many rooms to make behind it; nothing if another thread is
        at it, who comes back for more (`again`). To be called with `order` held."""
        if self.writing and not again:
            return "", 0
        lines, rooms = "".join(self.ready), self.owed
        self.ready.clear()
        self.owed = 0
        self.writing = bool(lines or rooms)
        if self.closed and not self.writing:
            self.written.notify()
        return lines, rooms

    def write(self, lines: str, rooms: int) -> None:
        """Write this, and then what others have said meanwhile."""
        while lines or rooms:
            wire.write_all(lines)
            if rooms:
                self.room.release(rooms)
            with self.order:
                lines, rooms = self.take(again=True)

    def make_room(self) -> None:
        """All requests read before are with their handlers: once stdout has taken what is ready,
        there is room. That handlers wait is no reason to stop reading."""
        with self.order:
            self.owed += 1
            lines, rooms = self.take()
        self.write(lines, rooms)

    def resume(self, number: int, reply: Body | None) -> None:
        """Give the handler that waits for a reply to our message `number` its next turn.

        The reply, the clock and the end of input may all want to: the first one does.
        """
        with self.order:
            box = self.calls.pop(number, None)
        if box:
            box.put((self.new_turn(), reply))

    # --- reply ---

    def reply(self, message: Message, body: Body) -> None:
        """Answer this request, once, with this body; `in_reply_to` and `msg_id` are added.

        Raises RuntimeError if it has been answered, TypeError or ValueError if the body is no JSON.
        """
        if "msg_id" not in message["body"]:
            raise RuntimeError("this request has been answered")
        text = wire.draft(self.id, message["src"], body, message["body"]["msg_id"])
        del message["body"]["msg_id"]
        self.say(text)

    def rpc(self, dest: str, body: Body) -> Body:
        """Send a request to the node `dest`, wait, and return the body of its reply, error or not.

        Raises RPCError of code 0 if there is no reply within 1 s, or none can come any more since
        the input has ended.
        """
        box: Box = SimpleQueue()
        self.say(wire.draft(self.id, dest, body), box)
        number = box.get()
        try:
            turn, reply = box.get(timeout=0 if self.closed else wire.PATIENCE)
        except Empty:
            self.resume(number, None)
            turn, reply = box.get()  # the reply, if it has come at the last moment
        self.here.turn = turn
        if not self.here.handling:  # a thread of your own: nobody else would end its turn
            self.say()
        if reply is None:
            raise RPCError(ErrorCode.TIMEOUT, f"no reply from {dest}")
        result: Body = reply
        return result

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """`with node.waiting():` around a call that blocks gives up the turn: what other handlers
        say needn't wait for this one, whose next turn is at the end of the line."""
        self.say()
        try:
            yield
        finally:
            if self.here.handling:
                self.here.turn = self.new_turn()

    # --- drain ---

    def drain(self) -> None:
        """No peer can answer any more, but all requests read are answered before the end."""
        with self.order:
            self.closed = True  # a handler that asks from now on doesn't wait
            calls = list(self.calls)
        for number in calls:
            self.resume(number, None)
        self.requests.put(END)
        with self.gone:
            while self.crew:
                self.gone.wait()
        with self.written:
            while self.writing:
                self.written.wait()


node = Node()


@node.on("echo", "echo")
def echo(message: Message) -> None:
    node.reply(message, {"type": "echo_ok", "echo": message["body"]["echo"]})


@node.on("proxy", "target", "inner")
def proxy(message: Message) -> None:
    body = message["body"]
    node.check_proxy(body)
    result = node.rpc(body["target"], body["inner"])
    node.reply(message, {"type": "proxy_ok", "result": result})


if __name__ == "__main__":
    node.run()

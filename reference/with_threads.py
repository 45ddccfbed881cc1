"""Threads and locks: the main thread reads, workers run the handlers, locks guard what they share.

A message that is read gives a handler a turn: a request its first, a peer's reply the next one. Turns
are numbered in the order of reading, and run at the same time; one that the clock gives comes after
all that there are. A turn ends when its handler answers, calls `rpc`, enters `waiting()` or returns;
what was said in it is held back until all turns before it have ended.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

if __name__ == "__main__" and not __package__:  # run by its file: find the package all the same
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from reference import protocol as wire
from reference.protocol import Body, Message
from reference.workers import Call, ThisThread, Workers


class Node(wire.Registry[Callable[[Message], object]]):
    """A node whose handlers run in threads, and may block: in `rpc`, and in anything inside `waiting()`."""

    def __init__(self) -> None:
        super().__init__()
        self.thread = ThisThread()
        self.workers = Workers(self.handle)

        self.lock = threading.RLock()  # guards the next three; who has it may take it once more
        self.turns = 0  # given so far
        self.calls: dict[int, Call] = {}  # those whose handlers wait for a reply, by our msg_id
        self.closed = False  # the input has ended

        # Of each turn that has ended: its number, what was said in it, if anything, and the call, if any.
        self.said: SimpleQueue[tuple[int, str, Call | None]] = SimpleQueue()
        self.pipe = threading.Lock()  # guards the next two, and stdout; nobody blocks on it
        self.held_back: dict[int, tuple[str, Call | None]] = {}  # said while an earlier turn is open
        self.next_id = 0  # for the next message

        self.written = threading.Condition()  # guards the next; only the main thread sleeps on it
        self.first_open = 0  # the first turn that has not ended, told once all before it is written

        # The main thread's own: how many turns there were after each of the last MAX_CHUNKS chunks.
        self.marks = deque([0] * wire.MAX_CHUNKS, wire.MAX_CHUNKS)

    # --- read ---

    def run(self) -> None:
        """Serve until the end of input. Call it from the main thread, which does the reading."""
        wire.end_on_ctrl_c()
        lines = wire.Lines()
        while chunk := wire.read():
            for line in lines.feed(chunk):
                self.dispatch(line)
            if lines.size >= wire.CHUNK:
                lines.size = 0
                self.pause()
        self.dispatch(lines.rest())
        self.drain()

    def pause(self) -> None:
        """Once a chunk: wait until all is written that was said in turns of MAX_CHUNKS chunks ago."""
        self.wait_for(self.marks[0])
        with self.lock:
            self.marks.append(self.turns)

    def wait_for(self, turn: int) -> None:
        """Wait until all turns before this one have ended, and are written."""
        with self.written:
            while self.first_open < turn:
                self.written.wait()

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
            self.workers.put((self.new_turn(), message))

    def handle(self, request: tuple[int, Message]) -> None:
        """Run one handler, from its first turn to its last; what it raises is the answer."""
        self.thread.is_worker = True
        self.thread.turn, message = request
        try:
            self.find(message)(message)
        except BaseException as error:
            self.reply_error(message, error)
        finally:
            if self.thread.turn is not None:
                self.end_turn()

    # --- guard ---

    def new_turn(self) -> int:
        """The next turn: all that there are come before it."""
        with self.lock:
            self.turns += 1
            return self.turns - 1

    def end_turn(self, text: str = "", call: Call | None = None) -> None:
        """End this thread's turn, with a message or without.

        Who finds the pipe free writes for all, and looks for more before it goes: nobody waits.
        """
        turn = self.new_turn() if self.thread.turn is None else self.thread.turn
        self.thread.turn = None
        self.said.put((turn, text, call))
        while not self.said.empty() and self.pipe.acquire(blocking=False):
            try:
                self.write()
            finally:
                self.pipe.release()

    def write(self) -> None:
        """Write what has been said and no open turn holds back. Needs the pipe."""
        first_open, lines = self.first_open, list[str]()
        while not self.said.empty():
            turn, text, call = self.said.get()
            self.held_back[turn] = text, call
            while first_open in self.held_back:
                text, call = self.held_back.pop(first_open)
                if call:
                    self.note_call(call)
                if text:
                    lines.append(wire.finish(text, self.next_id))
                    self.next_id += 1
                first_open += 1
        wire.write_all("".join(lines))
        with self.written:
            self.first_open = first_open
            self.written.notify()

    def note_call(self, call: Call) -> None:
        """Let the call be replied to from here on: its message gets the next number. Needs the pipe."""
        with self.lock:
            self.calls[self.next_id] = call
            if self.closed:
                self.resume(self.next_id, None)
        call.sent.put(self.next_id)

    def resume(self, number: int, reply: Body | None) -> None:
        """Give the handler that waits for a reply to our message `number` its next turn.

        The reply, the clock and the end of input may all want to: the first one does.
        """
        with self.lock:
            if call := self.calls.pop(number, None):
                call.reply.put((self.new_turn(), reply))

    # --- reply ---

    def reply(self, message: Message, body: Body) -> None:
        """Answer this request, once, with this body; `in_reply_to` and `msg_id` are added.

        Raises RuntimeError if it has been answered, TypeError or ValueError if the body is no JSON.
        """
        self.end_turn(self.draft_reply(message, body))

    def rpc(self, dest: str, body: Body) -> Body:
        """Send a request to the node `dest`, wait, and return the body of its reply, error or not.

        Raises RPCError of code 0 if there is no reply within 1 s, or none can come any more since
        the input has ended.
        """
        call = Call()
        self.end_turn(wire.draft(self.id, dest, None, body), call)
        number = call.sent.get()
        try:
            turn, reply = call.reply.get(timeout=wire.RPC_TIMEOUT_S)
        except Empty:
            self.resume(number, None)
            turn, reply = call.reply.get()  # our own None, or the reply if that came first
        self.thread.turn = turn
        if not self.thread.is_worker:  # a thread of your own: nobody else would end its turn
            self.end_turn()
        return wire.result(reply, dest)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """`with node.waiting():` around a call that blocks gives up the turn: what other handlers
        say needn't wait for this one, whose next turn comes after all that there are. Put it around
        a wait for threads of your own, too: what they say waits for your turn to end."""
        self.end_turn()
        try:
            yield
        finally:
            if self.thread.is_worker and self.thread.turn is None:  # it has one after an rpc inside
                self.thread.turn = self.new_turn()

    # --- drain ---

    def drain(self) -> None:
        """No peer can answer any more, but all requests read are answered before the end."""
        with self.lock:
            self.closed = True  # a handler that asks from now on doesn't wait
            for number in list(self.calls):
                self.resume(number, None)
        self.workers.join()
        with self.lock:
            last = self.turns  # a thread of your own may be about to end its turn
        self.wait_for(last)


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

"""Queues: the main thread reads, workers run the handlers, what they'd share has one owner.

A message that is read gives a handler a turn: a request its first, a peer's reply the next one. Turns
stand in a line in the order of reading, and run at the same time; one that the clock gives comes after
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
from typing import Any

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
        self.marks: deque[Call] = deque()  # the reader's own turns, one a chunk

        self.line: SimpleQueue[object] = SimpleQueue()  # all turns, in the order of reading
        self.mailbox: SimpleQueue[Any] = SimpleQueue()  # the writer's: what happens, and to which turn

    # --- read ---

    def run(self) -> None:
        """Serve until the end of input. Call it from the main thread, which does the reading."""
        wire.end_on_ctrl_c()
        self.writer = threading.Thread(target=self.write, daemon=True)
        self.writer.start()
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
        """Once a chunk: wait until the writer has come to the end of the turns of MAX_CHUNKS chunks ago."""
        self.marks.append(Call())
        self.end_turn(call=self.marks[-1])  # a turn of the reader's own
        if len(self.marks) > wire.MAX_CHUNKS:
            self.marks.popleft().sent.get()

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

    def handle(self, request: tuple[object, Message]) -> None:
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

    def new_turn(self) -> object:
        """The next turn: all that there are come before it."""
        turn = object()
        self.line.put(turn)
        return turn

    def end_turn(self, text: str = "", call: Call | None = None) -> None:
        """End this thread's turn, with a message or without."""
        turn = self.new_turn() if self.thread.turn is None else self.thread.turn
        self.thread.turn = None
        self.mailbox.put(("ended", turn, text, call))

    def write(self) -> None:
        """The writer's life: it alone knows which turns have ended and which handlers wait, and numbers."""
        first_open: object = None  # the first turn that has not ended; None: the next in the line
        held_back: dict[object, tuple[str, Call | None]] = {}  # said while an earlier turn is open
        calls: dict[int, Call] = {}  # the handlers that wait for a reply, by our msg_id
        next_id = 0  # for the next message
        ready: list[str] = []  # lines to write
        closed = False  # the input has ended
        ended = False  # and so have all handlers
        while not (ended and not held_back and not ready):  # a thread of your own may still end a turn
            match self.mailbox.get():
                case "ended", turn, text, call:
                    held_back[turn] = text, call
                case "reply", turn, number, reply if number in calls:
                    calls.pop(number).reply.put((turn, reply))
                case "reply", turn, _, _:
                    held_back[turn] = "", None  # nobody waits for it
                case "closed":
                    closed = True
                    for number in calls:
                        self.resume(number, None)
                case "all ended":
                    ended = True
            while held_back:
                first_open = first_open or self.line.get()
                if first_open not in held_back:
                    break
                text, call = held_back.pop(first_open)
                first_open = None
                if call:
                    call.sent.put(next_id)
                if call and text:
                    calls[next_id] = call
                    if closed:
                        self.resume(next_id, None)
                if text:
                    ready.append(wire.finish(text, next_id))
                    next_id += 1
            if ready and self.mailbox.empty():  # all is looked at that has come meanwhile
                wire.write_all("".join(ready))
                ready.clear()

    def resume(self, number: int, reply: Body | None) -> None:
        """Give the handler that waits for a reply to our message `number` its next turn.

        The reply, the clock and the end of input may all want to: the first one does.
        """
        self.mailbox.put(("reply", self.new_turn(), number, reply))

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
        self.mailbox.put("closed")
        self.workers.join()
        self.mailbox.put("all ended")
        self.writer.join()


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

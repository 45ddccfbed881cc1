"""Queues: the main thread reads, workers run the handlers, what they'd share has one owner.

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
        self.room: SimpleQueue[None] = SimpleQueue()  # a token for each chunk that may be read

        self.crew: SimpleQueue[None] = SimpleQueue()  # a token for each worker
        self.spare: SimpleQueue[None] = SimpleQueue()  # one for each that waits, but for the first
        self.gone: SimpleQueue[None] = SimpleQueue()  # a token when all workers are
        self.turns: SimpleQueue[int] = SimpleQueue()  # one number: the next turn's
        self.turns.put(0)
        self.post: SimpleQueue[Any] = SimpleQueue()  # the writer's mailbox

    # --- read ---

    def run(self) -> None:
        """Serve until the end of input. Call it from the main thread, which does the reading."""
        wire.end_on_ctrl_c()
        writer = threading.Thread(target=self.guard, daemon=True)
        writer.start()
        for _ in range(wire.ROOM):
            self.room.put(None)
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
        writer.join()

    def pause(self) -> None:
        """Wait until there is room for one more chunk."""
        self.requests.put(MORE)
        self.room.get()

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

    def hire(self) -> bool:
        """Start a worker. If there can't be one more, requests must wait for those we have."""
        if self.crew.qsize() >= wire.CREW:
            return False
        self.crew.put(None)  # counted before it starts, lest it leave before it is counted
        try:
            threading.Thread(target=self.work, daemon=True).start()
        except RuntimeError:  # the system has no thread for it
            self.crew.get()
            return False
        return True

    def work(self) -> None:
        """A worker's life. While it runs a handler, there is another to take what comes."""
        self.here.handling = True
        while (request := self.requests.get()) is not END:
            if request is MORE:
                self.post.put(("more", 0, None, None))
                continue
            try:
                self.spare.get_nowait()
                is_another = True
            except Empty:
                is_another = self.hire()
            self.handle(*request)
            if is_another:
                self.spare.put(None)
        self.crew.get()
        if self.crew.empty():
            self.gone.put(None)
        else:
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
        turn = self.turns.get()
        self.turns.put(turn + 1)
        return turn

    def say(self, text: str = "", box: Box | None = None) -> None:
        """End this thread's turn, with a message or without."""
        turn = self.new_turn() if self.here.turn is None else self.here.turn
        self.here.turn = None
        self.post.put(("say", turn, text, box))

    def resume(self, number: int, reply: Body | None) -> None:
        """Give the handler that waits for a reply to our message `number` its next turn.

        The reply, the clock and the end of input may all want to: the first one does.
        """
        self.post.put(("resume", self.new_turn(), number, reply))

    def guard(self) -> None:
        """The writer: it alone knows which turns have ended, and which handlers wait for a reply,
        numbers our messages, and writes to stdout."""
        head = 0  # the first turn that has not ended
        ended: dict[int, tuple[str, Box | None]] = {}  # what was said in later ones
        next_id = 0  # for the next message
        ready: list[str] = []  # lines to write
        calls: dict[int, Box] = {}  # the handlers that wait for a reply, by our msg_id
        closed = False  # the input has ended
        while True:
            what, turn, said, box = self.post.get()
            if what == "say":
                ended[turn] = said, box
            elif what == "resume":
                if said in calls:
                    calls.pop(said).put((turn, box))
                else:
                    ended[turn] = "", None  # nobody's
            elif what == "close":
                closed = True
                for waiter in calls.values():
                    waiter.put((self.new_turn(), None))
                calls.clear()
            while head in ended:
                text, box = ended.pop(head)
                head += 1
                if box:
                    box.put(next_id)
                    if closed:
                        box.put((self.new_turn(), None))
                    else:
                        calls[next_id] = box
                if text:
                    ready.append(wire.finish(text, next_id))
                    next_id += 1
            if ready and (self.post.empty() or len(ready) >= wire.BATCH or what == "more"):
                wire.write_all("".join(ready))
                ready.clear()
            if what == "more":
                self.room.put(None)
            elif what == "end":
                return

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
            turn, reply = box.get(timeout=wire.PATIENCE)
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
        self.post.put(("close", 0, None, None))
        self.requests.put(END)
        self.gone.get()
        self.post.put(("end", 0, None, None))


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

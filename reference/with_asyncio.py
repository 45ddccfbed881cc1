"""asyncio: one loop in the main thread reads and runs every handler, as a task for each request.

A message that is read gives a handler a turn: a request its first, a peer's reply the next one. A turn
is what a task does from one `await` to the next. The loop takes turns one after another, in the
order of reading: nothing happens in the middle of a turn, so nothing needs a lock.
"""

from __future__ import annotations

import asyncio
import os
import select
import selectors
import sys
from collections.abc import Callable, Coroutine
from typing import Any

if __name__ == "__main__" and not __package__:  # run by its file: find the package all the same
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from reference import protocol as wire
from reference.protocol import Body, Message


class Loop(asyncio.SelectorEventLoop):
    """A loop that uses `poll`, which can wait for files and terminals as well as for pipes."""

    def __init__(self) -> None:
        super().__init__(selectors.PollSelector())


class Node(wire.Registry[Callable[[Message], Coroutine[Any, Any, object]]]):
    """A node whose handlers are tasks, and must never block: they `await` what takes time."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = wire.Lines()
        self.tasks: set[asyncio.Task[None]] = set()  # the handlers at work
        self.resumed = False  # a handler was given a turn, and has not yet had it
        self.next_id = 0  # for the next message
        self.ready: list[str] = []  # lines to write
        self.unwritten = bytearray()  # what stdout has not taken yet
        self.calls: dict[int, asyncio.Future[Body | None]] = {}  # who waits, by our msg_id
        self.closed = False  # the input has ended

    # --- read ---

    def run(self) -> None:
        """Serve until the end of input. Call it from the main thread, in which all will happen."""
        wire.end_on_ctrl_c()
        with asyncio.Runner(loop_factory=Loop) as runner:
            runner.run(self.serve())

    async def serve(self) -> None:
        """Let the loop read, until it has read all."""
        self.loop = asyncio.get_running_loop()
        self.end: asyncio.Future[None] = self.loop.create_future()
        self.loop.add_reader(0, self.read)
        await self.end
        await self.drain()

    def read(self) -> None:
        """Called by the loop when there is something to read."""
        chunk = wire.read()
        for line in self.lines.feed(chunk):
            self.dispatch(line)
        if not chunk:
            self.closed = True
            self.pause()
            self.dispatch(self.lines.rest())
            self.end.set_result(None)

    def pause(self) -> None:
        """Read only while there is room for more; that handlers wait is no reason to stop."""
        if self.closed or len(self.unwritten) > wire.MAX_CHUNKS * wire.CHUNK:
            self.loop.remove_reader(0)
        else:
            self.loop.add_reader(0, self.read)

    # --- init ---

    def init(self, message: Message) -> None:
        """Serve the first message, at once: nothing else can be served before."""
        if self.learn_name(message):
            self.reply(message, {"type": "init_ok"})

    # --- dispatch ---

    def dispatch(self, line: bytes) -> None:
        """Give the message on this line to the handler that waits for it, or to a new task."""
        message = wire.parse(line)
        if message is None:
            return
        if "in_reply_to" in message["body"]:
            self.resume(message["body"]["in_reply_to"], message["body"])
        elif not self.id:
            self.init(message)
        else:
            task = self.start(self.handle(message))
            if not task.done():
                self.tasks.add(task)

    def start(self, handler: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task for this handler. From Python 3.12 on it has its turn at once, if it is the next."""
        if sys.version_info >= (3, 12) and not self.resumed:
            return asyncio.Task(handler, loop=self.loop, eager_start=True)
        return self.loop.create_task(handler)

    async def handle(self, message: Message) -> None:
        """Run one handler, from its first turn to its last; what it raises is the answer."""
        try:
            await self.find(message)(message)
        except BaseException as error:
            self.reply_error(message, error)
        finally:
            self.tasks.discard(asyncio.current_task())

    # --- guard ---

    def end_turn(self, text: str) -> int:
        """Number a message, and write it when all turns of this round have been taken."""
        number = self.next_id
        self.next_id += 1
        if not self.ready:
            self.loop.call_soon(self.write)
        self.ready.append(wire.finish(text, number))
        return number

    def write(self) -> None:
        """Write as much as stdout takes without blocking, and the rest when it takes more."""
        self.unwritten += "".join(self.ready).encode()
        self.ready.clear()
        while self.unwritten and select.select((), (1,), (), 0)[1]:
            del self.unwritten[: wire.write(self.unwritten[: select.PIPE_BUF])]
        if self.unwritten:
            self.loop.add_writer(1, self.write)
        else:
            self.loop.remove_writer(1)
        self.pause()

    def resume(self, number: int, reply: Body | None) -> None:
        """Give the handler that waits for a reply to our message `number` its next turn.

        The reply, the clock and the end of input may all want to: the first one does.
        """
        future = self.calls.pop(number, None)
        if future and not future.done():
            future.set_result(reply)
            self.resumed = True
            self.loop.call_soon(setattr, self, "resumed", False)  # behind that turn

    # --- reply ---

    def reply(self, message: Message, body: Body) -> None:
        """Answer this request, once, with this body; `in_reply_to` and `msg_id` are added.

        Raises RuntimeError if it has been answered, TypeError or ValueError if the body is no JSON.
        """
        self.end_turn(self.draft_reply(message, body))

    async def rpc(self, dest: str, body: Body) -> Body:
        """Send a request to the node `dest`, wait, and return the body of its reply, error or not.

        Raises RPCError of code 0 if there is no reply within 1 s, or none can come any more since
        the input has ended.
        """
        future: asyncio.Future[Body | None] = self.loop.create_future()
        number = self.end_turn(wire.draft(self.id, dest, None, body))
        self.calls[number] = future
        clock = self.loop.call_later(0 if self.closed else wire.RPC_TIMEOUT_S, self.resume, number, None)
        try:
            reply = await future
        finally:
            clock.cancel()
            self.calls.pop(number, None)
        return wire.result(reply, dest)

    # --- drain ---

    async def drain(self) -> None:
        """No peer can answer any more, but all requests read are answered before the end."""
        for number in list(self.calls):
            self.resume(number, None)
        while self.tasks:
            await asyncio.wait(self.tasks)
        self.write()
        while self.unwritten:  # there is nothing else to do: now it may block
            del self.unwritten[: wire.write(self.unwritten)]


node = Node()


@node.on("echo", "echo")
async def echo(message: Message) -> None:
    node.reply(message, {"type": "echo_ok", "echo": message["body"]["echo"]})


@node.on("proxy", "target", "inner")
async def proxy(message: Message) -> None:
    body = message["body"]
    node.check_proxy(body)
    result = await node.rpc(body["target"], body["inner"])
    node.reply(message, {"type": "proxy_ok", "result": result})


if __name__ == "__main__":
    node.run()

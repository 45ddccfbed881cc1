# corpus: a proxy whose reply has come is taken off the list only when its answer is written: meanwhile the clock may answer too
# finds: data-race
# misconception: await-between-read-and-write
# preemptions: 0
# outcome: duplicate-reply
# lines: 41 72 78 80
# workload: proxy-late
import asyncio
import json
import sys
import threading
from dataclasses import dataclass


@dataclass
class Open:
    client: str
    client_id: int


class Writer:
    """Writes in a thread of the executor, one line after the other."""

    def __init__(self):
        self.lock = asyncio.Lock()
        self.n = -1

    def number(self):
        self.n += 1
        return self.n

    async def line(self, src, dest, body):
        async with self.lock:
            text = json.dumps({"src": src, "dest": dest, "body": {"msg_id": self.n + 1, **body}})
            self.n += "msg_id" not in body
            await asyncio.to_thread(self.write, text)

    @staticmethod
    def write(text):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


class Node:
    def __init__(self, loop):
        self.loop = loop
        self.inbox = asyncio.Queue()
        self.writer = Writer()
        self.open = {}
        self.clocks = set()
        self.name = None

    def read(self):
        """Runs in a thread of its own."""
        for line in sys.stdin:
            try:
                msg = json.loads(line)
                msg["src"], msg["body"]["type"]
            except (ValueError, TypeError, KeyError):
                continue
            self.loop.call_soon_threadsafe(self.inbox.put_nowait, msg)
        self.loop.call_soon_threadsafe(self.inbox.put_nowait, None)

    async def say(self, dest, body):
        await self.writer.line(self.name, dest, body)

    async def settle(self, call, body):
        await self.say(call.client, {**body, "in_reply_to": call.client_id})

    async def clock(self, key):
        await asyncio.sleep(1)
        if call := self.open.pop(key, None):
            await self.settle(call, {"type": "error", "code": 0, "text": "timeout"})

    async def one(self, src, body):
        kind = body["type"]
        if "in_reply_to" in body:
            if call := self.open.get(body["in_reply_to"]):
                await self.settle(call, {"type": "proxy_ok", "result": body})
                self.open.pop(body["in_reply_to"], None)
            return
        if kind == "proxy" and "target" in body and "inner" in body:
            key = self.writer.number()
            self.open[key] = Open(src, body["msg_id"])
            await self.say(body["target"], {**body["inner"], "msg_id": key})
            task = self.loop.create_task(self.clock(key))
            self.clocks.add(task)
            task.add_done_callback(self.clocks.discard)
            return
        if kind == "init":
            self.name = body["node_id"]
            reply = {"type": "init_ok"}
        elif kind == "echo" and "echo" in body:
            reply = {"type": "echo_ok", "echo": body["echo"]}
        elif kind in ("echo", "proxy"):
            reply = {"type": "error", "code": 12, "text": "malformed"}
        else:
            reply = {"type": "error", "code": 10, "text": "unknown"}
        await self.say(src, {**reply, "in_reply_to": body["msg_id"]})

    async def run(self):
        threading.Thread(target=self.read, daemon=True).start()
        while (msg := await self.inbox.get()) is not None:
            await self.one(msg["src"], msg["body"])
        while self.clocks:
            await asyncio.wait(self.clocks)


async def main():
    await Node(asyncio.get_running_loop()).run()


asyncio.run(main())

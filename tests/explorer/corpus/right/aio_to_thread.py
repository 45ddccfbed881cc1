# corpus: asyncio: lines are written in a thread, under a fair lock; a call is in the table before its request is written
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import asyncio
import json
import os
import sys


def write_all(data):
    view = memoryview(data)
    while view:
        view = view[os.write(1, view):]


class Line:
    """Stdout. Whoever asks first writes first, as asyncio.Lock promises."""

    def __init__(self, node):
        self.node, self.lock, self.number = node, asyncio.Lock(), 0

    async def say(self, dest, body, register=None):
        async with self.lock:
            number, self.number = self.number, self.number + 1
            if register:
                register(number)
            message = {"src": self.node.name, "dest": dest, "body": {**body, "msg_id": number}}
            await asyncio.to_thread(write_all, json.dumps(message).encode() + b"\n")


class Node:
    def __init__(self):
        self.name = None
        self.waiting = {}

    async def rpc(self, dest, body):
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        numbers = []

        def register(number):
            numbers.append(number)
            self.waiting[number] = future

        await self.line.say(dest, body, register)
        clock = loop.call_later(1.0, self.resolve, numbers[0], None)
        try:
            return await future
        finally:
            clock.cancel()

    def resolve(self, number, result):
        future = self.waiting.pop(number, None)
        if future is not None:
            future.set_result(result)

    async def serve(self, src, body):
        kind = body["type"]
        if kind == "init":
            self.name = body["node_id"]
            reply = {"type": "init_ok"}
        elif kind == "echo" and "echo" in body:
            reply = {"type": "echo_ok", "echo": body["echo"]}
        elif kind == "proxy" and "target" in body and "inner" in body:
            result = await self.rpc(body["target"], body["inner"])
            reply = {"type": "proxy_ok", "result": result}
            if result is None:
                reply = {"type": "error", "code": 0, "text": "timeout"}
        else:
            reply = {"type": "error", "code": 12 if kind in ("echo", "proxy") else 10, "text": "no"}
        await self.line.say(src, {**reply, "in_reply_to": body["msg_id"]})

    async def run(self):
        self.line = Line(self)
        loop = asyncio.get_running_loop()
        tasks = set()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            try:
                message = json.loads(line)
                src, body = message["src"], message["body"]
                body["type"]
            except (ValueError, TypeError, KeyError):
                continue
            if "in_reply_to" in body:
                self.resolve(body["in_reply_to"], body)
                continue
            task = loop.create_task(self.serve(src, body))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        if tasks:
            await asyncio.wait(tasks)


asyncio.run(Node().run())

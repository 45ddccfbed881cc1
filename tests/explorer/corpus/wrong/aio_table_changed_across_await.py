# corpus: tasks note each client in a table and go through it with an await in between: another's entry ends the loop by an error that stays in the task
# finds: data-race
# misconception: none
# preemptions: 0
# outcome: no-reply
# lines: 66
# workload: three-at-once
import asyncio
import json
import sys


class Node:
    def __init__(self):
        self.name = ""
        self.count = 0
        self.pending = {}
        self.clients = {}
        self.tasks = set()

    async def send(self, dest, body, future=None):
        n = self.count
        self.count = n + 1
        if future is not None:
            self.pending[n] = future
        self.write({"src": self.name, "dest": dest, "body": {**body, "msg_id": n}})
        await asyncio.sleep(0)
        return n

    def write(self, message):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    async def answer(self, msg, body):
        await self.send(msg["src"], {**body, "in_reply_to": msg["body"]["msg_id"]})

    async def log(self, name):
        await asyncio.sleep(0)
        print("also here:", name, file=sys.stderr)

    async def ask(self, dest, body):
        future = asyncio.get_running_loop().create_future()
        n = await self.send(dest, body, future)
        try:
            return await asyncio.wait_for(future, 1.0)
        except asyncio.TimeoutError:
            return None
        finally:
            self.pending.pop(n, None)

    def arrived(self, body):
        future = self.pending.pop(body["in_reply_to"], None)
        if future is not None and not future.done():
            future.set_result(body)

    async def handle(self, msg):
        body = msg["body"]
        kind = body.get("type")
        needs = {"echo": ("echo",), "proxy": ("target", "inner")}.get(kind)
        if needs is None:
            await self.answer(msg, {"type": "error", "code": 10, "text": "not supported"})
        elif any(field not in body for field in needs):
            await self.answer(msg, {"type": "error", "code": 12, "text": "a field is missing"})
        elif kind == "echo":
            self.clients[msg["src"], body["msg_id"]] = body["echo"]
            for name in self.clients:
                if name != (msg["src"], body["msg_id"]):
                    await self.log(name)
            await self.answer(msg, {"type": "echo_ok", "echo": body["echo"]})
        else:
            got = await self.ask(body["target"], body["inner"])
            if got is None:
                await self.answer(msg, {"type": "error", "code": 0, "text": "no reply"})
            else:
                await self.answer(msg, {"type": "proxy_ok", "result": got})

    async def lines(self):
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=2**24)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            yield line

    async def run(self):
        async for line in self.lines():
            try:
                msg = json.loads(line)
                body = msg["body"]
                msg["src"]
            except (ValueError, TypeError, KeyError):
                continue
            if "in_reply_to" in body:
                self.arrived(body)
            elif body.get("type") == "init":
                self.name = body["node_id"]
                await self.answer(msg, {"type": "init_ok"})
            else:
                task = asyncio.create_task(self.handle(msg))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
        if self.tasks:
            await asyncio.wait(self.tasks)


asyncio.run(Node().run())

# corpus: asyncio: a task group for the handlers, a queue before the one task that writes; a reply may find its future done
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import asyncio
import json
import sys


class Node:
    def __init__(self):
        self.name = None
        self.outbox = asyncio.Queue()
        self.futures = {}
        self.number = 0

    def say(self, dest, body):
        number = self.number
        self.number += 1
        self.outbox.put_nowait({"src": self.name, "dest": dest, "body": {**body, "msg_id": number}})
        return number

    async def write(self):
        while message := await self.outbox.get():
            sys.stdout.write(json.dumps(message) + "\n")
            if self.outbox.empty():
                sys.stdout.flush()
        sys.stdout.flush()

    async def call(self, dest, body):
        number = self.say(dest, body)
        future = self.futures[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(1):
                return await future
        finally:
            del self.futures[number]

    async def handle(self, src, body):
        match body["type"]:
            case "init":
                self.name = body["node_id"]
                reply = {"type": "init_ok"}
            case "echo" if "echo" in body:
                reply = {"type": "echo_ok", "echo": body["echo"]}
            case "proxy" if "target" in body and "inner" in body:
                try:
                    reply = {"type": "proxy_ok", "result": await self.call(body["target"], body["inner"])}
                except TimeoutError:
                    reply = {"type": "error", "code": 0, "text": "timeout"}
            case "echo" | "proxy":
                reply = {"type": "error", "code": 12, "text": "malformed"}
            case _:
                reply = {"type": "error", "code": 10, "text": "unsupported"}
        self.say(src, {**reply, "in_reply_to": body["msg_id"]})

    async def read(self, group):
        reader = asyncio.StreamReader(limit=1 << 24)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        async for line in reader:
            try:
                message = json.loads(line)
                src, body = message["src"], message["body"]
                body["type"]
            except (ValueError, TypeError, KeyError):
                continue
            if "in_reply_to" in body:
                future = self.futures.get(body["in_reply_to"])
                if future is not None and not future.done():
                    future.set_result(body)
            else:
                group.create_task(self.handle(src, body))

    async def run(self):
        writer = asyncio.create_task(self.write())
        async with asyncio.TaskGroup() as group:
            await self.read(group)
        self.outbox.put_nowait(None)
        await writer


async def main():
    await Node().run()


asyncio.run(main())

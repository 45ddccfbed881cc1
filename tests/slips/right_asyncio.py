"""A right node with asyncio, written as a beginner writes one: the slips are made from it."""

import asyncio
import json
import sys
import time


class Node:
    def __init__(self):
        self.id = None
        self.next_msg_id = 0
        self.waiting = {}
        self.tasks = set()
        self.lock = asyncio.Lock()
        self.handlers = {"init": self.init, "echo": self.echo, "proxy": self.proxy}

    async def run(self):
        reader = asyncio.StreamReader(limit=1 << 24)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            try:
                message = json.loads(line)
                body = message["body"]
                message["src"]
                body.get("type")
            except (ValueError, TypeError, KeyError, AttributeError):
                continue
            if "in_reply_to" in body:
                future = self.waiting.get(body["in_reply_to"])
                if future is not None and not future.done():
                    future.set_result(body)
            elif body.get("type") == "proxy":
                task = asyncio.create_task(self.dispatch(message))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
            elif "msg_id" in body:
                await self.dispatch(message)
        await asyncio.gather(*self.tasks)

    async def dispatch(self, message):
        body = message["body"]
        handler = self.handlers.get(body.get("type"))
        if handler is None:
            await self.reply(message, {"type": "error", "code": 10, "text": "not supported"})
        elif missing := self.missing(body):
            await self.reply(message, {"type": "error", "code": 12, "text": f"no {missing}"})
        else:
            await handler(message)

    def missing(self, body):
        needs = {"init": ["node_id"], "echo": ["echo"], "proxy": ["target", "inner"]}
        return ", ".join(key for key in needs[body["type"]] if key not in body)

    async def send(self, dest, body, future=None):
        async with self.lock:
            msg_id = self.next_msg_id
            self.next_msg_id += 1
            if future is not None:
                self.waiting[msg_id] = future
            message = {"src": self.id, "dest": dest, "body": {**body, "msg_id": msg_id}}
            print(json.dumps(message), flush=True)
        return msg_id

    async def reply(self, request, body):
        body["in_reply_to"] = request["body"]["msg_id"]
        await self.send(request["src"], body)

    async def rpc(self, dest, body):
        future = asyncio.get_running_loop().create_future()
        msg_id = await self.send(dest, body, future)
        try:
            return await asyncio.wait_for(future, 1)
        except TimeoutError:
            return None
        finally:
            del self.waiting[msg_id]

    async def init(self, message):
        self.id = message["body"]["node_id"]
        await self.reply(message, {"type": "init_ok"})

    async def echo(self, message):
        await self.reply(message, {"type": "echo_ok", "echo": message["body"]["echo"]})

    async def proxy(self, message):
        body = message["body"]
        result = await self.rpc(body["target"], body["inner"])
        if result is None:
            await self.reply(message, {"type": "error", "code": 0, "text": "no reply"})
        else:
            await self.reply(message, {"type": "proxy_ok", "result": result})


if __name__ == "__main__":
    started = time.monotonic()
    asyncio.run(Node().run())
    print(f"served for {time.monotonic() - started:.1f} s", file=sys.stderr)

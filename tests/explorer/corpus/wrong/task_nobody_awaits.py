# corpus: asyncio; a task a message, and nobody awaits them: run() cancels what is left at the end of input
# finds: lost-at-eof
# misconception: task-nobody-awaits
# preemptions: 0
# outcome: lost-at-eof
# lines: 64
# workload: ends-early
import asyncio
import json
import sys


class Node:
    def __init__(self):
        self.id = None
        self.next_id = 0
        self.futures = {}

    def send(self, dest, body):
        number, self.next_id = self.next_id, self.next_id + 1
        print(json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
        return number

    async def reply(self, request, body):
        await asyncio.sleep(0.001)  # a moment for the others
        self.send(request["src"], {**body, "in_reply_to": request["body"]["msg_id"]})

    async def rpc(self, dest, body):
        number = self.send(dest, body)
        self.futures[number] = asyncio.get_running_loop().create_future()
        try:
            return await asyncio.wait_for(self.futures[number], timeout=1)
        finally:
            del self.futures[number]

    async def handle(self, message):
        body = message["body"]
        if body["type"] == "init":
            self.id = body["node_id"]
            await self.reply(message, {"type": "init_ok"})
        elif body["type"] == "echo":
            await self.reply(message, {"type": "echo_ok", "echo": body["echo"]})
        elif body["type"] == "proxy":
            try:
                result = await self.rpc(body["target"], body["inner"])
                await self.reply(message, {"type": "proxy_ok", "result": result})
            except asyncio.TimeoutError:
                await self.reply(message, {"type": "error", "code": 0, "text": "no reply"})
        else:
            await self.reply(message, {"type": "error", "code": 10, "text": "not supported"})

    async def run(self):
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        async for line in reader:
            message = json.loads(line)
            future = self.futures.get(message["body"].get("in_reply_to"))
            if message["body"]["type"] == "init":
                await self.handle(message)
            elif future and not future.done():
                future.set_result(message["body"])
            elif "in_reply_to" not in message["body"]:
                asyncio.create_task(self.handle(message))


asyncio.run(Node().run())

# corpus: asyncio; the number of a message is raised after its line has been written, and writing awaits a thread
# finds: data-race
# misconception: await-between-read-and-write
# preemptions: 0
# outcome: duplicate-msg-id
# lines: 24 28
# workload: two-echoes
import asyncio
import json
import sys


class Node:
    def __init__(self):
        self.sent = 0
        self.calls = {}
        self.pipe = asyncio.Lock()

    async def write(self, line):
        async with self.pipe:
            await asyncio.to_thread(print, line, flush=True)

    async def send(self, dest, body):
        number = self.sent
        if "in_reply_to" not in body:
            self.calls[number] = asyncio.get_running_loop().create_future()
        await self.write(json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": number}}))
        self.sent = number + 1
        return number

    async def proxy(self, target, inner):
        number = await self.send(target, inner)
        try:
            async with asyncio.timeout(1):
                return {"type": "proxy_ok", "result": await self.calls[number]}
        except TimeoutError:
            return {"type": "error", "code": 0, "text": "no reply"}

    async def handle(self, src, body):
        answer = {"type": "error", "code": 10, "text": "not supported"}
        if body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            answer = await self.proxy(body["target"], body["inner"])
        await self.send(src, {**answer, "in_reply_to": body["msg_id"]})

    async def run(self):
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            while line := await loop.run_in_executor(None, sys.stdin.readline):
                message = json.loads(line)
                src, body = message["src"], message["body"]
                if body["type"] == "init":
                    self.name = body["node_id"]
                    await self.send(src, {"type": "init_ok", "in_reply_to": body["msg_id"]})
                elif "in_reply_to" in body:
                    call = self.calls.get(body["in_reply_to"])
                    if call and not call.done():
                        call.set_result(body)
                else:
                    group.create_task(self.handle(src, body))


asyncio.run(Node().run())

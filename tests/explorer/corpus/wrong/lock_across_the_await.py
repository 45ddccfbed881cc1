# corpus: asyncio; the lock is held while a peer is awaited, and whoever brings its reply needs it too
# finds: wrong-type
# misconception: lock-held-while-waiting
# preemptions: 0
# outcome: wrong-type
# lines: 29 35
# workload: proxy-held
import asyncio
import json
import sys


class Node:
    def __init__(self):
        self.lock = asyncio.Lock()
        self.number = -1
        self.futures = {}
        self.name = None

    def write(self, dest, body):
        self.number += 1
        print(json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": self.number}}), flush=True)
        return self.number

    async def call(self, dest, body):
        async with self.lock:
            future = self.futures[self.write(dest, body)] = asyncio.get_running_loop().create_future()
            try:
                return {"type": "proxy_ok", "result": await asyncio.wait_for(future, 1)}
            except asyncio.TimeoutError:
                return {"type": "error", "code": 0, "text": "no reply"}

    async def resolve(self, body):
        async with self.lock:
            future = self.futures.pop(body["in_reply_to"], None)
        if future and not future.done():
            future.set_result(body)

    async def handle(self, message):
        body = message["body"]
        if "in_reply_to" in body:
            await self.resolve(body)
            return
        if body["type"] == "init":
            self.name = body["node_id"]
            answer = {"type": "init_ok"}
        elif body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            answer = await self.call(body["target"], body["inner"])
        else:
            answer = {"type": "error", "code": 10, "text": "not supported"}
        self.write(message["src"], {**answer, "in_reply_to": body["msg_id"]})

    async def run(self):
        tasks = []
        while line := await asyncio.to_thread(sys.stdin.readline):
            tasks.append(asyncio.create_task(self.handle(json.loads(line))))
        await asyncio.gather(*tasks)


asyncio.run(Node().run())

# corpus: asyncio; every handler runs inside the node's lock, the one that awaits a peer too
# finds: blocked
# misconception: lock-held-while-waiting
# preemptions: 0
# outcome: blocked
# lines: 28 32
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
        future = asyncio.Future()
        self.futures[self.write(dest, body)] = future
        return await asyncio.wait_for(future, timeout=1)

    async def handle(self, message):
        body = message["body"]
        async with self.lock:
            if body["type"] == "echo":
                answer = {"type": "echo_ok", "echo": body["echo"]}
            elif body["type"] == "proxy":
                try:
                    answer = {"type": "proxy_ok", "result": await self.call(body["target"], body["inner"])}
                except asyncio.TimeoutError:
                    answer = {"type": "error", "code": 0, "text": "no reply"}
            else:
                answer = {"type": "error", "code": 10, "text": "not supported"}
            self.write(message["src"], {**answer, "in_reply_to": body["msg_id"]})

    async def run(self):
        tasks = []
        while line := await asyncio.to_thread(sys.stdin.readline):
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.name = body["node_id"]
                self.write(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
            elif "in_reply_to" in body:
                future = self.futures.pop(body["in_reply_to"], None)
                if future and not future.done():
                    future.set_result(body)
            else:
                tasks.append(asyncio.create_task(self.handle(message)))
        await asyncio.gather(*tasks)


asyncio.run(Node().run())

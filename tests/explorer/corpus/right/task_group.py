# corpus: asyncio; a TaskGroup waits for every handler; the reader's lines come by executor
# finds: nothing
# suites: rpc maelstrom-echo
import asyncio
import json
import sys


class Node:
    def __init__(self):
        self.sent, self.calls, self.name = 0, {}, None

    def send(self, dest, body, call=None):
        number = self.sent
        self.sent += 1
        if call is not None:
            self.calls[number] = call
        print(json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)

    async def proxy(self, target, inner):
        call = asyncio.get_running_loop().create_future()
        self.send(target, inner, call)
        try:
            async with asyncio.timeout(1):
                return {"type": "proxy_ok", "result": await call}
        except TimeoutError:
            return {"type": "error", "code": 0, "text": "no reply"}

    async def handle(self, src, body):
        answer = {"type": "error", "code": 10, "text": "not supported"}
        if body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            answer = await self.proxy(body["target"], body["inner"])
        self.send(src, {**answer, "in_reply_to": body["msg_id"]})

    async def run(self):
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            while line := await loop.run_in_executor(None, sys.stdin.readline):
                message = json.loads(line)
                src, body = message["src"], message["body"]
                if body["type"] == "init":
                    self.name = body["node_id"]
                    self.send(src, {"type": "init_ok", "in_reply_to": body["msg_id"]})
                elif "in_reply_to" in body:
                    call = self.calls.pop(body["in_reply_to"], None)
                    if call and not call.done():
                        call.set_result(body)
                else:
                    group.create_task(self.handle(src, body))


asyncio.run(Node().run())

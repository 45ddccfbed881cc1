# corpus: asyncio; the counter is read and raised with no await between: no lock is needed
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import asyncio
import json
import sys


class Node:
    def __init__(self):
        self.id, self.next_id, self.futures, self.tasks = None, 0, {}, set()

    def send(self, dest, body):
        number = self.next_id
        self.next_id = number + 1
        print(json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
        return number

    def reply(self, request, body):
        self.send(request["src"], {**body, "in_reply_to": request["body"]["msg_id"]})

    async def rpc(self, dest, body):
        future = asyncio.get_running_loop().create_future()
        number = self.send(dest, body)
        self.futures[number] = future
        try:
            return {"type": "proxy_ok", "result": await asyncio.wait_for(future, timeout=1)}
        except asyncio.TimeoutError:
            return {"type": "error", "code": 0, "text": "no reply"}
        finally:
            del self.futures[number]

    async def handle(self, message):
        body = message["body"]
        try:
            if body.get("type") == "echo":
                self.reply(message, {"type": "echo_ok", "echo": body["echo"]})
            elif body.get("type") == "proxy":
                self.reply(message, await self.rpc(body["target"], body["inner"]))
            else:
                self.reply(message, {"type": "error", "code": 10, "text": "not supported"})
        except KeyError as missing:
            self.reply(message, {"type": "error", "code": 12, "text": f"{missing} is missing"})

    async def run(self):
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            try:
                message = json.loads(line)
                body, _ = message["body"], message["src"] + ""
                kind = body.get("type")
            except (ValueError, TypeError, KeyError, AttributeError):
                print("no message:", line.strip()[:80], file=sys.stderr)
                continue
            if kind == "init":
                self.id = body["node_id"]
                self.reply(message, {"type": "init_ok"})
            elif "in_reply_to" in body:
                future = self.futures.get(body["in_reply_to"])
                if future and not future.done():
                    future.set_result(body)
            elif "msg_id" in body:
                task = loop.create_task(self.handle(message))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
        await asyncio.gather(*self.tasks)


asyncio.run(Node().run())

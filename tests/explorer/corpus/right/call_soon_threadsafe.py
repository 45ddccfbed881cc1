# corpus: a reader thread hands lines to the loop by call_soon_threadsafe; all state is touched in the loop's thread
# finds: nothing
# suites: async-handler rpc maelstrom-echo
import asyncio
import json
import sys
import threading


class Node:
    def __init__(self, loop):
        self.loop, self.ended, self.tasks = loop, asyncio.Event(), set()
        self.id, self.last, self.waiting = None, -1, {}

    def write(self, dest, body):
        self.last += 1
        print(json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": self.last}}), flush=True)
        return self.last

    def read(self):
        for line in sys.stdin:
            self.loop.call_soon_threadsafe(self.receive, line)
        self.loop.call_soon_threadsafe(self.ended.set)

    def receive(self, line):
        try:
            message = json.loads(line)
            src, body = message["src"], message["body"]
            if "in_reply_to" in body:
                future = self.waiting.pop(body["in_reply_to"], None)
                if future and not future.done():
                    future.set_result(body)
            elif "msg_id" in body and isinstance(src, str):
                task = self.loop.create_task(self.handle(src, body))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
        except (ValueError, TypeError, KeyError) as error:
            print("skipped:", repr(error), file=sys.stderr)

    async def handle(self, src, body):
        try:
            answer = await self.answer(body.get("type"), body)
        except KeyError as missing:
            answer = {"type": "error", "code": 12, "text": f"{missing} is missing"}
        self.write(src, {**answer, "in_reply_to": body["msg_id"]})

    async def answer(self, kind, body):
        if kind == "init":
            self.id = body["node_id"]
            return {"type": "init_ok"}
        if kind == "echo":
            return {"type": "echo_ok", "echo": body["echo"]}
        if kind != "proxy":
            return {"type": "error", "code": 10, "text": "not supported"}
        future = self.loop.create_future()
        target, inner = body["target"], body["inner"]
        self.waiting[self.write(target, inner)] = future
        try:
            return {"type": "proxy_ok", "result": await asyncio.wait_for(future, 1)}
        except asyncio.TimeoutError:
            return {"type": "error", "code": 0, "text": "no reply"}


async def main():
    node = Node(asyncio.get_running_loop())
    threading.Thread(target=node.read, daemon=True).start()
    await node.ended.wait()
    await asyncio.gather(*node.tasks)


asyncio.run(main())

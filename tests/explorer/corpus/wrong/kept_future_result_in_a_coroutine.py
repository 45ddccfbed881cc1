# corpus: asyncio; a coroutine asks a thread's future for its result, and holds up the loop until it has one
# finds: blocked
# misconception: blocking-call-in-the-loop
# preemptions: 0
# outcome: blocked
# lines: 36
# workload: proxy-held
import asyncio
import json
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from threading import Lock


class Node:
    def __init__(self):
        self.calls, self.last, self.lock, self.tasks = {}, 0, Lock(), []
        self.reader = ThreadPoolExecutor(1)
        self.name = None

    def send(self, dest, body, call=None):
        with self.lock:
            self.last += 1
            if call:
                self.calls[self.last] = call
            print(json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": self.last}}), flush=True)

    async def echo(self, body):
        return {"type": "echo_ok", "echo": body["echo"]}

    async def proxy(self, body):
        call = Future()
        self.send(body["target"], body["inner"], call)
        try:
            return {"type": "proxy_ok", "result": call.result(timeout=1)}
        except Late:
            return {"type": "error", "code": 0, "text": "no reply"}

    async def serve(self, message):
        body = message["body"]
        handler = {"echo": self.echo, "proxy": self.proxy}.get(body["type"])
        answer = await handler(body) if handler else {"type": "error", "code": 10, "text": "unknown"}
        self.send(message["src"], {**answer, "in_reply_to": body["msg_id"]})

    def spawn(self, message):
        self.tasks.append(asyncio.ensure_future(self.serve(message)))

    def read(self, loop):
        while line := sys.stdin.readline():
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.name = body["node_id"]
                self.send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
            elif "in_reply_to" in body:
                with self.lock:
                    call = self.calls.pop(body["in_reply_to"], None)
                if call:
                    call.set_result(body)
            else:
                loop.call_soon_threadsafe(self.spawn, message)

    async def run(self):
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self.reader, self.read, loop)
        await asyncio.gather(*self.tasks)


asyncio.run(Node().run())

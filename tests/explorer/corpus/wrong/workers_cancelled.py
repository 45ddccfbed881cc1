# corpus: asyncio.Queue and four workers; at the end of input they are cancelled, with requests in the queue or half served
# finds: lost-at-eof
# misconception: queue-never-drained
# preemptions: 0
# outcome: lost-at-eof
# lines: 66
# workload: ends-early
import asyncio
import json
import sys
from itertools import count


class Node:
    def __init__(self):
        self.inbox = asyncio.Queue()
        self.numbers = count()
        self.calls = {}
        self.name = None
        self.writing = asyncio.Lock()

    async def send(self, dest, body, number):
        line = json.dumps({"src": self.name, "dest": dest, "body": {**body, "msg_id": number}})
        async with self.writing:
            await asyncio.to_thread(print, line, flush=True)

    async def reply(self, message, body):
        await self.send(message["src"], {**body, "in_reply_to": message["body"]["msg_id"]}, next(self.numbers))

    async def serve(self, message):
        body = message["body"]
        if body["type"] == "echo":
            await self.reply(message, {"type": "echo_ok", "echo": body["echo"]})
        elif body["type"] == "proxy":
            number = next(self.numbers)
            self.calls[number] = asyncio.get_running_loop().create_future()
            await self.send(body["target"], body["inner"], number)
            try:
                result = await asyncio.wait_for(self.calls[number], 1)
                await self.reply(message, {"type": "proxy_ok", "result": result})
            except TimeoutError:
                await self.reply(message, {"type": "error", "code": 0, "text": "no reply"})
        else:
            await self.reply(message, {"type": "error", "code": 10, "text": "not supported"})

    async def work(self):
        while True:
            await self.serve(await self.inbox.get())
            self.inbox.task_done()

    async def run(self):
        workers = [asyncio.create_task(self.work()) for _ in range(4)]
        while line := await asyncio.to_thread(sys.stdin.readline):
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                self.name = body["node_id"]
                await self.reply(message, {"type": "init_ok"})
            elif "in_reply_to" in body:
                call = self.calls.pop(body["in_reply_to"], None)
                if call and not call.done():
                    call.set_result(body)
            else:
                await self.inbox.put(message)
        for worker in workers:
            worker.cancel()


asyncio.run(Node().run())

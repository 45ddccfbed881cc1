# corpus: asyncio; reply() answers to self.request, which the next handler sets while this one awaits the pipe
# finds: data-race
# misconception: reply-in-a-shared-variable
# preemptions: 0
# outcome: cross-talk
# lines: 30 42 46
# workload: two-echoes
import asyncio
import itertools
import json
import sys


class Server:
    def __init__(self):
        self.ids = itertools.count()
        self.calls = {}
        self.request = None
        self.writing = asyncio.Lock()

    async def send(self, dest, body):
        async with self.writing:
            await asyncio.to_thread(print, json.dumps({"src": self.id, "dest": dest, "body": body}), flush=True)

    async def log(self, text):
        await asyncio.to_thread(print, text, file=sys.stderr)

    async def reply(self, body):
        await self.log("replying")
        request = self.request
        body = {**body, "msg_id": next(self.ids), "in_reply_to": request["body"]["msg_id"]}
        await self.send(request["src"], body)

    async def proxy(self, body):
        request, number = self.request, next(self.ids)
        call = self.calls[number] = asyncio.get_running_loop().create_future()
        await self.send(body["target"], {**body["inner"], "msg_id": number})
        try:
            answer = {"type": "proxy_ok", "result": await asyncio.wait_for(call, 1)}
        except asyncio.TimeoutError:
            answer = {"type": "error", "code": 0, "text": "no reply"}
        self.request = request
        await self.reply(answer)

    async def handle(self, message):
        self.request, body = message, message["body"]
        if body["type"] == "init":
            self.id = body["node_id"]
            await self.reply({"type": "init_ok"})
        elif body["type"] == "echo":
            await self.reply({"type": "echo_ok", "echo": body["echo"]})
        elif body["type"] == "proxy":
            await self.proxy(body)
        else:
            await self.reply({"type": "error", "code": 10, "text": "not supported"})

    async def run(self):
        tasks = []
        while line := await asyncio.to_thread(sys.stdin.readline):
            message = json.loads(line)
            if message["body"]["type"] == "init":
                await self.handle(message)
            elif "in_reply_to" in message["body"]:
                call = self.calls.pop(message["body"]["in_reply_to"], None)
                if call and not call.done():
                    call.set_result(message["body"])
            else:
                tasks.append(asyncio.create_task(self.handle(message)))
        await asyncio.gather(*tasks)


asyncio.run(Server().run())

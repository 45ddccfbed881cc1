# corpus: asyncio; the current request is kept in a threading.local, which all tasks of a thread share: after an await it is another's
# finds: cross-talk
# misconception: reply-in-a-shared-variable
# preemptions: 0
# outcome: cross-talk
# lines: 29 56
# workload: proxy-held
import asyncio
import json
import sys
import threading

context = threading.local()


class Node:
    def __init__(self):
        self.id = None
        self.sent = 0
        self.futures = {}

    def send(self, dest, body):
        number = self.sent
        self.sent += 1
        print(json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)
        return number

    def reply(self, body):
        request = context.request
        self.send(request["src"], {**body, "in_reply_to": request["body"]["msg_id"]})

    def error(self, code, text):
        self.reply({"type": "error", "code": code, "text": text})

    async def rpc(self, dest, body):
        future = asyncio.get_running_loop().create_future()
        number = self.send(dest, body)
        self.futures[number] = future
        try:
            return await asyncio.wait_for(future, 1)
        finally:
            self.futures.pop(number)

    async def echo(self, body):
        self.reply({"type": "echo_ok", "echo": body["echo"]})

    async def proxy(self, body):
        try:
            result = await self.rpc(body["target"], body["inner"])
        except asyncio.TimeoutError:
            self.error(0, "timeout")
        else:
            self.reply({"type": "proxy_ok", "result": result})

    async def handle(self, message):
        context.request = message
        body = message["body"]
        needs = {"echo": {"echo"}, "proxy": {"target", "inner"}}.get(body.get("type"))
        if needs is None:
            self.error(10, "not supported")
        elif not needs <= body.keys():
            self.error(12, "malformed")
        else:
            await getattr(self, body["type"])(body)

    async def main(self):
        tasks = []
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=2**24)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        async for line in reader:
            try:
                message = json.loads(line)
                body = message["body"]
                message["src"], body.get("type")
            except (ValueError, KeyError, TypeError, AttributeError):
                print("no message", file=sys.stderr)
                continue
            if "in_reply_to" in body:
                future = self.futures.get(body["in_reply_to"])
                if future and not future.done():
                    future.set_result(body)
            elif body.get("type") == "init":
                self.id = body["node_id"]
                self.send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
            elif "msg_id" in body:
                tasks.append(loop.create_task(self.handle(message)))
        await asyncio.gather(*tasks)


asyncio.run(Node().main())

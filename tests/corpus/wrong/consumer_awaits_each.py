# corpus: asyncio; replies are matched at once, but one consumer task awaits the requests one after the other
# expect: blocked
# suites: rpc
# platforms: posix
import asyncio
import json
import sys


class Node:
    def __init__(self):
        self.id = ""
        self.sent = 0
        self.replies = {}
        self.inbox = asyncio.Queue()

    def send(self, dest, body):
        body = body | {"msg_id": self.sent}
        self.sent += 1
        sys.stdout.write(json.dumps({"src": self.id, "dest": dest, "body": body}) + "\n")
        sys.stdout.flush()
        return body["msg_id"]

    async def rpc(self, dest, body):
        number = self.send(dest, body)
        future = self.replies[number] = asyncio.get_running_loop().create_future()
        try:
            return await asyncio.wait_for(future, 1.0)
        finally:
            del self.replies[number]

    async def proxy(self, src, body):
        try:
            result = await self.rpc(body["target"], body["inner"])
            answer = {"type": "proxy_ok", "result": result}
        except asyncio.TimeoutError:
            answer = {"type": "error", "code": 0, "text": "timeout"}
        self.send(src, answer | {"in_reply_to": body["msg_id"]})

    async def consume(self):
        while (item := await self.inbox.get()) is not None:
            await self.dispatch(*item)

    async def dispatch(self, src, body):
        match body:
            case {"type": "init", "node_id": node_id}:
                self.id = node_id
                self.send(src, {"type": "init_ok", "in_reply_to": body["msg_id"]})
            case {"type": "echo", "echo": value}:
                self.send(src, {"type": "echo_ok", "echo": value, "in_reply_to": body["msg_id"]})
            case {"type": "proxy", "target": str(), "inner": dict()}:
                await self.proxy(src, body)
            case {"type": "echo" | "proxy" | "init"}:
                self.send(src, {"type": "error", "code": 12, "text": "field missing", "in_reply_to": body["msg_id"]})
            case _:
                self.send(src, {"type": "error", "code": 10, "text": "no such thing", "in_reply_to": body["msg_id"]})

    async def main(self):
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=64 * 2**20)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        consumer = asyncio.create_task(self.consume())
        while line := await reader.readline():
            try:
                message = json.loads(line)
                src, body = message["src"], message["body"]
                if (future := self.replies.get(body.get("in_reply_to"))) and not future.done():
                    future.set_result(body)
                elif "in_reply_to" not in body:
                    self.inbox.put_nowait((src, body))
            except Exception as error:
                print("bad line", line[:80], error, file=sys.stderr)
        self.inbox.put_nowait(None)
        await consumer


asyncio.run(Node().main())

# corpus: asyncio; a proxy that lacks a field fails in its task: a KeyError that nobody sees, and no answer
# expect: missing-error
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
        self.tasks = set()

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

    def dispatch(self, src, body):
        match body:
            case {"in_reply_to": number}:
                future = self.replies.get(number)
                if future is not None and not future.done():
                    future.set_result(body)
            case {"type": "init", "node_id": node_id}:
                self.id = node_id
                self.send(src, {"type": "init_ok", "in_reply_to": body["msg_id"]})
            case {"type": "echo", "echo": value}:
                self.send(src, {"type": "echo_ok", "echo": value, "in_reply_to": body["msg_id"]})
            case {"type": "proxy"}:
                task = asyncio.create_task(self.proxy(src, body))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
            case {"type": "echo" | "init"}:
                self.send(src, {"type": "error", "code": 12, "text": "field missing", "in_reply_to": body["msg_id"]})
            case _:
                self.send(src, {"type": "error", "code": 10, "text": "no such thing", "in_reply_to": body["msg_id"]})

    async def main(self):
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=1 << 22)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while not reader.at_eof():
            try:
                line = await reader.readline()
                if not line:
                    break
                message = json.loads(line)
                self.dispatch(message["src"], message["body"])
            except Exception as error:
                print("bad line", error, file=sys.stderr)
        if self.tasks:
            await asyncio.gather(*self.tasks, return_exceptions=True)


asyncio.run(Node().main())

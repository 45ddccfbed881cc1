# corpus: asyncio; nobody gathers the tasks at the end: a proxy that writes its reply down first is cancelled
# expect: lost-at-eof
# suites: async-handler=passed rpc
# platforms: posix
# note: connect_read_pipe refuses a stdin that is a regular file; a pipe or a socket must be given
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
            await asyncio.sleep(0.05)  # until it is written down somewhere
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
            case {"type": "proxy", "target": str(), "inner": dict()}:
                task = asyncio.create_task(self.proxy(src, body))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
            case {"type": "echo" | "proxy" | "init"}:
                self.send(src, {"type": "error", "code": 12, "text": "field missing", "in_reply_to": body["msg_id"]})
            case _:
                self.send(src, {"type": "error", "code": 10, "text": "no such thing", "in_reply_to": body["msg_id"]})

    async def main(self):
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=64 * 2**20)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            try:
                message = json.loads(line)
                self.dispatch(message["src"], message["body"])
            except Exception as error:
                print("bad line", line[:80], error, file=sys.stderr)


asyncio.run(Node().main())

# corpus: a reply that comes while the time-out is being carried out meets a cancelled future: set_result raises, and the reader is gone
# finds: crashed
# misconception: none
# preemptions: 0
# outcome: crashed
# lines: 72
# workload: proxy-late
import asyncio
import json
import sys


class Node:
    def __init__(self):
        self.node_id = None
        self.next_id = 0
        self.calls = {}
        self.tasks = set()

    def send(self, dest, body):
        number, self.next_id = self.next_id, self.next_id + 1
        message = {"src": self.node_id, "dest": dest, "body": {**body, "msg_id": number}}
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
        return number

    async def rpc(self, dest, body):
        future = asyncio.get_running_loop().create_future()
        number = self.send(dest, body)
        self.calls[number] = future
        try:
            return await asyncio.wait_for(future, 1.0)
        finally:
            self.calls.pop(number, None)

    async def handle(self, src, body):
        try:
            answer = await getattr(self, "do_" + body["type"], self.unknown)(body)
        except KeyError as error:
            answer = {"type": "error", "code": 12, "text": f"no {error}"}
        except asyncio.TimeoutError:
            answer = {"type": "error", "code": 0, "text": "timeout"}
        self.send(src, {**answer, "in_reply_to": body["msg_id"]})

    async def do_init(self, body):
        self.node_id = body["node_id"]
        return {"type": "init_ok"}

    async def do_echo(self, body):
        return {"type": "echo_ok", "echo": body["echo"]}

    async def do_proxy(self, body):
        return {"type": "proxy_ok", "result": await self.rpc(body["target"], body["inner"])}

    async def unknown(self, body):
        return {"type": "error", "code": 10, "text": "unknown type"}

    async def main(self):
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=1 << 23)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            try:
                message = json.loads(line)
                src, body = message["src"], message["body"]
                body["type"]
            except (ValueError, TypeError, KeyError):
                continue
            if "in_reply_to" in body:
                future = self.calls.pop(body["in_reply_to"], None)
                if future is not None:
                    future.set_result(body)
            else:
                task = asyncio.create_task(self.handle(src, body))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
        await asyncio.gather(*self.tasks)


if __name__ == "__main__":
    asyncio.run(Node().main())

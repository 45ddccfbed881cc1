# corpus: the thread that reads sets a future of the loop's itself: if the loop sleeps by then, nobody wakes it
# finds: no-reply
# misconception: none
# preemptions: 0
# outcome: no-reply
# lines: 27
# workload: proxy-held
import asyncio
import json
import sys
import threading


class Node:
    def __init__(self):
        self.node_id = None
        self.next_id = 0
        self.calls = {}
        self.tasks = set()

    def send(self, dest, body, future=None):
        number, self.next_id = self.next_id, self.next_id + 1
        if future is not None:
            self.calls[number] = future
        message = {"src": self.node_id, "dest": dest, "body": {**body, "msg_id": number}}
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
        return number

    def reply(self, message, body):
        self.send(message["src"], {**body, "in_reply_to": message["body"]["msg_id"]})

    async def proxy(self, message):
        body = message["body"]
        future = asyncio.get_running_loop().create_future()
        self.send(body["target"], body["inner"], future)
        try:
            result = await asyncio.wait_for(future, 1)
        except TimeoutError:
            self.reply(message, {"type": "error", "code": 0, "text": "timeout"})
        else:
            self.reply(message, {"type": "proxy_ok", "result": result})

    def begin(self, message):
        task = asyncio.ensure_future(self.proxy(message))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def read(self, loop, at_end):
        for line in sys.stdin:
            message = json.loads(line)
            body = message["body"]
            if "in_reply_to" in body:
                future = self.calls.get(body["in_reply_to"])
                if future is not None and not future.done():
                    future.set_result(body)
            elif body["type"] == "proxy":
                loop.call_soon_threadsafe(self.begin, message)
            else:
                loop.call_soon_threadsafe(self.serve, message)
        loop.call_soon_threadsafe(at_end.set)

    def serve(self, message):
        body = message["body"]
        if body["type"] == "init":
            self.node_id = body["node_id"]
            self.reply(message, {"type": "init_ok"})
        elif body["type"] == "echo":
            self.reply(message, {"type": "echo_ok", "echo": body["echo"]})
        else:
            self.reply(message, {"type": "error", "code": 10, "text": "not supported"})

    async def run(self):
        at_end = asyncio.Event()
        reader = threading.Thread(target=self.read, args=(asyncio.get_running_loop(), at_end))
        reader.start()
        await at_end.wait()
        await asyncio.gather(*self.tasks)


asyncio.run(Node().run())

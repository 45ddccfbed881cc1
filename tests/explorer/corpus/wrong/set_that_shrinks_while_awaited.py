# corpus: at the end of input the set of tasks is walked through with an await in each round, and tasks leave it meanwhile
# finds: crashed
# misconception: none
# preemptions: 0
# outcome: crashed
# lines: 80
# workload: ends-in-a-proxy
import asyncio
import json
import sys


class Node:
    def __init__(self):
        self.tasks = set()
        self.open = {}
        self.count = 0
        self.id = None

    def send(self, dest, body):
        number, self.count = self.count, self.count + 1
        sys.stdout.write(json.dumps({"src": self.id, "dest": dest, "body": {**body, "msg_id": number}}) + "\n")
        sys.stdout.flush()
        return number

    def answer(self, message, **body):
        self.send(message["src"], {**body, "in_reply_to": message["body"]["msg_id"]})

    async def echo(self, message, echo):
        await asyncio.sleep(0)  # the others first
        self.answer(message, type="echo_ok", echo=echo)

    async def proxy(self, message, target, inner):
        number = self.send(target, inner)
        self.open[number] = event = asyncio.Event()
        event.reply = None
        try:
            async with asyncio.timeout(1):
                await event.wait()
        except TimeoutError:
            self.answer(message, type="error", code=0, text="timeout")
        else:
            self.answer(message, type="proxy_ok", result=event.reply)
        del self.open[number]

    def spawn(self, coroutine):
        task = asyncio.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def take(self, message):
        body = message["body"]
        match body:
            case {"in_reply_to": number}:
                if event := self.open.get(number):
                    event.reply = body
                    event.set()
            case {"type": "init", "node_id": name}:
                self.id = name
                self.answer(message, type="init_ok")
            case {"type": "echo", "echo": value}:
                self.spawn(self.echo(message, value))
            case {"type": "proxy", "target": target, "inner": inner}:
                self.spawn(self.proxy(message, target, inner))
            case {"type": "echo" | "proxy", "msg_id": _}:
                self.answer(message, type="error", code=12, text="missing")
            case {"msg_id": _}:
                self.answer(message, type="error", code=10, text="unknown")

    async def main(self):
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            try:
                message = json.loads(line)
                message["src"], message["body"].get("type")
            except (ValueError, KeyError, TypeError, AttributeError):
                print("cannot read this:", line, file=sys.stderr)
            else:
                self.take(message)
        for task in self.tasks:
            await task


asyncio.run(Node().main())

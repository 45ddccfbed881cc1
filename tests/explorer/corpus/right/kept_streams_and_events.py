# corpus: asyncio streams for both ends; replies come by an asyncio.Event, and drain is awaited after the numbers are given
# finds: nothing
# suites: rpc maelstrom-echo
import asyncio
import json
import sys
from itertools import count

ids = count()
calls = {}


class Call:
    def __init__(self):
        self.event, self.body = asyncio.Event(), None


async def open_pipes():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**22)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout)
    return reader, asyncio.StreamWriter(transport, protocol, None, loop)


async def main():
    reader, writer = await open_pipes()
    name, tasks = None, set()

    async def send(dest, number, body):
        writer.write(json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": number}}).encode() + b"\n")
        await writer.drain()

    async def handle(src, body):
        answer = {"type": "error", "code": 10, "text": "not supported"}
        if body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            number, call = next(ids), Call()
            calls[number] = call
            await send(body["target"], number, body["inner"])
            try:
                await asyncio.wait_for(call.event.wait(), 1)
                answer = {"type": "proxy_ok", "result": call.body}
            except asyncio.TimeoutError:
                answer = {"type": "error", "code": 0, "text": "no reply"}
        await send(src, next(ids), {**answer, "in_reply_to": body["msg_id"]})

    async for line in reader:
        message = json.loads(line)
        src, body = message["src"], message["body"]
        if body["type"] == "init":
            name = body["node_id"]
            await send(src, next(ids), {"type": "init_ok", "in_reply_to": body["msg_id"]})
        elif "in_reply_to" in body:
            if call := calls.pop(body["in_reply_to"], None):
                call.body = body
                call.event.set()
        else:
            tasks.add(asyncio.create_task(handle(src, body)))
    await asyncio.gather(*tasks)
    writer.close()


asyncio.run(main())

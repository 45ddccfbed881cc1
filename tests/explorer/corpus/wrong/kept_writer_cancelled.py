# corpus: asyncio; handlers are awaited at the end, but the writer is cancelled with lines still in its queue
# finds: lost-at-eof
# misconception: queue-never-drained
# preemptions: 0
# outcome: lost-at-eof
# lines: 59
# workload: ends-early
import asyncio
import json
import os
import sys
from itertools import count


async def main():
    loop = asyncio.get_running_loop()
    outbox, ids, calls, handlers = asyncio.Queue(), count(), {}, []
    node_id = None

    def post(dest, body, number=None):
        body = {**body, "msg_id": next(ids) if number is None else number}
        outbox.put_nowait(json.dumps({"src": node_id, "dest": dest, "body": body}) + "\n")

    async def write():
        while True:
            line = await outbox.get()
            await loop.run_in_executor(None, os.write, 1, line.encode())

    async def handle(src, body):
        answer = {"type": "error", "code": 10, "text": "not supported"}
        if body["type"] == "init":
            answer = {"type": "init_ok"}
        elif body["type"] == "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        elif body["type"] == "proxy":
            number = next(ids)
            calls[number] = loop.create_future()
            post(body["target"], body["inner"], number)
            try:
                answer = {"type": "proxy_ok", "result": await asyncio.wait_for(calls[number], 1)}
            except asyncio.TimeoutError:
                answer = {"type": "error", "code": 0, "text": "no reply"}
        post(src, {**answer, "in_reply_to": body["msg_id"]})

    writer = asyncio.create_task(write())
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        message = json.loads(line)
        src, body = message["src"], message["body"]
        if body["type"] == "init":
            node_id = body["node_id"]
            await handle(src, body)
        elif "in_reply_to" in body:
            call = calls.pop(body["in_reply_to"], None)
            if call and not call.done():
                call.set_result(body)
        else:
            handlers.append(asyncio.create_task(handle(src, body)))
    await asyncio.gather(*handlers)
    writer.cancel()


asyncio.run(main())

# corpus: each task has its own context, but the context variable's default is one dict, which all of them fill
# finds: data-race
# misconception: reply-in-a-shared-variable
# preemptions: 0
# outcome: cross-talk
# lines: 28 33 34
# workload: two-echoes
import asyncio
import json
import sys
from contextvars import ContextVar
from itertools import count

serving = ContextVar("serving", default={})
numbers = count()
calls = {}
name = None


async def write(dest, body, number):
    line = json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": number}})
    print(line, flush=True)


async def reply(body):
    await asyncio.sleep(0.001)  # let those go first who have waited longer
    request = serving.get()
    await write(request["src"], {**body, "in_reply_to": request["msg_id"]}, next(numbers))


async def handle(message):
    body = message["body"]
    serving.get()["src"] = message["src"]
    serving.get()["msg_id"] = body["msg_id"]
    if body["type"] == "echo":
        await reply({"type": "echo_ok", "echo": body["echo"]})
    elif body["type"] == "proxy":
        number = next(numbers)
        calls[number] = asyncio.get_running_loop().create_future()
        await write(body["target"], body["inner"], number)
        try:
            await reply({"type": "proxy_ok", "result": await asyncio.wait_for(calls[number], 1)})
        except TimeoutError:
            await reply({"type": "error", "code": 0, "text": "no reply"})
    else:
        await reply({"type": "error", "code": 10, "text": "not supported"})


async def main():
    global name
    async with asyncio.TaskGroup() as handlers:
        while line := await asyncio.to_thread(sys.stdin.readline):
            message = json.loads(line)
            body = message["body"]
            if body["type"] == "init":
                name = body["node_id"]
                await write(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]}, next(numbers))
            elif "in_reply_to" in body:
                call = calls.get(body["in_reply_to"])
                if call and not call.done():
                    call.set_result(body)
            else:
                handlers.create_task(handle(message))


asyncio.run(main())

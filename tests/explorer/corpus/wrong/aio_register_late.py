# corpus: the request is written in a thread, and only after that await the future is entered in the table
# finds: data-race
# misconception: sent-before-noted
# preemptions: 1
# outcome: wrong-type
# lines: 22 41 82
# workload: proxy-and-echo
import asyncio
import itertools
import json
import os
import sys

ids = itertools.count()
futures = {}
me = None
gate: asyncio.Lock


def blocking_write(data):
    while data:
        data = data[os.write(1, data):]


async def send(dest, body):
    async with gate:  # a fair lock: first come, first written
        number = body["msg_id"] = next(ids)
        line = json.dumps({"src": me, "dest": dest, "body": body}) + "\n"
        await asyncio.to_thread(blocking_write, line.encode())
        return number


async def respond(message, **body):
    await send(message["src"], {**body, "in_reply_to": message["body"]["msg_id"]})


async def proxy(message):
    body = message["body"]
    future = asyncio.get_running_loop().create_future()
    number = await send(body["target"], dict(body["inner"]))
    futures[number] = future
    done, _ = await asyncio.wait([future], timeout=1)
    futures.pop(number, None)
    if done:
        await respond(message, type="proxy_ok", result=future.result())
    else:
        await respond(message, type="error", code=0, text="no answer")


async def serve(message):
    global me
    body = message["body"]
    match body:
        case {"type": "init", "node_id": me}:
            await respond(message, type="init_ok")
        case {"type": "echo", "echo": value}:
            await respond(message, type="echo_ok", echo=value)
        case {"type": "proxy", "target": _, "inner": _}:
            await proxy(message)
        case {"type": "echo" | "proxy" | "init"}:
            await respond(message, type="error", code=12, text="malformed")
        case _:
            await respond(message, type="error", code=10, text="unsupported")


async def main():
    global gate
    gate = asyncio.Lock()
    reader = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer
    )
    tasks = set()
    async for line in reader:
        try:
            message = json.loads(line)
            message["src"], message["body"]["type"]
        except (ValueError, TypeError, KeyError):
            continue
        key = message["body"].get("in_reply_to")
        if key is not None:
            future = futures.pop(key, None)
            if future is not None and not future.done():
                future.set_result(message["body"])
            continue
        task = asyncio.create_task(serve(message))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    while tasks:
        await asyncio.wait(tasks)


asyncio.run(main())

# corpus: asyncio; the number is read before an await and raised after it, but an asyncio.Lock is held all the while
# finds: nothing
# suites: rpc maelstrom-echo
import asyncio
import json
import sys

counter = 0
node_id = None
pending = {}
sending = asyncio.Lock()


async def log(text):
    print(text, file=sys.stderr)
    await asyncio.sleep(0)


async def send(dest, body, future=None):
    global counter
    async with sending:
        number = counter
        if future is not None:
            pending[number] = future
        await log(f"{number} to {dest}")
        counter = number + 1
        print(json.dumps({"src": node_id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


async def proxy(body):
    future = asyncio.get_running_loop().create_future()
    await send(body["target"], body["inner"], future)
    try:
        return {"type": "proxy_ok", "result": await asyncio.wait_for(future, 1)}
    except asyncio.TimeoutError:
        return {"type": "error", "code": 0, "text": "no reply"}


async def handle(message):
    global node_id
    body = message["body"]
    match body["type"]:
        case "init":
            node_id = body["node_id"]
            answer = {"type": "init_ok"}
        case "echo":
            answer = {"type": "echo_ok", "echo": body["echo"]}
        case "proxy":
            answer = await proxy(body)
        case _:
            answer = {"type": "error", "code": 10, "text": "not supported"}
    await send(message["src"], {**answer, "in_reply_to": body["msg_id"]})


async def main():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks = []
    while line := await reader.readline():
        message = json.loads(line)
        body = message["body"]
        if body["type"] == "init":
            await handle(message)
        elif "in_reply_to" in body:
            future = pending.pop(body["in_reply_to"], None)
            if future and not future.done():
                future.set_result(body)
        else:
            tasks.append(loop.create_task(handle(message)))
    await asyncio.gather(*tasks)


asyncio.run(main())

# corpus: asyncio; the request that is served stands in a context variable, of which each task has its own
# finds: nothing
# suites: rpc maelstrom-echo
import asyncio
import contextvars
import json
import sys
from itertools import count

current = contextvars.ContextVar("current")
ids, calls, writing = count(), {}, asyncio.Lock()
name = None


async def send(dest, number, body):
    line = json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": number}})
    async with writing:
        await asyncio.to_thread(print, line, flush=True)


async def reply(body):
    request = current.get()
    await send(request["src"], next(ids), {**body, "in_reply_to": request["body"]["msg_id"]})


async def proxy(target, inner):
    number = next(ids)
    call = calls[number] = asyncio.get_running_loop().create_future()  # the reply may come before send is done
    await send(target, number, inner)
    try:
        return {"type": "proxy_ok", "result": await asyncio.wait_for(call, 1)}
    except asyncio.TimeoutError:
        return {"type": "error", "code": 0, "text": "no reply"}


async def handle(message):
    current.set(message)
    body = message["body"]
    if body["type"] == "echo":
        await reply({"type": "echo_ok", "echo": body["echo"]})
    elif body["type"] == "proxy":
        await reply(await proxy(body["target"], body["inner"]))
    else:
        await reply({"type": "error", "code": 10, "text": "not supported"})


async def main():
    global name
    tasks = []
    while line := await asyncio.to_thread(sys.stdin.readline):
        message = json.loads(line)
        body = message["body"]
        if body["type"] == "init":
            name = body["node_id"]
            await send(message["src"], next(ids), {"type": "init_ok", "in_reply_to": body["msg_id"]})
        elif "in_reply_to" in body:
            call = calls.pop(body["in_reply_to"], None)
            if call and not call.done():
                call.set_result(body)
        else:
            tasks.append(asyncio.create_task(handle(message)))
    await asyncio.gather(*tasks)


asyncio.run(main())

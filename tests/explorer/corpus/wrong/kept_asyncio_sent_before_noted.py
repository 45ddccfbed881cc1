# corpus: asyncio; the future for the reply is put into the table once the write has been awaited
# finds: data-race
# misconception: sent-before-noted
# preemptions: 1
# outcome: wrong-type
# lines: 29 59
# workload: two-proxies
import asyncio
import json
import sys
from itertools import count

ids = count()
replies = {}
pipe = asyncio.Lock()
node_id = None


async def send(dest, body):
    number = next(ids)
    line = json.dumps({"src": node_id, "dest": dest, "body": {**body, "msg_id": number}})
    async with pipe:
        await asyncio.to_thread(print, line, flush=True)
    return number


async def proxy(target, inner):
    number = await send(target, inner)
    replies[number] = asyncio.get_running_loop().create_future()
    try:
        return {"type": "proxy_ok", "result": await asyncio.wait_for(replies[number], timeout=1)}
    except asyncio.TimeoutError:
        return {"type": "error", "code": 0, "text": "no reply"}


async def serve(message):
    body = message["body"]
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        answer = await proxy(body["target"], body["inner"])
    else:
        answer = {"type": "error", "code": 10, "text": "not supported"}
    await send(message["src"], {**answer, "in_reply_to": body["msg_id"]})


async def main():
    global node_id
    tasks = []
    while line := await asyncio.to_thread(sys.stdin.readline):
        message = json.loads(line)
        body = message["body"]
        if body["type"] == "init":
            node_id = body["node_id"]
            await send(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
        elif "in_reply_to" not in body:
            tasks.append(asyncio.create_task(serve(message)))
        else:
            reply = replies.pop(body["in_reply_to"], None)
            if reply is not None and not reply.done():
                reply.set_result(body)
    await asyncio.gather(*tasks)


asyncio.run(main())

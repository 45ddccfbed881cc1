# corpus: asyncio; the handler is awaited, but it leaves the writing of its answer to a task of its own
# finds: lost-at-eof
# misconception: task-nobody-awaits
# preemptions: 0
# outcome: lost-at-eof
# lines: 27
# workload: ends-early
import asyncio
import json
import sys
from itertools import count

ids = count(1)
calls = {}
node = {"id": None}
writing = asyncio.Lock()


async def write(dest, body):
    text = json.dumps({"src": node["id"], "dest": dest, "body": body})
    async with writing:
        await asyncio.to_thread(lambda: print(text, flush=True))


def answer(message, body):
    body = {**body, "msg_id": next(ids), "in_reply_to": message["body"]["msg_id"]}
    return asyncio.ensure_future(write(message["src"], body))


async def proxy(message):
    body, number = message["body"], next(ids)
    calls[number] = asyncio.Future()
    await write(body["target"], {**body["inner"], "msg_id": number})
    done, _ = await asyncio.wait([calls[number]], timeout=1)
    if done:
        answer(message, {"type": "proxy_ok", "result": calls[number].result()})
    else:
        answer(message, {"type": "error", "code": 0, "text": "no reply"})


async def handle(message):
    body = message["body"]
    if body["type"] == "proxy":
        await proxy(message)
    elif body["type"] == "echo":
        answer(message, {"type": "echo_ok", "echo": body["echo"]})
    else:
        answer(message, {"type": "error", "code": 10, "text": "not supported"})


async def main():
    handlers = set()
    while line := await asyncio.to_thread(sys.stdin.readline):
        message = json.loads(line)
        body = message["body"]
        if body["type"] == "init":
            node["id"] = body["node_id"]
            await answer(message, {"type": "init_ok"})
        elif "in_reply_to" in body:
            if body["in_reply_to"] in calls and not calls[body["in_reply_to"]].done():
                calls[body["in_reply_to"]].set_result(body)
        else:
            handlers.add(asyncio.create_task(handle(message)))
    await asyncio.gather(*handlers)


asyncio.run(main())

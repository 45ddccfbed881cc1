# corpus: asyncio; echo locks the counter and then the pipe, proxy the pipe and then the counter
# finds: deadlock
# misconception: opposite-lock-order
# preemptions: 0
# outcome: no-reply
# lines: 34 42
# workload: proxy-and-echo
import asyncio
import json
import sys

counter_lock = asyncio.Lock()
pipe_lock = asyncio.Lock()
counter = 0
node_id = ""
calls = {}


def take():
    global counter
    counter += 1
    return counter


async def write(dest, body):
    text = json.dumps({"src": node_id, "dest": dest, "body": body}) + "\n"
    await asyncio.to_thread(sys.stdout.write, text)
    await asyncio.to_thread(sys.stdout.flush)


async def reply(message, body):
    async with counter_lock:
        body = {**body, "msg_id": take(), "in_reply_to": message["body"]["msg_id"]}
        async with pipe_lock:
            await write(message["src"], body)


async def ask(target, inner):
    call = asyncio.get_running_loop().create_future()
    async with pipe_lock:
        await asyncio.to_thread(sys.stdout.flush)  # nothing of another's may be left there
        async with counter_lock:
            number = take()
        calls[number] = call
        await write(target, {**inner, "msg_id": number})
    try:
        return {"type": "proxy_ok", "result": await asyncio.wait_for(call, timeout=1)}
    except asyncio.TimeoutError:
        return {"type": "error", "code": 0, "text": "no reply"}


async def handle(message):
    body = message["body"]
    if body["type"] == "proxy":
        await reply(message, await ask(body["target"], body["inner"]))
    elif body["type"] == "echo":
        await reply(message, {"type": "echo_ok", "echo": body["echo"]})
    else:
        await reply(message, {"type": "error", "code": 10, "text": "not supported"})


async def main():
    global node_id
    tasks = set()
    while line := await asyncio.to_thread(sys.stdin.readline):
        message = json.loads(line)
        body = message["body"]
        if body["type"] == "init":
            node_id = body["node_id"]
            await reply(message, {"type": "init_ok"})
        elif "in_reply_to" in body:
            if (call := calls.pop(body["in_reply_to"], None)) and not call.done():
                call.set_result(body)
        else:
            tasks.add(asyncio.create_task(handle(message)))
    await asyncio.gather(*tasks)


asyncio.run(main())

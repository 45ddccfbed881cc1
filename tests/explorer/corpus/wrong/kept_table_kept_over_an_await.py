# corpus: asyncio; the table of calls is copied, the request awaited out, the copy stored: another's entry is gone
# finds: data-race
# misconception: await-between-read-and-write
# preemptions: 0
# outcome: wrong-type
# lines: 29 32
# workload: two-proxies
import asyncio
import itertools
import json
import sys
import threading

ids = itertools.count()
calls = {}
name = None


async def put(dest, number, body):
    line = json.dumps({"src": name, "dest": dest, "body": {**body, "msg_id": number}}) + "\n"
    await asyncio.sleep(0)  # let the others have a turn
    sys.stdout.write(line)
    sys.stdout.flush()


async def ask(target, inner):
    global calls
    number, answered = next(ids), asyncio.Event()
    table = dict(calls)
    table[number] = call = [answered, None]
    await asyncio.sleep(0)  # room for the others
    calls = table
    await put(target, number, inner)
    try:
        await asyncio.wait_for(answered.wait(), 1)
    except asyncio.TimeoutError:
        return {"type": "error", "code": 0, "text": "no reply"}
    return {"type": "proxy_ok", "result": call[1]}


async def handle(src, body):
    answer = {"type": "error", "code": 10, "text": "not supported"}
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        answer = await ask(body["target"], body["inner"])
    await put(src, next(ids), {**answer, "in_reply_to": body["msg_id"]})


def read(loop, inbox):
    for line in sys.stdin:
        loop.call_soon_threadsafe(inbox.put_nowait, json.loads(line))
    loop.call_soon_threadsafe(inbox.put_nowait, None)


async def main():
    global name
    inbox, tasks = asyncio.Queue(), []
    threading.Thread(target=read, args=(asyncio.get_running_loop(), inbox), daemon=True).start()
    while message := await inbox.get():
        src, body = message["src"], message["body"]
        if body["type"] == "init":
            name = body["node_id"]
            await put(src, next(ids), {"type": "init_ok", "in_reply_to": body["msg_id"]})
        elif "in_reply_to" in body:
            if body["in_reply_to"] in calls:
                calls[body["in_reply_to"]][1] = body
                calls[body["in_reply_to"]][0].set()
        else:
            tasks.append(asyncio.create_task(handle(src, body)))
    await asyncio.gather(*tasks)


asyncio.run(main())

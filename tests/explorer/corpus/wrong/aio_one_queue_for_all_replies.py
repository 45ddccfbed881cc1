# corpus: tasks wait for their replies at one queue: who came first takes whatever comes; the number that each takes is no matter
# finds: cross-talk
# misconception: none
# preemptions: 0
# outcome: cross-talk
# lines: 32
# workload: two-proxies
import asyncio
import json
import sys

node = ""
count = 0
outbox = None       # asyncio.Queue of messages to write
inboxes = {}        # our msg_id -> asyncio.Queue of the proxy that waits
proxies = set()
replies = asyncio.Queue()


async def send(dest, body, inbox=None):
    global count
    body = dict(body)
    body["msg_id"] = count
    count += 1
    if inbox is not None:
        inboxes[body["msg_id"]] = inbox
    await outbox.put({"src": node, "dest": dest, "body": body})
    return body["msg_id"]


async def reply(request, kind, **rest):
    body = {"type": kind, "in_reply_to": request["body"]["msg_id"]}
    body.update(rest)
    await send(request["src"], body)


async def writer():
    while True:
        message = await outbox.get()
        text = json.dumps(message)
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
        outbox.task_done()


async def proxy(request):
    body = request["body"]
    inbox = replies
    number = await send(body["target"], body["inner"], inbox)
    try:
        async with asyncio.timeout(1.0):
            answer = await inbox.get()
    except TimeoutError:
        await reply(request, "error", code=0, text="no reply from " + body["target"])
    else:
        await reply(request, "proxy_ok", result=answer)
    finally:
        inboxes.pop(number, None)


async def handle(message):
    global node
    body = message["body"]
    if "in_reply_to" in body:
        inbox = inboxes.get(body["in_reply_to"])
        if inbox is not None:
            await inbox.put(body)
        return
    kind = body.get("type")
    if kind == "init":
        node = body["node_id"]
        await reply(message, "init_ok")
    elif kind == "echo" and "echo" in body:
        await reply(message, "echo_ok", echo=body["echo"])
    elif kind == "proxy" and "target" in body and "inner" in body:
        task = asyncio.create_task(proxy(message))
        proxies.add(task)
        task.add_done_callback(proxies.discard)
    elif kind in ("echo", "proxy"):
        await reply(message, "error", code=12, text="a field is missing")
    else:
        await reply(message, "error", code=10, text="unknown type")


def is_message(message):
    if not isinstance(message, dict) or not isinstance(message.get("src"), str):
        return False
    body = message.get("body")
    if not isinstance(body, dict):
        return False
    number = body["in_reply_to"] if "in_reply_to" in body else body.get("msg_id")
    return type(number) is int


async def main():
    global outbox
    outbox = asyncio.Queue()
    reader = asyncio.StreamReader(limit=64 * 1024 * 1024)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    writing = asyncio.create_task(writer())
    while True:
        line = await reader.readline()
        if not line:
            break
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if is_message(message):
            await handle(message)
    while proxies:
        await asyncio.wait(proxies)
    await outbox.join()
    writing.cancel()


if __name__ == "__main__":
    asyncio.run(main())

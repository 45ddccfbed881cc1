# corpus: asyncio; the coroutine waits for the peer with queue.Queue.get, which stops the whole loop
# finds: blocked
# misconception: blocking-call-in-the-loop
# preemptions: 0
# outcome: blocked
# lines: 28
# workload: proxy-held
import asyncio
import itertools
import json
import queue
import sys
import threading

ids = itertools.count()
boxes = {}
node_id = None


def send(dest, number, body):
    print(json.dumps({"src": node_id, "dest": dest, "body": {**body, "msg_id": number}}), flush=True)


async def rpc(dest, body):
    number, box = next(ids), queue.Queue()
    boxes[number] = box
    send(dest, number, body)
    return box.get(timeout=1)


async def handle(message):
    body = message["body"]
    answer = {"type": "error", "code": 10, "text": "not supported"}
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        try:
            answer = {"type": "proxy_ok", "result": await rpc(body["target"], body["inner"])}
        except queue.Empty:
            answer = {"type": "error", "code": 0, "text": "no reply"}
    send(message["src"], next(ids), {**answer, "in_reply_to": body["msg_id"]})


def read(loop, requests):
    for line in sys.stdin:
        message = json.loads(line)
        number = message["body"].get("in_reply_to")
        if number is None:
            loop.call_soon_threadsafe(requests.put_nowait, message)
        elif number in boxes:
            boxes[number].put(message["body"])
    loop.call_soon_threadsafe(requests.put_nowait, None)


async def main():
    global node_id
    requests, tasks = asyncio.Queue(), []
    threading.Thread(target=read, args=(asyncio.get_running_loop(), requests), daemon=True).start()
    while (message := await requests.get()) is not None:
        if message["body"]["type"] == "init":
            node_id = message["body"]["node_id"]
            body = {"type": "init_ok", "in_reply_to": message["body"]["msg_id"]}
            send(message["src"], next(ids), body)
        else:
            tasks.append(asyncio.create_task(handle(message)))
    await asyncio.gather(*tasks)


asyncio.run(main())

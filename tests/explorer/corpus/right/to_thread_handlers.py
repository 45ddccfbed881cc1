# corpus: asyncio reads and dispatches; handlers are plain functions in threads, behind one threading.Lock
# finds: nothing
# suites: rpc maelstrom-echo
import asyncio
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue

lock = threading.Lock()
sent, me, slots = 0, None, {}


def send(dest, body, slot=None):
    global sent
    with lock:
        if slot:
            slots[sent] = slot
        print(json.dumps({"src": me, "dest": dest, "body": {**body, "msg_id": sent}}), flush=True)
        sent += 1


def handle(src, body):
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        slot = SimpleQueue()
        send(body["target"], body["inner"], slot)
        try:
            answer = {"type": "proxy_ok", "result": slot.get(timeout=1)}
        except Empty:
            answer = {"type": "error", "code": 0, "text": "no reply"}
    else:
        answer = {"type": "error", "code": 10, "text": "not supported"}
    send(src, {**answer, "in_reply_to": body["msg_id"]})


async def main():
    global me
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1100))
    handlers = []
    while line := await asyncio.to_thread(sys.stdin.readline):
        message = json.loads(line)
        src, body = message["src"], message["body"]
        if body["type"] == "init":
            me = body["node_id"]
            send(src, {"type": "init_ok", "in_reply_to": body["msg_id"]})
        elif "in_reply_to" in body:
            with lock:
                slot = slots.pop(body["in_reply_to"], None)
            if slot:
                slot.put(body)
        else:
            handlers.append(asyncio.create_task(asyncio.to_thread(handle, src, body)))
    await asyncio.gather(*handlers)


asyncio.run(main())

# corpus: a pool of two; a proxy hands the waiting to the same pool and waits for it: two proxies take both workers
# finds: deadlock
# misconception: pool-that-waits-for-itself
# preemptions: 0
# outcome: no-reply
# lines: 44
import json
import queue
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(max_workers=2)
lock = threading.Lock()
next_id = 0
node_id = None
slots = {}


def write(dest, body, slot=None):
    global next_id
    with lock:
        if slot:
            slots[next_id] = slot
        print(json.dumps({"src": node_id, "dest": dest, "body": {**body, "msg_id": next_id}}), flush=True)
        next_id += 1


def ask(target, inner):
    slot = queue.Queue()
    write(target, inner, slot)
    try:
        return slot.get(timeout=1)
    except queue.Empty:
        return None


def handle(message):
    body = message["body"]
    answer = {"type": "error", "code": 10, "text": "not supported"}
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        result = pool.submit(ask, body["target"], body["inner"]).result()
        answer = {"type": "proxy_ok", "result": result}
        if result is None:
            answer = {"type": "error", "code": 0, "text": "no reply"}
    write(message["src"], {**answer, "in_reply_to": body["msg_id"]})


futures = []
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node_id = body["node_id"]
        write(message["src"], {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        with lock:
            slot = slots.pop(body["in_reply_to"], None)
        if slot:
            slot.put(body)
    else:
        futures.append(pool.submit(handle, message))
for future in futures:
    future.result()
pool.shutdown()

# corpus: a pool of two; each handler leaves the writing to the same pool and waits for it: two echoes take both workers
# finds: deadlock
# misconception: pool-that-waits-for-itself
# preemptions: 0
# outcome: no-reply
# lines: 32
# workload: two-echoes
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


def reply(message, body):
    written = pool.submit(write, message["src"], {**body, "in_reply_to": message["body"]["msg_id"]})
    written.result()


def echo(message):
    reply(message, {"type": "echo_ok", "echo": message["body"]["echo"]})


def proxy(message):
    slot = queue.Queue()
    write(message["body"]["target"], message["body"]["inner"], slot)
    try:
        reply(message, {"type": "proxy_ok", "result": slot.get(timeout=1)})
    except queue.Empty:
        reply(message, {"type": "error", "code": 0, "text": "no reply"})


waiting = []
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    if body["type"] == "init":
        node_id = body["node_id"]
        reply(message, {"type": "init_ok"})
    elif "in_reply_to" in body:
        with lock:
            slot = slots.pop(body["in_reply_to"], None)
        if slot:
            slot.put(body)
    elif body["type"] == "echo":
        pool.submit(echo, message)
    elif body["type"] == "proxy":  # it may wait long: not in the pool
        waiting.append(threading.Thread(target=proxy, args=(message,)))
        waiting[-1].start()
    else:
        reply(message, {"type": "error", "code": 10, "text": "not supported"})
for thread in waiting:
    thread.join()
pool.shutdown()

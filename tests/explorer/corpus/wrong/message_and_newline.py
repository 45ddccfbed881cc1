# corpus: the message and its newline are two writes, and nothing keeps another thread from writing between them
# finds: data-race
# misconception: message-in-pieces
# preemptions: 1
# outcome: torn-line
# lines: 20 21
# workload: two-echoes
import itertools
import json
import sys
import threading
from queue import Empty, SimpleQueue

ids = itertools.count()
slots = {}
node = {}


def write(dest, body, number):
    sys.stdout.write(json.dumps({"src": node["id"], "dest": dest, "body": {**body, "msg_id": number}}))
    sys.stdout.write("\n")
    sys.stdout.flush()


def proxy(body):
    number, slot = next(ids), SimpleQueue()
    slots[number] = slot
    write(body["target"], body["inner"], number)
    try:
        return {"type": "proxy_ok", "result": slot.get(timeout=1)}
    except Empty:
        return {"type": "error", "code": 0}


def handle(src, body):
    if body["type"] == "proxy":
        answer = proxy(body)
    elif body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "init":
        node["id"] = body["node_id"]
        answer = {"type": "init_ok"}
    else:
        answer = {"type": "error", "code": 10}
    write(src, {**answer, "in_reply_to": body["msg_id"]}, next(ids))


for line in sys.stdin:
    message = json.loads(line)
    src, body = message["src"], message["body"]
    if body["type"] == "init":
        handle(src, body)
    elif "in_reply_to" in body:
        if slot := slots.pop(body["in_reply_to"], None):
            slot.put(body)
    else:
        threading.Thread(target=handle, args=(src, body)).start()

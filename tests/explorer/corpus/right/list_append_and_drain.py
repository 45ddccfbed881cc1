# corpus: handlers append lines to a list, and whoever gets the lock takes them off its front one by one
# finds: nothing
# suites: rpc maelstrom-echo
import itertools
import json
import sys
import threading
from collections import deque
from queue import Empty, SimpleQueue

ids = itertools.count()
lines = deque()
writing = threading.Lock()
slots = {}
me = None


def send(dest, number, body):
    lines.append(json.dumps({"src": me, "dest": dest, "body": {**body, "msg_id": number}}) + "\n")
    with writing:
        while lines:
            sys.stdout.write(lines.popleft())
        sys.stdout.flush()


def handle(src, body):
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        number, slot = next(ids), SimpleQueue()
        slots[number] = slot
        send(body["target"], number, body["inner"])
        try:
            answer = {"type": "proxy_ok", "result": slot.get(timeout=1)}
        except Empty:
            answer = {"type": "error", "code": 0, "text": "no reply"}
    else:
        answer = {"type": "error", "code": 10, "text": "not supported"}
    send(src, next(ids), {**answer, "in_reply_to": body["msg_id"]})


for line in iter(sys.stdin.readline, ""):
    message = json.loads(line)
    src, body = message["src"], message["body"]
    if body["type"] == "init":
        me = body["node_id"]
        send(src, next(ids), {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        if slot := slots.pop(body["in_reply_to"], None):
            slot.put(body)
    else:
        threading.Thread(target=handle, args=(src, body)).start()

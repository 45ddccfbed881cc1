# corpus: ids from itertools.count, whose next is one step; stdout alone has a lock
# finds: nothing
# suites: rpc maelstrom-echo
import itertools
import json
import sys
import threading
from queue import Empty, SimpleQueue

ids = itertools.count()
slots = {}
stdout = threading.Lock()
node_id = None


def write(dest, number, body):
    line = json.dumps({"src": node_id, "dest": dest, "body": {**body, "msg_id": number}})
    with stdout:
        print(line, flush=True)


def proxy(body):
    number, slot = next(ids), SimpleQueue()
    slots[number] = slot
    write(body["target"], number, body["inner"])
    try:
        return {"type": "proxy_ok", "result": slot.get(timeout=1)}
    except Empty:
        slots.pop(number, None)
        return {"type": "error", "code": 0, "text": "no reply"}


def handle(src, body):
    if body["type"] == "echo":
        answer = {"type": "echo_ok", "echo": body["echo"]}
    elif body["type"] == "proxy":
        answer = proxy(body)
    else:
        answer = {"type": "error", "code": 10, "text": "not supported"}
    write(src, next(ids), {**answer, "in_reply_to": body["msg_id"]})


for line in sys.stdin:
    message = json.loads(line)
    src, body = message["src"], message["body"]
    if body["type"] == "init":
        node_id = body["node_id"]
        write(src, next(ids), {"type": "init_ok", "in_reply_to": body["msg_id"]})
    elif "in_reply_to" in body:
        if slot := slots.pop(body["in_reply_to"], None):
            slot.put(body)
    else:
        threading.Thread(target=handle, args=(src, body)).start()
